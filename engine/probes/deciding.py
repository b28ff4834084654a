"""What a model of two numbers answers all over their plane: its decision surface."""

from contextlib import closing
from typing import Final

import numpy as np
import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.data.meaning import Meaning, class_names
from engine.training.material import Material
from engine.training.questions import DecisionMapped
from nodes.errors import DataError

SIDE: Final = 96
MOST_POINTS: Final = 1000
_MARGIN: Final = 0.12
"""Of the extent of the samples, beyond them on each side."""


def map_decision(
    compiled: CompiledModel,
    material: Material,
    meaning: Meaning | None,
    *,
    step: int,
    epoch: float,
) -> DecisionMapped:
    """Ask the model on a grid around its validation samples; it is in evaluation mode.

    Raises:
        DataError: It takes something else than one vector of two numbers.
    """
    feed, inputs = material.validation, compiled.plan.inputs
    shape = material.probe[inputs[0]].shape[1:] if len(inputs) == 1 else ()
    if meaning is None or tuple(shape) != (2,) or not feed.samples:
        raise DataError(
            "There is no plane to show",
            why="A decision surface is of models that take two numbers.",
            hint="Open the project Two moons to see one.",
        )
    places = feed.spread(min(feed.samples, MOST_POINTS))
    with closing(feed.batches(places, len(places))) as batches:
        batch = next(batches)
    points = batch[inputs[0]].float()
    low, high = _extent(points)
    with torch.no_grad():
        answers = compiled.outputs({inputs[0]: grid(low, high)})[meaning.output].float()
    called, scores = _read(answers, meaning)
    return DecisionMapped(
        step=step,
        epoch=epoch,
        side=SIDE,
        low=(float(low[0]), float(low[1])),
        high=(float(high[0]), float(high[1])),
        called=called,
        scores=scores.cpu().numpy().astype(np.float32).tobytes(),
        points=points.cpu().numpy().tobytes(),
        truths=_truths(batch.get(meaning.target), meaning),
        names=("no", "yes") if meaning.kind == "yes_no" else class_names(material.spec, meaning),
    )


def grid(low: Tensor, high: Tensor) -> Tensor:
    """Return the places of the grid, row by row.

    Shapes:
        low: (2,)
        high: (2,)
        out: (96 * 96, 2)
    """
    x, y = (
        torch.linspace(float(low[k]), float(high[k]), SIDE, device=low.device) for k in range(2)
    )
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([columns, rows], -1).reshape(-1, 2)


def _extent(points: Tensor) -> tuple[Tensor, Tensor]:
    low, high = points.amin(0), points.amax(0)
    margin = (high - low).clamp(min=1e-6) * _MARGIN
    return low - margin, high + margin


def _read(answers: Tensor, meaning: Meaning) -> tuple[bytes, Tensor]:
    if meaning.kind == "classes" and answers.ndim == 2:
        sure, called = answers.softmax(1).max(1)
        return called.to(torch.uint8).cpu().numpy().tobytes(), sure
    flat = answers.reshape(len(answers), -1)[:, 0]
    if meaning.kind == "yes_no":
        share = flat.sigmoid()
        called = (share > 0.5).to(torch.uint8)
        return called.cpu().numpy().tobytes(), torch.where(share > 0.5, share, 1 - share)
    return b"", flat


def _truths(target: Tensor | None, meaning: Meaning) -> bytes:
    if target is None or meaning.kind == "numbers" or target.numel() != len(target):
        return b""
    labels = target.reshape(-1) > 0.5 if meaning.kind == "yes_no" else target.reshape(-1)
    return labels.int().cpu().numpy().astype(np.int32).tobytes()
