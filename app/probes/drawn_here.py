"""What the rest of a model draws from a place on the map of a layer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.plots.square_picture import SquarePicture
from app.widgets import SectionTitle
from engine.training.events import RunEnded, RunStarted, TrainingEvent
from engine.training.questions import DrawPoint, NotAnswered, PointDrawn, RunOpened

_SIDE_PX = 120


class DrawnHere(QWidget):
    """Asks for the picture of a place; a faster hand waits for the picture before."""

    asked = Signal(object)
    """A ``DrawPoint`` for the worker."""

    def __init__(self) -> None:
        super().__init__()
        self._node = ""
        self._number = 0
        self._is_waiting = False
        self._wanted: tuple[float, float] | None = None
        self.picture = SquarePicture()
        self.picture.setFixedSize(_SIDE_PX, _SIDE_PX)
        self.picture.setAccessibleName(self.tr("What is drawn from here"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(8)
        column.addWidget(SectionTitle(self.tr("Drawn from here"), self.tr("drag on the map")))
        column.addWidget(self.picture)

    def show_node(self, node: str) -> None:
        """Draw from the map of this layer."""
        self._node = node

    def want(self, x: float, y: float) -> None:
        """Draw from a place."""
        self._wanted = (x, y)
        if not self._is_waiting:
            self._ask()

    def take(self, event: TrainingEvent) -> None:
        """Take what a run says."""
        match event:
            case PointDrawn() if event.number == self._number:
                self._show(event)
            case RunStarted() | RunOpened() | RunEnded() | NotAnswered(question="draw_point"):
                # Of a worker that was lost no answer comes any more.
                self._is_waiting, self._wanted = False, None
            case _:
                pass

    def _ask(self) -> None:
        if self._wanted is None:
            return
        self._number += 1
        self._is_waiting = True
        (x, y), self._wanted = self._wanted, None
        self.asked.emit(DrawPoint(number=self._number, node=self._node, x=x, y=y))

    def _show(self, event: PointDrawn) -> None:
        self._is_waiting = False
        if event.shape:
            self.picture.show_pixels(np.frombuffer(event.pixels, np.uint8).reshape(event.shape))
        self._ask()
