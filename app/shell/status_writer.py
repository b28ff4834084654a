"""What the status bar says, from the analysis and from the events of a run."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from app.awaited import are_awaited
from app.document import Document
from app.figures import amount, byte_size, count, duration, percent, rate, rough_percent
from app.redraws import Redraw
from app.shell.status_bar import StatusBar
from engine.analysis.cost import forecast
from engine.training.events import (
    RunChanged,
    RunStarted,
    RunWentBack,
    StepEnded,
    TrainingEvent,
    WorkerReady,
)
from engine.training.waiting import PREPARING, Underway
from engine.training.watch_cost import WatchCost

_FULL_WARN, _FULL_ERR = 0.85, 0.95
_DURING_RUN = "training", "paused", "stopping"


class StatusWriter(QObject):
    """Keeps the status bar true."""

    def __init__(self, bar: StatusBar, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._bar = bar
        self._document = document
        self._phase = "starting"
        self._measured = ""
        self._steps = 0
        self._step: StepEnded | None = None
        self._news = Redraw(bar, self._write_step)
        document.report_changed.connect(self.write_analysis)
        document.recipe_changed.connect(self.write_analysis)
        document.memory_changed.connect(self.write_analysis)
        document.history_changed.connect(self._write_state)
        self.write_analysis()
        self._bar.show_part("device", "", self.tr("Starting PyTorch…"))

    def set_phase(self, phase: str) -> None:
        """Say what the engine is doing."""
        self._phase = phase
        if phase not in _DURING_RUN:
            for part in ("step", "speed", "left", "looking"):
                self._bar.show_part(part, "")
            self._step = None
        self._write_state()

    def take(self, events: Sequence[TrainingEvent]) -> None:
        """Follow a frame's worth of events."""
        for event in events:
            match event:
                # It may be ready after a run was found that another process trains.
                case WorkerReady() if self._phase not in _DURING_RUN:
                    self._bar.show_part(
                        "device", "", event.devices[0], tip=f"PyTorch {event.torch}"
                    )
                case RunChanged():
                    self._steps = event.steps
                case RunStarted():
                    self._steps = event.steps
                    self._bar.show_part("device", "", device_words(event))
                case RunWentBack():
                    self._step = None
                    self._write_place(event.step)
                    for part in ("speed", "left"):
                        self._bar.show_part(part, "")
                case WatchCost():
                    self._write_cost(event)
                case Underway(done=done, total=total) if event.what == PREPARING and total:
                    share = rough_percent(round(done / total, 2))
                    self._bar.show_part("step", share, self.tr("of the data read"))
                case _:
                    pass
        # Of a frame's steps only the last is seen.
        for step in [event for event in events if isinstance(event, StepEnded)][-1:]:
            self._step = step
            self._news.ask(at_once=are_awaited(events))

    def show_measured(self, words: str) -> None:
        """Say beside the work of a sample what a batch was measured to take."""
        self._measured = words
        self.write_analysis()

    def write_analysis(self) -> None:
        """Write cost and problems of the drawing."""
        report = self._document.model_report
        totals = report.totals
        suffix = "" if totals.complete else self.tr(" so far")
        self._bar.show_part("parameters", count(totals.parameters), self.tr("parameters") + suffix)
        if totals.complete:
            self._bar.show_part(
                "flops",
                amount(2 * totals.multiply_adds),
                self.tr("FLOPs / sample"),
                tip=self._measured,
            )
        else:
            waits = self.tr("FLOPs once all shapes are found")
            words = waits if report.questions else self.tr("FLOPs after the errors are fixed")
            self._bar.show_part("flops", "", words)
        self._write_memory()
        self._write_problems()
        self._write_state()

    def _write_memory(self) -> None:
        needed = forecast(self._document.model_report.totals, self._document.project.recipe)
        share = needed.total / self._document.memory_bytes
        icon = "error err" if share > _FULL_ERR else "warning warn" if share > _FULL_WARN else ""
        self._bar.show_part(
            "memory",
            byte_size(needed.total),
            self.tr("of {0} for training").format(byte_size(self._document.memory_bytes)),
            icon=icon,
            tip=self.tr(
                "Weights {0}, gradients {1}, optimiser {2}, activations at most {3}"
            ).format(
                byte_size(needed.weights),
                byte_size(needed.gradients),
                byte_size(needed.optimizer),
                byte_size(needed.activations),
            ),
        )

    def _write_problems(self) -> None:
        problems = self._document.problems
        errors = sum(problem.severity == "error" for problem in problems)
        warnings = len(problems) - errors
        if errors:
            words = self.tr("1 error") if errors == 1 else self.tr("{0} errors").format(errors)
            self._bar.show_part("problems", words, icon="error err")
        elif warnings:
            words = self.tr("1 hint") if warnings == 1 else self.tr("{0} hints").format(warnings)
            self._bar.show_part("problems", "", words, icon="warning warn")
        else:
            self._bar.show_part("problems", "", self.tr("No problems"), icon="check ok")

    def _write_state(self) -> None:
        name = self._document.project.name
        errors = len(self._document.model_report.errors)
        words = {
            "preparing": (self.tr("Preparing"), "warn"),
            "training": (self.tr("Training"), "ok"),
            "paused": (self.tr("Paused"), "warn"),
            "stopping": (self.tr("Stopping"), "warn"),
        }
        if self._phase in words:
            word, dot = words[self._phase]
            self._bar.show_part("state", word, name, dot=dot)
        elif errors:
            count = self.tr("1 error") if errors == 1 else self.tr("{0} errors").format(errors)
            verb = self.tr("blocks training") if errors == 1 else self.tr("block training")
            self._bar.show_part("state", count, verb, icon="error err")
        elif self._phase == "starting":
            self._bar.show_part("state", "", self.tr("Starting PyTorch…"))
        else:
            self._bar.show_part("state", self.tr("Ready"), name)

    def _write_step(self) -> None:
        event = self._step
        if event is None:
            return
        self._write_place(event.step)
        tip = self.tr("{0} samples/s. The model waits for its data {1} of the time.").format(
            rate(event.samples_per_second), percent(event.waiting)
        )
        if event.steps_per_second > 0:
            self._bar.show_part("speed", rate(event.steps_per_second), self.tr("steps/s"), tip=tip)
            self._bar.show_part("left", duration(event.seconds_left), self.tr("left"))

    def _write_place(self, step: int) -> None:
        of = self.tr("of {0}").format(count(self._steps))
        self._bar.show_part("step", self.tr("Step {0}").format(count(step)), of)

    def _write_cost(self, event: WatchCost) -> None:
        """Say what looking into layers takes from training, and why where it could be less."""
        words = {
            "": self.tr("A process of its own looks into the layers."),
            "starting": self.tr("A process of its own is starting; until then training looks."),
            "cores": self.tr("No core is free for a process of its own, so training looks itself."),
            "gpu": self.tr("The model is on a GPU, so training looks itself."),
            "memory": self.tr("The model is too large for a copy, so training looks itself."),
            "own code": self.tr(
                "Layers of your own may keep what cannot be copied, so training looks itself."
            ),
            "refused": self.tr("A process of its own cannot make this model; training looks."),
            "crashed": self.tr("The process that looked ended twice; training looks itself."),
        }
        refreshed = self.tr("Blocks on screen are refreshed {0} times a second.").format(
            round(event.per_second)
        )
        self._bar.show_part(
            "looking",
            percent(event.share),
            self.tr("for looking in"),
            tip="\n".join(filter(None, (refreshed, words.get(event.here, "")))),
        )


def device_words(event: RunStarted) -> str:
    """Return where a run is computed, as the header and the status bar write it."""
    if event.device != "cpu":
        return event.device.upper()
    return f"CPU · {event.threads} thread" + ("s" if event.threads != 1 else "")
