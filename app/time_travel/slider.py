"""The bar with the time slider: replay, the track, and branching from where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.awaited import are_awaited
from app.redraws import Redraw
from app.time_travel.track import Track
from app.widgets import Button, Label
from app.widgets.card import Divider
from engine.runs.moments import Moment
from engine.training.events import (
    EpochEnded,
    RunEnded,
    RunLeft,
    RunStarted,
    RunWentBack,
    StepEnded,
    TrainingEvent,
)
from engine.training.questions import MomentsKept, RunOpened

_SHOWN = (
    *(RunStarted, StepEnded, EpochEnded, RunWentBack, RunEnded),
    *(RunOpened, RunLeft, MomentsKept),
)
_REPLAY_MS = 500
_MOST_POINTS = 400
_POINT_STEPS = 16


class TimeSlider(QWidget):
    """Stands at the run as it is now, until a moment of it is chosen."""

    moment_chosen = Signal(object)
    """The step of the moment that everything is to show; None for the run as it is now."""

    branch_requested = Signal(int)
    """A new run is to go on from the moment of this step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Time"))
        self._moments: tuple[Moment, ...] = ()
        self._step: int | None = None
        self._now = 0.0
        self._held = ""
        self._training: list[tuple[float, float]] = []
        self._validation: list[tuple[float, float]] = []
        self._is_running = False
        self._epochs = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_REPLAY_MS)
        self._timer.timeout.connect(self._replay_on)
        self._build()
        self._news = Redraw(self, self._redraw)
        self.hide()

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The moments that can be gone to."""
        return self._moments

    @property
    def step(self) -> int | None:
        """The step of the moment that is shown; None for now."""
        return self._step

    def show_run(self, moments: Sequence[Moment]) -> None:
        """Show the moments of a run that was opened; its curves come with its events."""
        self._moments = self._with_shown(moments)
        self._redraw()

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Take what a run says."""
        for event in events:
            match event:
                case RunStarted():
                    self._begin(event)
                case StepEnded():
                    self._training += _points(event, self._now)
                    self._now = event.epoch
                case EpochEnded():
                    self._now = max(self._now, float(event.epoch))
                    if event.validation_loss is not None:
                        self._validation.append((float(event.epoch), event.validation_loss))
                case RunWentBack():
                    self._go_back(event.epoch)
                case RunEnded():
                    self._is_running = False
                    if event.has_best_weights and event.best_epoch is not None:
                        self._held = self._best_words(float(event.best_epoch))
                case RunLeft():
                    self._leave()
                case RunOpened():
                    self._held = self._words_of(event)
                case MomentsKept():
                    self._moments = self._with_shown(event.moments)
                case _:
                    pass
        told = [event for event in events if isinstance(event, _SHOWN)]
        if told:
            # Out of sight it gets no turn, and its first moment brings it into sight.
            is_first = self.isHidden() and bool(self._moments)
            self._news.ask(at_once=is_first or are_awaited(told))

    def go_to(self, step: int | None) -> None:
        """Stand at a moment without asking for it."""
        self._step = step
        self._redraw()

    def replay(self) -> None:
        """Go through the moments one by one, from the first where it stands at the end."""
        if self._timer.isActive():
            self._stop_replay()
            return
        if self._place >= len(self._moments):
            self._choose(0)
        self._play.setText(self.tr("Halt"))
        self._timer.start()

    @property
    def _place(self) -> int:
        steps = [moment.step for moment in self._moments]
        return steps.index(self._step) if self._step in steps else len(steps)

    def _begin(self, event: RunStarted) -> None:
        self._leave()
        self._epochs, self._is_running = float(event.epochs), True

    def _leave(self) -> None:
        self._stop_replay()
        self._moments, self._step, self._held = (), None, ""
        self._now, self._epochs, self._is_running = 0.0, 0.0, False
        self._training.clear()
        self._validation.clear()

    def _with_shown(self, moments: Sequence[Moment]) -> tuple[Moment, ...]:
        """Return moments with the one that is shown, which the engine holds as long as it is."""
        shown = [moment for moment in self._moments if moment.step == self._step]
        return tuple(sorted({*moments, *shown}, key=lambda moment: moment.step))

    def _words_of(self, opened: RunOpened) -> str:
        if opened.is_best:
            return self._best_words(opened.epoch)
        return self.tr("Last weights, epoch {0}").format(f"{opened.epoch:.3g}")

    def _best_words(self, epoch: float) -> str:
        return self.tr("Best weights, epoch {0}").format(f"{epoch:.3g}")

    def _go_back(self, epoch: float) -> None:
        self._now = epoch
        self._training = [point for point in self._training if point[0] <= epoch]
        self._validation = [point for point in self._validation if point[0] <= epoch]

    def _redraw(self) -> None:
        self.setVisible(bool(self._moments))
        if not self._moments:
            return
        if len(self._training) > 2 * _MOST_POINTS:
            self._training = self._training[::2]
        self.track.show_curves(self._training, self._validation)
        now = max(self._now, self._moments[-1].epoch)
        self.track.show_moments(self._moments, now, self._place, self._held)
        self._where.setText(self.track.words(self._place))
        why = self._why_not()
        self._branch.setEnabled(not why)
        self._branch.setToolTip(why or self.tr("A new run goes on from this moment."))
        self._to_now.setVisible(self._step is not None)

    def _why_not(self) -> str:
        """Say why no run can be branched from here; nothing where one can."""
        if self._is_running:
            return self.tr("Stop the run first.")
        if self._step is None:
            return self.tr("Go to an earlier moment first.")
        if self._moments[self._place].epoch >= self._epochs > 0:
            return self.tr("The run is over at this moment. Go to an earlier one.")
        return ""

    def _choose(self, place: int) -> None:
        self._step = self._moments[place].step if place < len(self._moments) else None
        self._redraw()
        self.moment_chosen.emit(self._step)

    def _on_place(self, place: int) -> None:
        self._stop_replay()
        self._choose(place)

    def _replay_on(self) -> None:
        if self._place >= len(self._moments):
            self._stop_replay()
        else:
            self._choose(self._place + 1)

    def _stop_replay(self) -> None:
        self._timer.stop()
        self._play.setText(self.tr("Replay"))

    def _on_branch(self) -> None:
        if self._step is not None:
            self.branch_requested.emit(self._step)

    # Building

    def _build(self) -> None:
        self._play = Button(self.tr("Replay"), icon_name="play", extent="small")
        self._play.setAccessibleName(self.tr("Replay"))
        self._play.clicked.connect(self.replay)
        self.track = Track()
        self.track.place_chosen.connect(self._on_place)
        self._where = Label("", "small", "text2")
        self._to_now = Button(self.tr("Back"), "ghost", extent="small")
        self._to_now.setAccessibleName(self.tr("Back from this moment"))
        self._to_now.clicked.connect(lambda: self._on_place(len(self._moments)))
        self._branch = Button(self.tr("Branch a run"), icon_name="split", extent="small")
        self._branch.setAccessibleName(self.tr("Branch a run from here"))
        self._branch.clicked.connect(self._on_branch)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self._to_now)
        buttons.addWidget(self._branch)
        end = QVBoxLayout()
        end.setSpacing(2)
        end.addWidget(self._where)
        end.addLayout(buttons)
        row = QHBoxLayout()
        row.setContentsMargins(16, 6, 16, 6)
        row.setSpacing(14)
        row.addWidget(self._play)
        row.addWidget(self.track, stretch=1)
        row.addLayout(end)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Divider())
        column.addLayout(row)


def _points(block: StepEnded, before: float) -> Iterator[tuple[float, float]]:
    """Yield epochs and mean losses of a block, which may be a whole epoch where a run is replayed.

    Args:
        before: The epoch at which the block begins.
    """
    losses, step = block.losses, (block.epoch - before) / len(block.losses)
    for start in range(0, len(losses), _POINT_STEPS):
        some = losses[start : start + _POINT_STEPS]
        yield before + step * (start + len(some)), sum(some) / len(some)
