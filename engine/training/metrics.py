"""The one figure beside the loss that people read: accuracy, or the mean absolute error."""

from collections.abc import Mapping

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

    def __call__(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> float | Tensor:
        """Return the figure of a batch.

        Shapes:
            out: (), where it is a tensor
        """
        if self._of_pixels:
            return self.of(self.counted(outputs, batch))
        found, target = outputs[self._output].detach(), batch[self._target]
        if self._kind != "numbers" and found.ndim <= 2 and found.device.type == "cpu":
            return self._share(found, target)
        return self._scores(outputs, batch).float().mean()

    def _share(self, found: Tensor, target: Tensor) -> float:
        """Return the share of right answers, as the same division in torch would.

        Between two steps, when nothing of this is in the caches, torch takes 30 µs for it and
        numpy 8 µs: that is seen in the speed of a small network.
        """
        said, truth = found.numpy(), target.numpy()
        is_right = (
            said.argmax(1) == truth if self._kind == "classes" else (said > 0) == (truth > 0.5)
        )
        return float(np.float32(np.count_nonzero(is_right) / is_right.size))

    def counted(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> Tensor:
        """Return what adds up over batches: parts, and what they are parts of.

        Shapes:
            out: (2, classes) where each pixel has a class, else (2, 1)
        """
        if self._of_pixels:
            found = outputs[self._output].detach()
            return class_areas(found.argmax(1), batch[self._target], found.shape[1])
        scores = self._scores(outputs, batch).float()
        return torch.stack([scores.sum(), scores.new_full((), scores.numel())])[:, None]

    def _scores(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> Tensor:
        """Return what is right, or how far off each number is."""
        found, target = outputs[self._output].detach(), batch[self._target]
        match self._kind:
            case "classes":
                return found.argmax(1) == target
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
