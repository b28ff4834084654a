"""The one figure beside the loss that people read: accuracy, or the mean absolute error."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor

from engine.compile.plan import Plan
from engine.data.meaning import (
    Meaning,
    deviation_of,
    is_of_pixels,
    main_meaning,
    meanings,
    output_names,
)
from engine.data.metric_names import ACCURACY, MEAN_ABSOLUTE_ERROR, MEAN_IOU
from engine.data.spec import DataSpec


class Answers(NamedTuple):
    """What was said of a batch, and what is right: counted when somebody reads the figure.

    Between two steps, when nothing of it is in the caches, counting takes as long as a twentieth
    of a step of a small network; those of twenty steps at once take no longer than of one.
    """

    found: Tensor
    """(N, C) scores of classes, or (N, ...) above 0 for yes"""

    target: Tensor
    kind: Literal["classes", "yes_no"]


Measured: TypeAlias = Tensor | Answers
"""The figure of a batch, to be read later."""


class Metric:
    """Measures batches; on a GPU the result stays there until somebody needs the number.

    Args:
        unit: What one unit of the target is on the scale of the data set.
        of_pixels: Each pixel has a class of its own.
    """

    def __init__(self, meaning: Meaning, unit: float = 1.0, *, of_pixels: bool = False) -> None:
        self._unit = unit
        self._output = meaning.output
        self._target = meaning.target
        self._kind = meaning.kind
        self._of_pixels = of_pixels
        self.name = MEAN_ABSOLUTE_ERROR if meaning.kind == "numbers" else ACCURACY
        if of_pixels:
            self.name = MEAN_IOU

    def __call__(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> Measured:
        """Return the figure of a batch.

        Shapes:
            out: (), where it is a tensor
        """
        if self._of_pixels:
            return self.of(self.counted(outputs, batch))
        found, target = outputs[self._output].detach(), batch[self._target]
        if self._kind != "numbers" and found.ndim <= 2 and found.device.type == "cpu":
            return Answers(found, target, self._kind)
        return self._scores(outputs, batch).float().mean()

    def counted(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> Tensor:
        """Return what adds up over batches: parts, and what they are parts of.

        Shapes:
            out: (2, classes) where each pixel has a class, else (2, 1)
        """
        if self._of_pixels:
            found = outputs[self._output].detach()
            return class_areas(_highest(found), batch[self._target], found.shape[1])
        scores = self._scores(outputs, batch).float()
        return torch.stack([scores.sum(), scores.new_full((), scores.numel())])[:, None]

    def _scores(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> Tensor:
        """Return what is right, or how far off each number is."""
        found, target = outputs[self._output].detach(), batch[self._target]
        match self._kind:
            case "classes":
                return _highest(found) == target
            case "yes_no":
                return (found > 0) == (target > 0.5)
            case "numbers":
                return (found - target).abs() * self._unit

    def of(self, counted: Tensor) -> Tensor:
        """Return the figure of what was counted: the mean over the classes that are there.

        Shapes:
            counted: (2, classes)
            out: ()
        """
        parts, wholes = counted.unbind()
        return (parts / wholes.clamp(min=1)).sum().div((wholes > 0).sum().clamp(min=1))


def figures_of(measured: Sequence[Measured]) -> list[float]:
    """Read the figures of batches, one after the other, all at once."""
    figures: list[float] = []
    for _, alike in groupby(measured, key=_sizes):
        batches = list(alike)
        answers = [batch for batch in batches if isinstance(batch, Answers)]
        tensors = [batch for batch in batches if isinstance(batch, Tensor)]
        figures += _shares_right(answers) if answers else torch.stack(tensors).tolist()
    return figures


def _highest(scores: Tensor) -> Tensor:
    """Return the class with the highest score; the first, where several are.

    On a processor numpy finds it in a third of the time, however the scores lie in memory.

    Shapes:
        scores: (N, C, ...)
        out: (N, ...)
    """
    # numpy has no numbers of 16 bits with the range of 32.
    if scores.device.type != "cpu" or scores.dtype == torch.bfloat16:
        return scores.argmax(1)
    return torch.from_numpy(scores.movedim(1, -1).numpy().argmax(-1))


def _sizes(measured: Measured) -> tuple[int, ...]:
    return tuple(measured.found.shape) if isinstance(measured, Answers) else ()


def _shares_right(answers: Sequence[Answers]) -> list[float]:
    """Return the share of each batch, as the same division in torch would."""
    said = torch.cat([batch.found for batch in answers]).numpy()
    truth = torch.cat([batch.target for batch in answers]).numpy()
    of_classes = answers[0].kind == "classes"
    is_right = said.argmax(1) == truth if of_classes else (said > 0) == (truth > 0.5)
    by_batch = is_right.reshape(len(answers), -1)
    shares = np.count_nonzero(by_batch, axis=1) / by_batch.shape[1]
    figures: list[float] = shares.astype(np.float32).tolist()
    return figures


def metrics_by_output(plan: Plan, spec: DataSpec) -> dict[str, Metric]:
    """Return the metric of each output that has a target, by name; none where only one has."""
    found = [meaning for meaning in meanings(plan) if meaning.target]
    if len(found) < 2:
        return {}
    names = output_names(plan)
    made = [(_made(plan, spec, each), names[each.output]) for each in found]
    return {f"{metric.name} of {output}": metric for metric, output in made}


def class_areas(called: Tensor, truth: Tensor, classes: int) -> Tensor:
    """Return for each class the area in common, and the area of both.

    Shapes:
        called, truth: (N, ...) whole numbers
        out: (2, classes)
    """
    named = torch.arange(classes, device=truth.device)[:, None]
    said, is_so = named == called.reshape(1, -1), named == truth.reshape(1, -1)  # (K, pixels)
    return torch.stack([(said & is_so).sum(1), (said | is_so).sum(1)]).float()


def _made(plan: Plan, spec: DataSpec, meaning: Meaning) -> Metric:
    return Metric(meaning, deviation_of(spec, meaning), of_pixels=is_of_pixels(plan, meaning))


def metric_of(plan: Plan, spec: DataSpec) -> Metric | None:
    """Return the metric of the main output, or None where it is compared with nothing."""
    meaning = main_meaning(plan)
    if meaning is None or not meaning.target:
        return None
    return _made(plan, spec, meaning)
