"""A layer's outputs for many samples as points of a plane."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.compile.plan import Step
from engine.compile.stepper import run_at_any_depth
from engine.data.loading import Feed
from engine.data.meaning import Meaning
from engine.graph.elements import End
from engine.training.waiting import Reached, to_the_end

MOST_SAMPLES: Final = 2000
MOST_FEATURES: Final = 1024
NEIGHBOURS: Final = 8
_BATCH: Final = 256

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a layer put out for some validation samples."""

    places: Places
    values: Floats
    """(samples, at most 1,024 features)"""

    features: int
    inputs: Tensor
    """The first input of the model for these samples, on the processor."""

    truths: Places | None
    called: Places | None


def gather_outputs(
    compiled: CompiledModel,
    layer: Step,
    validation: Feed,
    meaning: Meaning | None,
    most: int = MOST_SAMPLES,
    reached: Reached = to_the_end,
) -> Gathered | None:
    """Run at most so many validation samples in even steps; the modules are in evaluation mode.

    None for a layer that does not put out one thing for each sample.

    Args:
        reached: Told between two batches how many samples are done.

    Raises:
        GivenUpError: Nobody waits for it any more.
    """
    places = validation.spread(min(validation.samples, most))
    values, inputs, truths, called = [], [], [], []
    features = done = 0
    with closing(validation.batches(places, _BATCH)) as batches:
        for batch in batches:
            reached(done, len(places))
            found = run_at_any_depth(
                compiled, batch, {layer.node, *(end.node for end in compiled.plan.outputs)}
            )
            outputs = found[End(layer.node, layer.outputs[0])]
            if len(outputs) != len(batch[compiled.plan.inputs[0]]):
                return None
            done += len(outputs)
            outputs = outputs.reshape(len(outputs), -1)
            features = outputs.shape[1]
            values.append(in_even_steps(outputs).float().cpu())
            inputs.append(batch[compiled.plan.inputs[0]].cpu())
            answer = _classes(compiled, found, batch, meaning)
            if answer is not None:
                truths.append(answer[0])
                called.append(answer[1])
    return Gathered(
        places=places,
        values=np.nan_to_num(torch.cat(values).numpy(), nan=0.0, posinf=0.0, neginf=0.0),
        features=features,
        inputs=torch.cat(inputs),
        truths=np.concatenate(truths) if truths else None,
        called=np.concatenate(called) if called else None,
    )


def principal_components(values: Floats) -> tuple[Floats, tuple[float, float]]:
    """Return the two principal components and the shares of the variance that they hold.

    The sign of an axis is free; the sample farthest out lies on its positive side, so that the
    same outputs always give the same picture.

    Shapes:
        values: (N, F)
        out: (N, 2)
    """
    centred = values.astype(np.float64) - values.mean(0, dtype=np.float64)
    samples, features = centred.shape
    if features <= samples:
        spreads, axes = np.linalg.eigh(centred.T @ centred)
        points = centred @ axes[:, -2:]
    else:
        spreads, axes = np.linalg.eigh(centred @ centred.T)
        points = axes[:, -2:] * np.sqrt(np.maximum(spreads[-2:], 0))
    points = _two_columns(points[:, ::-1])
    farthest = np.abs(points).argmax(0)
    signs = np.sign(points[farthest, [0, 1]])
    points = points * np.where(signs == 0, 1, signs)
    total = float(spreads.clip(0).sum()) or 1.0
    shares = [float(max(spread, 0.0)) / total for spread in spreads[::-1][:2]]
    return points.astype(np.float32), (shares[0], shares[1] if len(shares) > 1 else 0.0)


def nearest(values: Floats) -> tuple[npt.NDArray[np.int32], Floats]:
    """Return the eight nearest other samples by cosine similarity, nearest first.

    One number has no direction but a sign: there the least difference is nearest.

    Shapes:
        values: (N, F)
        out: (N, min(8, N - 1)) places among the samples, and their similarities; the differences
            where F is 1
    """
    is_number = values.shape[1] == 1
    alike = -np.abs(values - values.T) if is_number else _cosines(values)
    np.fill_diagonal(alike, -np.inf)
    many = min(NEIGHBOURS, len(values) - 1)
    some = np.argpartition(-alike, max(many - 1, 0), axis=1)[:, :many]
    own = np.take_along_axis(alike, some, axis=1)
    order = np.argsort(-own, axis=1, kind="stable")
    ranked = np.take_along_axis(own, order, axis=1).astype(np.float32)
    return (
        np.take_along_axis(some, order, axis=1).astype(np.int32),
        np.abs(ranked) if is_number else ranked,
    )


def _cosines(values: Floats) -> Floats:
    """Return the cosine between each two samples; 0 where one is all zeros."""
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    directions = values / np.where(lengths > 0, lengths, 1)
    return np.asarray(directions @ directions.T)


def in_even_steps(outputs: Tensor) -> Tensor:
    """Return at most 1,024 of the features: (N, F) to (N, at most 1,024)."""
    return outputs[:, :: -(-outputs.shape[1] // MOST_FEATURES)]


def _two_columns(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    missing = 2 - points.shape[1]
    return np.pad(points, ((0, 0), (0, missing))) if missing else points


def _classes(
    compiled: CompiledModel,
    found: Mapping[End, Tensor],
    batch: Mapping[str, Tensor],
    meaning: Meaning | None,
) -> tuple[Places, Places] | None:
    if meaning is None or meaning.kind != "classes" or meaning.target not in batch:
        return None
    scores, target = found[compiled.plan.outputs[meaning.output]], batch[meaning.target]
    if scores.ndim != 2 or target.ndim != 1:
        return None
    return target.cpu().numpy().astype(np.int64), scores.argmax(1).cpu().numpy()
