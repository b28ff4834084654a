"""What runs came to, figure by figure, and which is the better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.figures import count, duration, figure, millions, percent
from engine.data.metric_names import is_share
from engine.runs.compare import ComparedRun


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure of each run."""

    name: str
    values: tuple[str, ...]
    """As a person reads them; a dash where there is none."""

    best: frozenset[int]
    """The places of the better ones; none where all are the same."""


def figure_lines(runs: Sequence[ComparedRun]) -> list[FigureLine]:
    """Return the figures that at least one of the runs has."""
    metric = next((run.metric for run in runs if run.metric), "")
    same = [run if run.metric == metric else None for run in runs]
    best = [None if run is None else run.best_metric for run in same]
    share = is_share(metric)
    costs = [run.trained.report.totals for run in runs]
    lines = (
        _line(
            f"Best {metric}",
            best,
            percent if share else figure,
            greater=share,
        ),
        _line("Best loss", [run.best_loss for run in runs], figure),
        _line("Wrong, best epoch", [run.wrong for run in runs], _whole),
        _line("Parameters", [float(each.parameters) for each in costs], _whole),
        _line("FLOPs / sample", [2.0 * each.multiply_adds for each in costs], _work),
        _line("Time", [run.seconds or None for run in runs], duration),
        _line("Epochs", [_epochs(run) for run in runs], _whole, compares=False),
    )
    return [line for line in lines if any(value != "–" for value in line.values)]


def _line(
    name: str,
    values: Sequence[float | None],
    words: Callable[[float], str],
    *,
    greater: bool = False,
    compares: bool = True,
) -> FigureLine:
    known = [value for value in values if value is not None]
    best = (max if greater else min)(known) if known else None
    is_told = compares and len(set(known)) > 1
    return FigureLine(
        name,
        tuple("–" if value is None else words(value) for value in values),
        frozenset(k for k, value in enumerate(values) if is_told and value == best),
    )


def _epochs(run: ComparedRun) -> float | None:
    return float(len(run.curves.epochs)) if run.curves is not None else None


def _whole(value: float) -> str:
    return count(round(value))


def _work(value: float) -> str:
    return millions(round(value))
