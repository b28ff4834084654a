"""How good a model is that gives every pixel a class, from the pass that measures the loss."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from msgspec.structs import replace
from torch import Tensor
from torch.nn import functional

from engine.data.meaning import Meaning
from engine.probes.judging import WORST, class_figures
from engine.training.insight import Evaluated, WorstSample

MOST_CLASSES: Final = 64

Counts = npt.NDArray[np.int64]


class MaskJudge:
    """Follows one pass over the validation samples.

    Args:
        meaning: Of the output that is judged.
        names: Of the classes; numbers where there are none.
    """

    def __init__(self, meaning: Meaning, names: Sequence[str] = ()) -> None:
        self._meaning = meaning
        self._names = tuple(names)
        self._classes = meaning.classes
        self._confusion = np.zeros((self._classes, self._classes), np.int64)
        self._most = np.zeros_like(self._confusion)
        self._examples = np.full_like(self._confusion, -1)
        self._loss = 0.0
        self._count = 0
        self._worst: list[tuple[float, float, int, Tensor]] = []

    def add(self, outputs: tuple[Tensor, ...], batch: Mapping[str, Tensor]) -> None:
        """Take in what the model put out for the next samples."""
        scores = outputs[self._meaning.output].detach().float()
        truth = batch.get(self._meaning.target)
        if truth is None or scores.shape[2:] != truth.shape[1:]:
            return
        called = scores.argmax(1)
        losses = functional.cross_entropy(scores, truth, reduction="none").flatten(1).mean(1)
        by_sample = self._cells(truth, called)
        self._confusion += by_sample.sum(0)
        self._note_examples(by_sample)
        self._keep_worst(by_sample, losses, called)
        self._loss += float(losses.sum())
        self._count += len(truth)

    def result(self, *, epoch: int, step: int, is_best: bool) -> Evaluated | None:
        """Return the figures; None where no sample was judged."""
        if not self._count:
            return None
        shares = overlaps(self._confusion)
        figures = tuple(
            replace(each, iou=None if np.isnan(share) else float(share))
            for each, share in zip(class_figures(self._confusion, self._names), shares, strict=True)
        )
        few = self._classes <= MOST_CLASSES
        known = [figure.f1 for figure in figures if figure.f1 is not None]
        return Evaluated(
            epoch=epoch,
            step=step,
            is_best=is_best,
            kind="masks",
            samples=self._count,
            loss=self._loss / self._count,
            classes=figures,
            confusion=_rows(self._confusion) if few else (),
            examples=_rows(self._examples) if few else (),
            accuracy=float(self._confusion.diagonal().sum() / max(self._confusion.sum(), 1)),
            mean_iou=mean_overlap(self._confusion),
            macro_f1=sum(known) / len(known) if known else None,
            worst=tuple(self._told(*each) for each in self._worst),
            masks=b"".join(mask.to(torch.uint8).numpy().tobytes() for *_, mask in self._worst),
        )

    def _cells(self, truth: Tensor, called: Tensor) -> Counts:
        """Count the pixels of each sample by what they are and what they were called.

        Shapes:
            out: (N, K, K)
        """
        count, classes = len(truth), self._classes
        known = (truth >= 0) & (truth < classes)
        # Pixels that the loss ignores are counted behind the last cell.
        cells = torch.where(known, truth * classes + called, classes**2).flatten(1)
        places = torch.arange(count, device=cells.device)[:, None] * (classes**2 + 1)
        counted = torch.bincount((cells + places).flatten(), minlength=count * (classes**2 + 1))
        whole: Counts = counted.reshape(count, -1)[:, :-1].cpu().numpy()
        return whole.reshape(count, classes, classes)

    def _note_examples(self, by_sample: Counts) -> None:
        """Remember for each cell the sample with the most of its pixels."""
        best = by_sample.argmax(0)
        most = by_sample.max(0)
        better = most > self._most
        self._examples[better] = (best + self._count)[better]
        self._most[better] = most[better]

    def _keep_worst(self, by_sample: Counts, losses: Tensor, called: Tensor) -> None:
        for place, cells in enumerate(by_sample):
            entry = (
                mean_overlap(cells),
                float(losses[place]),
                self._count + place,
                called[place].cpu(),
            )
            self._worst.append(entry)
        self._worst.sort(key=lambda entry: entry[:1] + entry[2:3])
        del self._worst[WORST:]

    def _told(self, overlap: float, loss: float, place: int, mask: Tensor) -> WorstSample:
        del mask
        return WorstSample(place=place, truth="", called="", loss=loss, confidence=overlap)


def overlaps(confusion: Counts) -> npt.NDArray[np.float64]:
    """Return the area in common over the area of both, by class; NaN for a class that is nowhere.

    Shapes:
        confusion: (K, K) pixels, by what they are and what they were called
        out: (K,)
    """
    common = confusion.diagonal().astype(np.float64)
    both = confusion.sum(0) + confusion.sum(1) - common
    shares = np.full(len(common), np.nan)
    np.divide(common, both, out=shares, where=both > 0)
    return shares


def mean_overlap(confusion: Counts) -> float:
    """Return the mean of ``overlaps`` over the classes that are there."""
    shares = overlaps(confusion)
    there = ~np.isnan(shares)
    return float(shares[there].mean()) if there.any() else 0.0


def _rows(cells: Counts) -> tuple[tuple[int, ...], ...]:
    return tuple(map(tuple, cells.tolist()))
