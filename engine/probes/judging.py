"""How good a model is on its validation samples, taken from the pass that measures the loss.

Everything is counted from what the model put out for each sample, so an evaluation costs training
next to nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.data.label_errors import suspected
from engine.data.meaning import Band, Meaning
from engine.probes.ranking import class_curves
from engine.training.insight import ClassFigures, Evaluated, Reliability, WorstSample

MOST_CLASSES: Final = 64
WORST: Final = 16
SURE: Final = 0.9
_MOST_POINTS: Final = 1000
_BINS: Final = 10
_MOST_SAMPLES: Final = 100_000
_LARGEST: Final = 1e30

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


class Judge:
    """Follows one pass over the validation samples.

    Args:
        meaning: Of the output that is judged.
        names: Of the classes; numbers where there are none.
        unit: What one unit of the target is on the scale of the data.
        zero: What zero of the target is on the scale of the data.
        band: Around the number that is predicted.
    """

    def __init__(
        self,
        meaning: Meaning,
        names: Sequence[str] = (),
        *,
        unit: float = 1.0,
        zero: float = 0.0,
        band: Band | None = None,
    ) -> None:
        self._meaning = meaning
        self._band = band
        self._ends: list[Floats] = []
        self._names = tuple(names)
        self._unit, self._zero = unit, zero
        self._truths: list[Floats] = []
        self._called: list[Floats] = []
        self._sureness: list[Floats] = []
        self._losses: list[Floats] = []
        self._scores: list[npt.NDArray[np.float32]] = []
        self._count = 0

    def add(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> None:
        """Take in what the model put out for the next samples."""
        found = outputs[self._meaning.output].detach().float()
        target = batch.get(self._meaning.target)
        if target is None or self._count >= _MOST_SAMPLES or not self._fits(found, target):
            return
        self._count += len(target)
        match self._meaning.kind:
            case "classes":
                self._add_classes(found, target)
            case "yes_no":
                self._add_yes_no(found, target)
            case "numbers":
                self._add_numbers(found, target)
        if self._band is not None:
            ends = outputs[self._band.output].detach().double() * self._unit + self._zero
            self._ends.append(_numbers(ends.reshape(len(target), 2).sort(dim=1).values))

    def result(self, *, epoch: int, step: int, is_best: bool) -> Evaluated | None:
        """Return the figures; None where no sample has one right answer of its own."""
        if not self._count:
            return None
        truths, called, losses = map(_joined, (self._truths, self._called, self._losses))
        figures: dict[str, Any] = {
            "epoch": epoch,
            "step": step,
            "is_best": is_best,
            "kind": self._meaning.kind,
            "samples": self._count,
            "loss": float(losses.mean()),
        }
        if self._meaning.kind == "numbers":
            figures |= _of_numbers(truths, called, losses)
            if self._band is not None:
                figures |= _of_band(truths, _joined(self._ends), self._band.coverage)
        else:
            names = self._names if self._meaning.kind == "classes" else ("no", "yes")
            sure = _joined(self._sureness).clip(0, 1)
            labels = truths.astype(np.int64)
            figures |= _of_classes(labels, called.astype(np.int64), sure, losses, names)
            if self._scores:
                scores = np.concatenate(self._scores).astype(np.float64)
                figures["curves"] = class_curves(scores, labels, names)
                figures["suspects"] = _suspects(labels, scores, losses, names)
        return Evaluated(**figures)

    def _fits(self, found: Tensor, target: Tensor) -> bool:
        if self._meaning.kind == "classes":
            # A label that the loss ignores is no class.
            one_each = found.ndim == 2 and target.ndim == 1
            return one_each and bool(((target >= 0) & (target < found.shape[1])).all())
        return found.numel() == target.numel() == len(target)

    def _add_classes(self, found: Tensor, target: Tensor) -> None:
        logs = found.log_softmax(1)
        best, called = logs.max(1)
        own = logs.gather(1, target[:, None])[:, 0]
        self._keep(target, called, -own, best.exp())
        if found.shape[1] <= MOST_CLASSES:
            self._scores.append(torch.nan_to_num(logs.exp()).cpu().numpy())

    def _add_yes_no(self, found: Tensor, target: Tensor) -> None:
        scores = found.reshape(-1)
        truth = target.reshape(-1) > 0.5
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            scores, truth.float(), reduction="none"
        )
        self._keep(truth, scores > 0, loss, scores.abs().sigmoid())
        both = torch.stack([-scores, scores], 1).sigmoid()
        self._scores.append(torch.nan_to_num(both).cpu().numpy())

    def _add_numbers(self, found: Tensor, target: Tensor) -> None:
        truth = target.reshape(-1).double() * self._unit + self._zero
        called = found.reshape(-1).double() * self._unit + self._zero
        self._keep(truth, called, (truth - called) ** 2, None)

    def _keep(self, truth: Tensor, called: Tensor, loss: Tensor, sure: Tensor | None) -> None:
        self._truths.append(_numbers(truth))
        self._called.append(_numbers(called))
        self._losses.append(_numbers(loss))
        if sure is not None:
            self._sureness.append(_numbers(sure))


def confusion_matrix(truths: Places, called: Places, classes: int) -> npt.NDArray[np.int64]:
    """Count samples by what they are (rows) and what they were called (columns)."""
    cells = np.bincount(truths * classes + called, minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.int64)


def class_figures(
    confusion: npt.NDArray[np.int64], names: Sequence[str]
) -> tuple[ClassFigures, ...]:
    """Return precision, recall and F1 of each class."""
    right, there, said = confusion.diagonal(), confusion.sum(1), confusion.sum(0)
    return tuple(
        ClassFigures(
            name=_named(names, k),
            samples=int(there[k]),
            precision=_share(right[k], said[k]),
            recall=_share(right[k], there[k]),
            f1=_share(2 * right[k], there[k] + said[k]),
        )
        for k in range(len(confusion))
    )


def reliability_of(sure: Floats, right: npt.NDArray[np.bool_]) -> tuple[Reliability, ...]:
    """Return confidence and accuracy in ten equal bins of probability; empty bins are left out."""
    bins = np.minimum((sure * _BINS).astype(np.int64), _BINS - 1)
    return tuple(
        Reliability(
            samples=int((bins == k).sum()),
            confidence=float(sure[bins == k].mean()),
            accuracy=float(right[bins == k].mean()),
        )
        for k in range(_BINS)
        if (bins == k).any()
    )


def _of_classes(
    truths: Places, called: Places, sure: Floats, losses: Floats, names: Sequence[str]
) -> dict[str, Any]:
    classes = max(len(names), int(truths.max()) + 1, int(called.max()) + 1)
    confusion = confusion_matrix(truths, called, classes)
    figures = class_figures(confusion, names)
    right = truths == called
    bins = reliability_of(sure, right)
    known = [figure.f1 for figure in figures if figure.f1 is not None]
    wrong = np.flatnonzero(~right)
    worst = wrong[np.argsort(-losses[wrong], kind="stable")][:WORST]
    surest = wrong[np.argsort(-sure[wrong], kind="stable")][:WORST]
    few = classes <= MOST_CLASSES

    def told(place: int) -> WorstSample:
        return WorstSample(
            place=int(place),
            truth=figures[truths[place]].name,
            called=figures[called[place]].name,
            loss=float(losses[place]),
            confidence=float(sure[place]),
        )

    return {
        "classes": figures,
        "confusion": tuple(map(tuple, confusion.tolist())) if few else (),
        "examples": _examples(truths, called, losses, classes) if few else (),
        "accuracy": float(right.mean()),
        "macro_f1": sum(known) / len(known) if known else None,
        "calibration_error": sum(
            b.samples / len(sure) * abs(b.confidence - b.accuracy) for b in bins
        ),
        "reliability": bins,
        "sure_errors": int((sure[wrong] >= SURE).sum()),
        "worst": tuple(told(place) for place in worst),
        "surest": tuple(told(place) for place in surest),
    }


def _suspects(
    labels: Places, scores: Floats, losses: Floats, names: Sequence[str]
) -> tuple[WorstSample, ...]:
    """Return the samples whose label is doubted; the model did not learn from any of them."""
    called = scores.argmax(1)
    found = [place for place in suspected(labels, scores) if called[place] != labels[place]]
    return tuple(
        WorstSample(
            place=int(place),
            truth=_named(names, int(labels[place])),
            called=_named(names, int(called[place])),
            loss=float(losses[place]),
            confidence=float(scores[place].max()),
        )
        for place in found[:WORST]
    )


def _named(names: Sequence[str], number: int) -> str:
    return names[number] if number < len(names) else str(number)


def _of_numbers(truths: Floats, called: Floats, losses: Floats) -> dict[str, Any]:
    spread = float(((truths - truths.mean()) ** 2).sum())
    step = -(-len(truths) // _MOST_POINTS)
    worst = np.argsort(-losses, kind="stable")[:WORST]
    return {
        "mean_absolute_error": float(np.abs(truths - called).mean()),
        "root_mean_square_error": float(np.sqrt(losses.mean())),
        "r_squared": 1 - float(losses.sum()) / spread if spread > 0 else None,
        "truths": tuple(truths[::step].tolist()),
        "predictions": tuple(called[::step].tolist()),
        "places": tuple(range(0, len(truths), step)),
        "worst": tuple(
            WorstSample(
                place=int(place),
                truth=f"{truths[place]:.3g}",
                called=f"{called[place]:.3g}",
                loss=float(losses[place]),
            )
            for place in worst
        ),
    }


def _of_band(truths: Floats, ends: Floats, coverage: float) -> dict[str, Any]:
    step = -(-len(truths) // _MOST_POINTS)
    low, high = ends.T
    return {
        "lows": tuple(low[::step].tolist()),
        "highs": tuple(high[::step].tolist()),
        "inside": float(((truths >= low) & (truths <= high)).mean()),
        "coverage": coverage,
    }


def _examples(
    truths: Places, called: Places, losses: Floats, classes: int
) -> tuple[tuple[int, ...], ...]:
    found = np.full(classes * classes, -1)
    # Later ones overwrite: the greatest loss comes last.
    order = np.argsort(losses, kind="stable")
    found[truths[order] * classes + called[order]] = order
    return tuple(map(tuple, found.reshape(classes, classes).tolist()))


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _joined(parts: Sequence[Floats]) -> Floats:
    # Finite whatever the model put out, so that the figures can be written as JSON.
    return np.nan_to_num(np.concatenate(parts), nan=_LARGEST, posinf=_LARGEST, neginf=-_LARGEST)


def _numbers(values: Tensor) -> Floats:
    numbers: Floats = values.double().cpu().numpy()
    return numbers
