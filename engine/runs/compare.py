"""Runs side by side: what each came to."""

from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np

from engine.analysis.shapes import infer_shapes
from engine.data.metric_names import is_share
from engine.runs.differing import Trained
from engine.runs.record import RunRecord, State
from engine.runs.replay import Curves, Floats, evaluations, read_curves
from engine.training.insight import Evaluated
from nodes.errors import RunError


class ComparedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run with all that is compared of it."""

    folder: Path
    state: State
    started: datetime
    """In the person's own time."""

    trained: Trained
    curves: Curves | None = None
    """None where it ended before its first step."""

    evaluated: Evaluated | None = None
    """Of its best epoch."""

    seconds: float = 0.0
    """Of training, pauses left out."""

    @property
    def metric(self) -> str:
        """What validation measures beside the loss; empty where nothing."""
        return self.curves.metric if self.curves is not None else ""

    @property
    def best_metric(self) -> float | None:
        """The best validation value of the metric."""
        if self.curves is None or not self.metric:
            return None
        return _best(self.curves.validation_metrics, greater=is_share(self.metric))

    @property
    def best_loss(self) -> float | None:
        """The least validation loss."""
        if self.curves is None:
            return None
        return _best(self.curves.validation_losses, greater=False)

    @property
    def wrong(self) -> int | None:
        """How many validation samples its best epoch called wrong."""
        if self.evaluated is None or self.evaluated.accuracy is None:
            return None
        return round((1 - self.evaluated.accuracy) * self.evaluated.samples)


def read_compared(folder: Path) -> ComparedRun:
    """Read all that is compared of a run, also while it trains.

    Raises:
        LoomError: The folder is no run, or its project cannot be read.
    """
    record = RunRecord.open(folder)
    project = record.project_now()
    curves = _curves_of(folder)
    ended = record.info.ended
    seconds = ended.seconds if ended is not None else 0.0
    if not seconds and curves is not None and curves.epoch_seconds.size:
        seconds = float(curves.epoch_seconds[-1])
    return ComparedRun(
        folder=folder,
        state=record.state,
        started=datetime.fromisoformat(record.info.started).astimezone(),
        trained=Trained(project, infer_shapes(project.graph)),
        curves=curves,
        evaluated=_evaluated(folder) if curves is not None else None,
        seconds=seconds,
    )


def _curves_of(folder: Path) -> Curves | None:
    try:
        return read_curves(folder)
    except RunError:
        return None


def _evaluated(folder: Path) -> Evaluated | None:
    found = list(evaluations(folder))
    best = [each for each in found if each.is_best]
    return next(reversed(best or found), None)


def _best(values: Floats, *, greater: bool) -> float | None:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    return float(finite.max() if greater else finite.min())
