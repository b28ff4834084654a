"""What is known of a run from its events, without Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from app.figures import duration, figure, percent, rate, setting
from app.training.words import choice_word, schedule_word
from engine.data.metric_names import is_share, sentence
from engine.runs.record import Branch
from engine.training.events import (
    EpochEnded,
    RunChanged,
    RunEnded,
    RunStarted,
    RunWentBack,
    StepEnded,
)

Phase = Literal["running", "paused", "ended"]
_FOLDER_TIME = re.compile(r"^\d{8}-(\d{2})(\d{2})\d{2}")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its name and a note beside it."""

    name: str
    value: str
    note: str = ""


@dataclass
class RunState:
    """The newest of each kind of event, and the numbers that follow from them."""

    started: RunStarted
    title: str = "Run"
    schedule: str = ""
    branched: Branch | None = None
    """The moment of another run that it went on from."""

    phase: Phase = "running"
    steps: StepEnded | None = None
    back: RunWentBack | None = None
    """Where it went back to, where it has taken no step since."""

    epoch: EpochEnded | None = None
    ended: RunEnded | None = None
    loss: float | None = None
    """Of training, smoothed."""

    metric: float | None = None

    def take_change(self, event: RunChanged) -> None:
        """Go on with the length, and the few words on it, that a changed run has."""
        self.schedule = event.schedule or self.schedule
        self.started = msgspec.structs.replace(
            self.started,
            steps=event.steps,
            epochs=event.epochs,
            steps_per_epoch=event.steps_per_epoch,
            batch_size=event.batch_size or self.started.batch_size,
            optimizer=event.optimizer or self.started.optimizer,
        )

    def take_back(self, event: RunWentBack) -> None:
        """Stand at an earlier step again."""
        self.steps, self.back = None, event
        self.loss = self.metric = None
        if self.epoch is not None and self.epoch.step > event.step:
            self.epoch = None

    @property
    def epochs_done(self) -> float:
        """With the fraction of the current one."""
        return (self.steps or self.back or self.started).epoch

    @property
    def is_percent(self) -> bool:
        """The metric is a share from 0 to 1."""
        return is_share(self.started.metric)

    @property
    def metric_name(self) -> str:
        return sentence(self.started.metric)

    @property
    def start_time(self) -> str:
        """``14:02``, as the name of the run's folder has it; else nothing."""
        found = _FOLDER_TIME.match(Path(self.started.run).name)
        return f"{found[1]}:{found[2]}" if found else ""

    @property
    def caption(self) -> str:
        """``Run 7 · started 14:02 · Adam · batch 64``."""
        started = self.started
        parts = [self.title]
        if self.ended is not None and self.ended.outcome == "finished":
            parts.append(f"finished in {duration(self.ended.seconds)}")
        elif self.start_time:
            parts.append(f"started {self.start_time}")
        if started.optimizer:
            parts.append(choice_word(started.optimizer))
        parts.append(f"batch {started.batch_size}")
        if self.branched is not None:
            parts.append(f"branched at epoch {setting(self.branched.epoch)}")
        return " · ".join(parts)

    @property
    def step(self) -> int:
        if self.ended is not None:
            return self.ended.step
        stands = self.steps or self.back
        return stands.step if stands else self.started.first_step

    def metric_text(self, value: float | None) -> str:
        return percent(value) if self.is_percent else figure(value)

    def figures(self) -> Sequence[Figure]:
        """Loss, metric, learning rate, speed and time, as far as they are known."""
        validation = self.ended or self.epoch
        val_loss = validation.validation_loss if validation else None
        val_metric = validation.validation_metric if validation else None
        figures = [Figure("Loss", figure(self.loss), _val(val_loss, figure(val_loss)))]
        if self.started.metric:
            note = _val(val_metric, self.metric_text(val_metric))
            figures.append(Figure(self.metric_name, self.metric_text(self.metric), note))
        rate_text = setting(self.steps.learning_rate) if self.steps else "–"
        figures.append(Figure("Learning rate", rate_text, schedule_word(self.schedule)))
        speed = rate(self._pace) if self._pace else "–"
        figures.append(Figure("Speed", speed, "steps/s"))
        if self.steps is not None and self.steps.samples_per_second:
            waits = f"waits {percent(self.steps.waiting)}"
            figures.append(Figure("Samples/s", rate(self.steps.samples_per_second), waits))
        return [*figures, self._time()]

    def _time(self) -> Figure:
        if self.ended is not None:
            epochs = setting(self.ended.epoch)
            note = f"{epochs} epoch" if epochs == "1" else f"{epochs} epochs"
            return Figure("Time", duration(self.ended.seconds), note)
        if self.steps is None or not self._pace:
            return Figure("Time left", "–")
        left = self.steps.seconds_left
        return Figure("Time left", duration(left), f"of {duration(self._elapsed() + left)}")

    @property
    def _pace(self) -> float:
        """Steps per second; 0 where that is not known yet."""
        return self.steps.steps_per_second if self.steps else 0.0

    def _elapsed(self) -> float:
        """Seconds since the start; between epochs from their pace."""
        assert self.steps is not None, "asked for only once there are steps"
        if self.epoch is not None and self.epoch.step:
            return self.epoch.seconds * self.steps.step / self.epoch.step
        return self.steps.step / max(self.steps.steps_per_second, 1e-9)


def _val(value: float | None, text: str) -> str:
    return f"val {text}" if value is not None else ""
