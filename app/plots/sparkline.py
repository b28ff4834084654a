"""A curve the height of a line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.theme import current_theme


class Sparkline(QWidget):
    """The shape of a curve without axes."""

    def __init__(self, token: str = "train", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = token
        self._values: tuple[float, ...] = ()
        self.setFixedHeight(20)
        self.setAccessibleName(self.tr("Course"))

    def show_values(self, values: Sequence[float]) -> None:
        """Show values in order; what is not finite is left out."""
        self._values = tuple(value for value in values if math.isfinite(value))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(70, 20)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        if len(self._values) < 2:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(current_theme().colours[self._token], 1.5))
        painter.drawPolyline(QPolygonF(self._points()))

    def _points(self) -> list[QPointF]:
        # More points than pixels only blur the line.
        values = self._values[:: max(1, len(self._values) // max(1, self.width()))]
        low, high = min(values), max(values)
        span = (high - low) or 1.0
        across = (self.width() - 2) / max(1, len(values) - 1)
        down = self.height() - 4
        return [
            QPointF(1 + index * across, 2 + (high - value) / span * down)
            for index, value in enumerate(values)
        ]
