"""Which tokens look at which, as a map with the tokens themselves at its sides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.plots.images import map_image, paint_squares
from app.signs import visible_token
from app.theme import current_theme, font

_CELL_PX, _SMALLEST_PX = 22.0, 3.0
_NAMED_PX = 11.0
"""Cells smaller than a letter have no names at their sides."""

_GAP_PX = 5.0
_LONGEST_NAME_PX = 96.0

Shares = NDArray[np.float32]


class AttentionMap(QWidget):
    """A row for each token that looks; what it looks at stands across."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: Shares = np.zeros((0, 0), np.float32)
        self._rows: tuple[str, ...] = ()
        self._columns: tuple[str, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Attention"))

    def show_shares(self, shares: Shares, rows: Sequence[str], columns: Sequence[str]) -> None:
        """Show how much each row looks at each column.

        Shapes:
            shares: (rows, columns), from 0 to 1
        """
        self._shares = shares
        self._rows = tuple(map(visible_token, rows))
        self._columns = tuple(map(visible_token, columns))
        self.setAccessibleDescription(self._sentences())
        self.updateGeometry()
        self.update()

    def sentence(self, row: int, column: int) -> str:
        """Say one cell in words."""
        share = self._shares[row, column] * 100
        names = self._name(self._rows, row), self._name(self._columns, column)
        return self.tr("{0} looks at {1} with {2}\u202f%").format(*names, f"{share:.1f}")

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """Return row and column below a point."""
        box, cell = self._box(), self._cell_px(self.width())
        if not box.contains(position):
            return None
        row, column = (position.y() - box.top()) // cell, (position.x() - box.left()) // cell
        last_row, last_column = (size - 1 for size in self._shares.shape)
        return min(int(row), last_row), min(int(column), last_column)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(320, self.heightForWidth(320))

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt override
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        return round(self._head_px(width) + self._cell_px(width) * len(self._shares)) + 2

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self.cell_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.sentence(*cell) if cell else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        if not self._shares.size:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        largest = max(float(self._shares.max()), 1e-9)
        pixels = np.rint(self._shares / largest * 255).astype(np.uint8)
        paint_squares(painter, map_image(pixels, theme), self._box())
        painter.setFont(font("small"))
        painter.setPen(theme.colours.text2)
        if self._is_named(self.width()):
            self._paint_names(painter)

    def _paint_names(self, painter: QPainter) -> None:
        box, cell = self._box(), self._cell_px(self.width())
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for place, name in enumerate(self._rows):
            side = QRectF(0, box.top() + place * cell, box.left() - _GAP_PX, cell)
            painter.drawText(side, right, self._elided(painter, name))
        for place, name in enumerate(self._columns):
            if self._are_letters():
                above = QRectF(box.left() + place * cell, 0, cell, box.top())
                painter.drawText(above, Qt.AlignmentFlag.AlignCenter, name)
                continue
            painter.save()
            painter.translate(box.left() + (place + 0.5) * cell, box.top() - _GAP_PX)
            painter.rotate(-90)
            upwards = QRectF(0, -cell / 2, box.top() - _GAP_PX, cell)
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(upwards, left, self._elided(painter, name))
            painter.restore()

    def _elided(self, painter: QPainter, name: str) -> str:
        metrics = painter.fontMetrics()
        return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, round(_LONGEST_NAME_PX))

    def _box(self) -> QRectF:
        rows, columns = self._shares.shape
        cell = self._cell_px(self.width())
        head = self._head_px(self.width())
        return QRectF(self._side_px(), head, columns * cell, rows * cell)

    def _cell_px(self, width: int) -> float:
        columns = max(int(self._shares.shape[1]), 1)
        room = (width - self._side_px() - 2) / columns
        return min(max(room, _SMALLEST_PX), _CELL_PX)

    def _is_named(self, width: int) -> bool:
        return self._cell_px(width) >= _NAMED_PX

    def _are_letters(self) -> bool:
        return all(len(name) == 1 for name in self._columns)

    def _side_px(self) -> float:
        return self._widest_px(self._rows) + _GAP_PX if self._rows else 0.0

    def _head_px(self, width: int) -> float:
        if not self._columns or not self._is_named(width):
            return 0.0
        metrics = QFontMetricsF(font("small"))
        high: float = metrics.height() if self._are_letters() else self._widest_px(self._columns)
        return high + _GAP_PX

    def _widest_px(self, names: Sequence[str]) -> float:
        metrics = QFontMetricsF(font("small"))
        widest = max(float(metrics.horizontalAdvance(name)) for name in names)
        return min(widest, _LONGEST_NAME_PX)

    def _name(self, names: Sequence[str], place: int) -> str:
        return f"“{names[place]}”" if names else self.tr("Step {0}").format(place + 1)

    def _sentences(self) -> str:
        """Say for each row what it looks at most."""
        if not self._shares.size:
            return ""
        best = self._shares.argmax(axis=1).tolist()
        return ". ".join(self.sentence(row, column) for row, column in enumerate(best))
