"""Training as it is followed in a terminal: a bar, and a line for each epoch."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from app.cli.printing import explained
from app.cli.words import THIN_SPACE, duration, figure, figures_line, metric, number, percent
from engine.training.asides import AsideTold
from engine.training.costs import LayersMeasured
from engine.training.events import (
    CheckpointSaved,
    EpochEnded,
    HealthNoted,
    ProbeTaken,
    RateTested,
    RunChanged,
    RunEnded,
    RunFailed,
    RunLeft,
    RunPaused,
    RunResumed,
    RunStarted,
    RunWentBack,
    SamplesChosen,
    StepEnded,
    TrainingEvent,
    WorkerReady,
)
from engine.training.gains import GainsMeasured
from engine.training.heat import HeatTaken
from engine.training.insight import (
    Evaluated,
    GradientsTaken,
    InputExplained,
    InputRefused,
    LayerMapped,
    WeightsTaken,
)
from engine.training.messages import Answer
from engine.training.questions import MomentsKept, RunOpened
from engine.training.texts import AttentionTaken, TextWritten
from engine.training.waiting import PREPARING, Underway
from engine.training.watch_cost import WatchCost

_WORTH_TELLING = 0.05
"""Share of the time in which a model waits for its data."""

_OUTCOMES = {
    "finished": "Finished",
    "stopped": "Stopped, with a checkpoint to go on from",
    "stopped_early": "Stopped early: the validation loss no longer improved",
    "failed": "Ended by a problem",
    "lost": "Lost: the process that trained is gone",
}
_UNSAVED = "Ended, but the last step is not saved"

_NARROWEST = 7
_GAP = 3


class TrainingProgress:
    """Shows the events of one run; to be used as a context."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            TextColumn("{task.fields[figures]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None
        self._run: RunStarted | None = None
        self._lines: _EpochLines | None = None
        # torch takes a second or two before the first event.
        self._waiting = console.status("Loading torch")

    def __enter__(self) -> Self:
        self._waiting.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._waiting.stop()
        self._bar.stop()

    def show(self, event: TrainingEvent) -> None:
        """Take one event."""
        match event:
            case RunStarted():
                self._begin(event)
            case StepEnded():
                self._advance(event)
            case EpochEnded():
                if self._lines is not None:
                    self._console.print(self._lines.line(event))
                    if event.validation_figures:
                        self._console.print(Text(self._lines.beside(event), style="dim"))
            case HealthNoted():
                style = "dim" if event.is_well else "yellow"
                self._console.print(Text(event.text, style=style), soft_wrap=True)
            case RunFailed():
                parts = (("why", event.why), ("to fix", event.hint))
                self._console.print(explained(event.title, *parts), soft_wrap=True)
            case RunEnded():
                self._end(event)
            case Underway(done=done, total=total) if event.what == PREPARING:
                share = f": {percent(done / total, 0)}" if total else ""
                self._waiting.update(f"Reading the data{share}")
            # Of questions: nobody asks any in a terminal.
            case RunOpened() | MomentsKept() | Answer() | Underway():
                pass
            case (
                WorkerReady()
                | SamplesChosen()
                | ProbeTaken()
                | InputRefused()
                | InputExplained()
                | TextWritten()
                | AttentionTaken()
                | Evaluated()
                | WeightsTaken()
                | GradientsTaken()
                | LayerMapped()
                | CheckpointSaved()
                | RunPaused()
                | RunResumed()
                | RunChanged()
                | RunWentBack()
                | RunLeft()
                | RateTested()
                | LayersMeasured()
                | GainsMeasured()
                | AsideTold()
                | HeatTaken()
                | WatchCost()
            ):
                pass

    def _begin(self, run: RunStarted) -> None:
        self._run = run
        self._waiting.stop()
        threads = f", {run.threads} threads" if run.device == "cpu" and run.threads > 1 else ""
        self._console.print(Text(run.project, style="bold"))
        self._console.print(
            f"{number(run.parameters)} parameters · "
            f"{number(run.training_samples)} samples to train, "
            f"{number(run.validation_samples)} to validate · "
            f"batches of {run.batch_size} · {run.device.upper()}{threads}",
            soft_wrap=True,
        )
        for note in run.notes:
            self._console.print(Text(note, style="yellow"), soft_wrap=True)
        self._lines = _EpochLines(run)
        self._console.print(Text(self._lines.heading, style="dim"))
        self._bar.start()
        self._task = self._bar.add_task(
            f"Epoch {int(run.epoch) + 1} of {run.epochs}",
            total=run.steps,
            completed=run.first_step,
            figures="",
        )

    def _advance(self, block: StepEnded) -> None:
        if self._task is None or self._run is None:
            return
        epoch = min(int(block.epoch) + 1, self._run.epochs)
        figures = [
            percent(block.step / max(self._run.steps, 1), 0),
            f"{block.steps_per_second:.0f}{THIN_SPACE}steps/s",
            f"{number(round(block.samples_per_second))}{THIN_SPACE}samples/s",
            *([f"waits {percent(block.waiting, 0)}"] if block.waiting > _WORTH_TELLING else []),
            f"{duration(block.seconds_left)} left",
            f"loss {figure(block.losses[-1])}",
        ]
        self._bar.update(
            self._task,
            completed=block.step,
            description=f"Epoch {epoch} of {self._run.epochs}",
            figures="   ".join(figures),
        )

    def _end(self, event: RunEnded) -> None:
        self._waiting.stop()
        self._bar.stop()
        if self._run is None and event.outcome == "stopped":
            self._console.print(Text("Stopped before it began", style="bold"))
            return
        outcome = _UNSAVED if event.is_unsaved else _OUTCOMES[event.outcome]
        parts = [outcome, f"after {duration(event.seconds)}"]
        best = event.validation_metric
        if best is not None:
            parts.append(f"validation {event.metric} {metric(best, event.metric)}")
        elif event.validation_loss is not None:
            parts.append(f"validation loss {figure(event.validation_loss)}")
        if event.best_epoch is not None:
            parts.append(f"best in epoch {event.best_epoch}")
        self._console.print(Text(" · ".join(parts), style="bold"), soft_wrap=True)
        self._console.print(f"Run folder: {event.run}", soft_wrap=True)


class _EpochLines:
    """Lines of figures under one heading; figures that a run does not have take no room."""

    def __init__(self, run: RunStarted) -> None:
        self._epochs = run.epochs
        self._metric = run.metric
        self._held_out = run.validation_samples > 0
        names = self._that_apply("epoch", "loss", "validation", run.metric, "validation", "time")
        self._widths = [max(len(name), _NARROWEST) + _GAP for name in names]
        self.heading = self._aligned(names)

    def line(self, event: EpochEnded) -> str:
        """Return the figures of one epoch."""
        cells = self._that_apply(
            f"{event.epoch}/{self._epochs}",
            figure(event.training_loss),
            figure(event.validation_loss),
            metric(event.training_metric, self._metric),
            metric(event.validation_metric, self._metric),
            duration(event.seconds),
        )
        return self._aligned(cells)

    def beside(self, event: EpochEnded) -> str:
        """Return each loss and each output of one epoch, where there are several."""
        return " " * _GAP + figures_line(event.validation_figures)

    def _that_apply(
        self, epoch: str, loss: str, held_out_loss: str, value: str, held_out_value: str, time: str
    ) -> list[str]:
        measured = [(loss, held_out_loss), *([(value, held_out_value)] if self._metric else [])]
        pairs = [pair if self._held_out else pair[:1] for pair in measured]
        return [epoch, *(cell for pair in pairs for cell in pair), time]

    def _aligned(self, cells: list[str]) -> str:
        padded = zip(cells, self._widths, strict=True)
        return "".join(f"{cell:>{width}}" for cell, width in padded)
