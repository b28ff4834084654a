"""How good a trained run is on the samples that were kept aside."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.data.meaning import (
    Meaning,
    answer_field,
    class_names,
    deviation_of,
    is_of_pixels,
    main_meaning,
)
from engine.data.metric_names import ACCURACY, MEAN_ABSOLUTE_ERROR, MEAN_IOU
from engine.data.writing import fill_answer
from engine.evaluate.driving import Drive, drives_of
from engine.evaluate.loading import LoadedRun, load_run
from engine.evaluate.samples import Share, held_out, read_batch
from engine.probes.mask_judging import mean_overlap, overlaps
from engine.runs.record import CheckpointName
from engine.training.metrics import figures_of, metrics_by_output

BATCH = 256


class ClassResult(msgspec.Struct, frozen=True, kw_only=True):
    """How well one class is told from the others."""

    name: str
    samples: int
    precision: float
    """Of the samples called so, the share that are; 0 where none was called so."""

    recall: float
    """Of the samples that are so, the share called so; 0 where there are none."""

    iou: float | None = None
    """For classes of pixels: the area in common over the area of both."""


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one run on one share of its data."""

    run: str
    weights: CheckpointName
    share: Share
    samples: int
    loss: float
    metric: str = ""
    """``accuracy`` for classes and for yes or no, ``mean IoU`` for classes of pixels, ``mean
    absolute error`` for numbers."""

    value: float | None = None
    figures: Mapping[str, float] = {}
    """Each loss where there are several, and the metric of each output where several have one."""

    classes: tuple[ClassResult, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    """A row for each class that a sample is of, a column for each that it was called."""

    drives: tuple[Drive, ...] = ()
    """For a run that steers a car: how far it comes on roads that it never saw."""


def evaluate_run(source: Path | LoadedRun) -> Results:
    """Measure a run on its test samples, or on those it validates with where it has none.

    Raises:
        LoomError: The run, its weights or its data cannot be read.
    """
    loaded = source if isinstance(source, LoadedRun) else load_run(source)
    indices, share = held_out(loaded.plan, loaded.data_set)
    meaning = main_meaning(loaded.plan)
    unit = deviation_of(loaded.spec, meaning)
    tally = _Tally(meaning, unit, of_pixels=is_of_pixels(loaded.plan, meaning))
    figures = _Figures(loaded)
    with torch.inference_mode():
        for start in range(0, len(indices), BATCH):
            read = read_batch(loaded.data_set, loaded.plan, indices[start : start + BATCH])
            batch = _with_own_answer(loaded, read, meaning)
            outputs = loaded.compiled.outputs(batch)
            tally.add(outputs, batch, loaded.compiled.loss(outputs, batch))
            figures.add(outputs, batch)
    return Results(
        run=str(loaded.folder),
        weights=loaded.weights,
        share=share,
        samples=tally.samples,
        loss=tally.loss,
        metric=tally.metric,
        value=tally.value,
        figures=figures.means(tally.samples),
        classes=_by_class(
            tally.confusion, class_names(loaded.spec, meaning), of_pixels=tally.of_pixels
        ),
        confusion=tuple(tuple(row) for row in tally.confusion.tolist()),
        drives=drives_of(loaded),
    )


def _with_own_answer(
    loaded: LoadedRun, batch: Mapping[str, Tensor], meaning: Meaning | None
) -> Mapping[str, Tensor]:
    """Let the model read its own answer so far, as it will have to; in training it reads ours."""
    name = answer_field(loaded.plan, loaded.spec)
    if not name or meaning is None:
        return batch
    return fill_answer(lambda known: loaded.compiled.outputs(known)[meaning.output], batch, name)


class _Figures:
    """The figures that a model has beside its loss and its metric."""

    def __init__(self, loaded: LoadedRun) -> None:
        self._compiled = loaded.compiled
        titles = loaded.plan.loss_titles
        self._titles = titles if len(titles) > 1 else ()
        self._metrics = metrics_by_output(loaded.plan, loaded.spec)
        self._sums: dict[str, float] = {}

    def add(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> None:
        """Take in one batch."""
        found = {
            name: figures_of([metric(outputs, batch)])[0] for name, metric in self._metrics.items()
        }
        if self._titles:
            losses = self._compiled.losses(outputs, batch)
            found |= {t: loss.item() for t, loss in zip(self._titles, losses, strict=True)}
        count = len(next(iter(batch.values())))
        for name, value in found.items():
            self._sums[name] = self._sums.get(name, 0.0) + value * count

    def means(self, samples: int) -> dict[str, float]:
        """Return the mean of each over all samples."""
        return {name: value / max(samples, 1) for name, value in self._sums.items()}


class _Tally:
    """What is added up over the batches."""

    def __init__(self, meaning: Meaning | None, unit: float, *, of_pixels: bool) -> None:
        self._unit = unit
        self.of_pixels = of_pixels
        self.samples = 0
        classes = meaning.classes if meaning and meaning.kind == "classes" else 0
        self.confusion = np.zeros((classes, classes), np.int64)
        self._meaning = meaning
        self._loss = 0.0
        self._scored = 0.0
        self._judged = 0

    @property
    def loss(self) -> float:
        """The mean over all samples."""
        return self._loss / max(self.samples, 1)

    @property
    def metric(self) -> str:
        """What ``value`` is; nothing without a target to compare with."""
        if self._meaning is None or not self._meaning.target:
            return ""
        if self.of_pixels:
            return MEAN_IOU
        return MEAN_ABSOLUTE_ERROR if self._meaning.kind == "numbers" else ACCURACY

    @property
    def value(self) -> float | None:
        """The metric over all samples."""
        if self.of_pixels:
            return mean_overlap(self.confusion)
        return self._scored / self._judged if self.metric and self._judged else None

    def add(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor], loss: Tensor) -> None:
        """Take in one batch."""
        count = len(next(iter(batch.values())))
        self.samples += count
        self._loss += float(loss) * count
        meaning = self._meaning
        if meaning is None or meaning.target not in batch:
            return
        predicted, truth = outputs[meaning.output], batch[meaning.target]
        if meaning.kind == "classes":
            called = predicted.argmax(1)
            self._count(truth, called)
            scored = called == truth
        elif meaning.kind == "yes_no":
            scored = (predicted > 0) == (truth.reshape(predicted.shape) > 0.5)
        else:
            scored = (predicted - truth.reshape(predicted.shape)).abs() * self._unit
        self._scored += float(scored.double().sum())
        self._judged += scored.numel()

    def _count(self, truth: Tensor, called: Tensor) -> None:
        classes = len(self.confusion)
        cells = truth.reshape(-1) * classes + called.reshape(-1)
        self.confusion += (
            torch.bincount(cells, minlength=classes**2).numpy().reshape(classes, classes)
        )


def _by_class(
    confusion: npt.NDArray[np.int64], names: tuple[str, ...], *, of_pixels: bool
) -> tuple[ClassResult, ...]:
    shares = np.nan_to_num(overlaps(confusion))
    right = confusion.diagonal()
    called = confusion.sum(axis=0)
    there = confusion.sum(axis=1)
    return tuple(
        ClassResult(
            name=name,
            samples=int(there[place]),
            precision=float(right[place] / called[place]) if called[place] else 0.0,
            recall=float(right[place] / there[place]) if there[place] else 0.0,
            iou=float(shares[place]) if of_pixels else None,
        )
        for place, name in enumerate(names)
    )
