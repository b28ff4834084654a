"""Asks for an arrangement of samples, part by part, while somebody looks at it."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from engine.training.events import EpochEnded, RunEnded, RunLeft, RunStarted, TrainingEvent
from engine.training.insight import LayerMapped
from engine.training.questions import (
    ArrangeLayer,
    ArrangeMethod,
    LayerArranged,
    MomentShown,
    NotAnswered,
    RunOpened,
)

_PAUSE_MS = 250
_SHARED_SECONDS, _FREE_SECONDS = 0.1, 0.5
"""What each part takes: of a run that goes on, and where nothing else is computed."""


class Arranging(QObject):
    """Keeps the newest arrangement of one layer, and goes on until its samples have arrived."""

    asked = Signal(object)
    """An ``ArrangeLayer`` for the worker."""

    moved = Signal()
    """The samples stand elsewhere now, or there is a reason why they do not."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.mapped: LayerMapped | None = None
        """The samples where they stand now; None before the first answer."""

        self.problem = ""
        """Why there is no arrangement."""

        self.iteration = self.iterations = 0
        self._node = ""
        self._method: ArrangeMethod = "tsne"
        self._seconds = _FREE_SECONDS
        self._is_on = self._is_outdated = self._is_waiting = False
        # Until the person wants it again, or something else is to be arranged.
        self._is_halted = False
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._ask)

    def show_node(self, node: str) -> None:
        """Arrange what another layer puts out."""
        if node != self._node:
            self._node = node
            self._begin()

    def use(self, method: ArrangeMethod) -> None:
        """Arrange in another way."""
        if method != self._method:
            self._method = method
            self._begin()

    def set_on(self, *, on: bool) -> None:
        """Go on while somebody looks, and hold while nobody does."""
        self._is_on = on
        if on:
            self._timer.start()
            self._ask()
        else:
            self._timer.stop()

    def take(self, event: TrainingEvent) -> None:
        """Take what a run says."""
        match event:
            case RunStarted() | RunOpened():
                self._seconds = _SHARED_SECONDS if isinstance(event, RunStarted) else _FREE_SECONDS
                self._begin()
            case RunLeft():
                self._is_halted, self._is_waiting = True, False
                self.mapped, self.problem = None, ""
                self.moved.emit()
            case RunEnded():
                self._seconds = _FREE_SECONDS
                self._is_halted = self._is_halted or event.outcome == "lost"
                # Of a worker that was lost no answer comes any more.
                self._is_outdated, self._is_waiting = True, False
            case EpochEnded() | MomentShown():
                self._is_outdated = True
            case NotAnswered(question="arrange_layer"):
                self._is_waiting, self._is_halted = False, event.again
                self.problem = f"{event.title}. {event.why} {event.hint}".strip()
                self.moved.emit()
            case LayerArranged() if event.node == self._node:
                self._take(event)
            case _:
                pass

    def go_on(self) -> None:
        """Go on after it was given up, or came to nothing."""
        self.problem, self._is_halted = "", False
        self._is_outdated = self._is_outdated or self.mapped is None
        self._ask()

    @property
    def is_done(self) -> bool:
        """Whether the samples have arrived."""
        return self.iterations > 0 and self.iteration >= self.iterations

    def _take(self, event: LayerArranged) -> None:
        self._is_waiting = False
        self.iteration, self.iterations = event.iteration, event.iterations
        mapped = event.mapped or self.mapped
        if mapped is not None:
            self.mapped = replace(mapped, points=event.points, explained=(0.0, 0.0))
        self.moved.emit()

    def _begin(self) -> None:
        self.mapped, self.problem = None, ""
        self.iteration = self.iterations = 0
        self._is_outdated, self._is_waiting, self._is_halted = True, False, False
        self.moved.emit()
        if self._is_on:
            self._ask()

    def _ask(self) -> None:
        """Ask for the next part; for the layer as it is now once the samples have arrived."""
        is_new = self._is_outdated and (self.is_done or self.mapped is None)
        if self._is_waiting or self._is_halted or not self._node or (self.is_done and not is_new):
            return
        if self.problem and not is_new:
            return
        self._is_waiting = True
        if is_new:
            self._is_outdated, self.problem = False, ""
        self.asked.emit(
            ArrangeLayer(node=self._node, method=self._method, is_new=is_new, seconds=self._seconds)
        )
