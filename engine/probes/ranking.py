"""How well scores tell one class from the others: ROC and precision-recall curves.

Every threshold counts for the areas; the curves are told in at most 65 points. The average
precision is the sum of precisions weighted by the steps of recall, without interpolation, which
would flatter (Davis and Goadrich, 2006).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.training.insight import ClassCurves

MOST_POINTS: Final = 65

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]


def class_curves(
    scores: Floats, truths: npt.NDArray[np.int64], names: Sequence[str]
) -> tuple[ClassCurves, ...]:
    """Return the curves of each class against all others, where it has samples and others have.

    Shapes:
        scores: (N, K)
        truths: (N,)
    """
    return tuple(
        curves_of(scores[:, k], truths == k, names[k] if k < len(names) else str(k), k)
        for k in range(scores.shape[1])
        if 0 < int((truths == k).sum()) < len(truths)
    )


def curves_of(scores: Floats, is_so: Truths, name: str, number: int = 0) -> ClassCurves:
    """Return the curves of one class; both kinds of samples are there.

    Shapes:
        scores: (N,), higher for samples of the class
        is_so: (N,)
    """
    right, wrong = _counts(scores, is_so)
    recall, false_rate = right / right[-1], wrong / wrong[-1]
    called = np.maximum(right + wrong, 1)
    # Before the first sample is called there is no precision: it begins at that of the first.
    precision = np.concatenate([[right[1] / called[1]], right[1:] / called[1:]])
    area = float(np.sum(np.diff(false_rate) * (recall[1:] + recall[:-1]) / 2))
    average = float(np.sum(np.diff(recall) * precision[1:]))
    return ClassCurves(
        name=name,
        number=number,
        false_rates=_thinned(false_rate, recall, false_rate),
        recalls=_thinned(recall, recall, false_rate),
        area=area,
        precisions=_thinned(precision, recall, recall),
        precision_recalls=_thinned(recall, recall, recall),
        average_precision=average,
    )


def _counts(scores: Floats, is_so: Truths) -> tuple[Floats, Floats]:
    """Count samples at or above each threshold that are of the class, and that are not."""
    order = np.argsort(-scores, kind="stable")
    ranked, found = scores[order], is_so[order]
    # Equal scores cannot be told apart: only the last of them is a threshold.
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    right = np.cumsum(found)[last]
    wrong = last + 1 - right
    return np.concatenate([[0.0], right]), np.concatenate([[0.0], wrong])


def _thinned(values: Floats, recall: Floats, across: Floats) -> tuple[float, ...]:
    """Take points in even steps along the way of a curve."""
    if len(values) <= MOST_POINTS:
        return tuple(values.tolist())
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(recall)) + np.abs(np.diff(across)))])
    wanted = np.linspace(0, way[-1], MOST_POINTS)
    places = np.searchsorted(way, wanted).clip(0, len(values) - 1)
    return tuple(values[places].tolist())
