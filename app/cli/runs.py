"""``layerloom runs``: what was trained on this machine."""

import msgspec

from app.cli.arguments import JsonOption
from app.cli.printing import out, print_object, table
from app.cli.words import duration, figure, metric
from engine.runs.record import RunRecord, runs_root
from engine.runs.store import list_runs

_STATES = {
    "running": "running",
    "finished": "finished",
    "stopped": "stopped",
    "stopped_early": "stopped early",
    "failed": "ended by a problem",
    "lost": "lost",
}


class ListedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run, as an object."""

    name: str
    """Of its folder; what the other commands take for RUN."""

    run: str
    """The folder."""

    project: str
    started: str
    state: str
    epoch: float | None = None
    seconds: float | None = None
    metric: str = ""
    validation_metric: float | None = None
    validation_loss: float | None = None


def runs(*, json: JsonOption = False) -> None:
    """List the runs, the newest first."""
    found = [_listed(record) for record in list_runs()]
    if json:
        for run in found:
            print_object(run)
    elif found:
        _print_runs(found)
    else:
        out().print(f"No runs yet in {runs_root()}", soft_wrap=True)


def _listed(record: RunRecord) -> ListedRun:
    ended = record.info.ended
    return ListedRun(
        name=record.folder.name,
        run=str(record.folder.absolute()),
        project=record.info.name,
        started=record.info.started,
        state=record.state,
        epoch=ended.epoch if ended else None,
        seconds=ended.seconds if ended else None,
        metric=ended.metric if ended else "",
        validation_metric=ended.validation_metric if ended else None,
        validation_loss=ended.validation_loss if ended else None,
    )


def _print_runs(found: list[ListedRun]) -> None:
    numbers = ("epochs", "time", "loss", "metric")
    rows = table("run", "state", *numbers, numbers=numbers)
    for run in found:
        rows.add_row(
            run.name,
            _STATES[run.state],
            figure(run.epoch),
            "–" if run.seconds is None else duration(run.seconds),
            figure(run.validation_loss),
            metric(run.validation_metric, run.metric),
        )
    out().print(rows)
    out().print("Loss and metric are of samples held out.", style="dim")
