"""How alike layers are, as a matrix of shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import figure
from app.plots.images import map_image, paint_squares
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, font

_NAME_PX, _LINE_PX = 110, 22


class LikenessMatrix(QWidget):
    """A row and a column for each layer; the pointer reads a cell, a click goes to its row."""

    layer_chosen = Signal(int)
    """The place of a layer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._shares: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self._cell = (-1, -1)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Similarity of layers"))
        offer_plot(self, self.table)

    def show_shares(self, names: Sequence[str], shares: NDArray[np.float32]) -> None:
        """Show how alike layers are.

        Shapes:
            shares: (L, L), from 0 to 1
        """
        self._names, self._shares, self._cell = tuple(names), shares, (-1, -1)
        neighbours = [self.words(k, k + 1) for k in range(len(names) - 1)]
        self.setAccessibleDescription("; ".join(neighbours))
        self.update()

    def words(self, row: int, column: int) -> str:
        """Say how alike two layers are."""
        names = self._names[row], self._names[column]
        return self.tr("{0} and {1}: {2}").format(*names, figure(float(self._shares[row, column])))

    def table(self) -> PlotTable:
        """A row and a column for each layer."""
        rows = [
            (name, *(figure(float(share)) for share in row))
            for name, row in zip(self._names, self._shares, strict=True)
        ]
        return PlotTable(self.accessibleName(), (self.tr("Layer"), *self._names), rows)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(_NAME_PX + 240, 260)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        self._point_at(self._at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        row, _ = self._at(event.position())
        if row >= 0:
            self.layer_chosen.emit(row)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt override
        del event
        self._point_at((-1, -1))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        if not len(self._names):
            return
        theme, box = current_theme(), self._box
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pixels = np.rint(self._shares * 255).clip(0, 255).astype(np.uint8)
        paint_squares(painter, map_image(pixels, theme), box, 4)
        side = box.height() / len(self._names)
        painter.setFont(font("micro"))
        for row, name in enumerate(self._names):
            line = QRectF(0, box.top() + row * side, _NAME_PX - 8, side)
            painter.setPen(theme.colours.text if row == self._cell[0] else theme.colours.text2)
            fitting = painter.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideMiddle, round(line.width())
            )
            painter.drawText(
                line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, fitting
            )
        self._paint_cell(painter, box, side)

    def _paint_cell(self, painter: QPainter, box: QRectF, side: float) -> None:
        row, column = self._cell
        colours = current_theme().colours
        words = self.tr("Point at two layers to compare them.")
        if row >= 0:
            painter.setPen(colours.accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(box.left() + column * side, box.top() + row * side, side, side))
            words = self.words(row, column)
        painter.setFont(font("small"))
        painter.setPen(colours.text2)
        painter.drawText(QPointF(box.left(), box.bottom() + 16), words)

    @property
    def _box(self) -> QRectF:
        side = max(20, min(self.width() - _NAME_PX - 8, self.height() - _LINE_PX - 4))
        return QRectF(_NAME_PX, 2, side, side)

    def _at(self, position: QPointF) -> tuple[int, int]:
        box = self._box
        if not (len(self._names) and box.contains(position)):
            return -1, -1
        side = box.height() / len(self._names)
        last = len(self._names) - 1
        row = min(int((position.y() - box.top()) / side), last)
        return row, min(int((position.x() - box.left()) / side), last)

    def _point_at(self, cell: tuple[int, int]) -> None:
        if cell != self._cell:
            self._cell = cell
            self.update()
