"""The confusion matrix: what samples are, down, and what they were called, across."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.figures import amount, count
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, font, text_scale
from app.theme.colormaps import activation_table

_CELL_PX, _SMALLEST_PX = 23, 6
_WIDE_CELL_PX, _NAMED_CELL_PX = 46, 60
"""For pixels: there are more of them than samples."""

_NAME_PX = 96
_HEAD_PX = 20
_FIRST_COLOUR = 96
"""Even one error is seen: the map of strengths begins so far up."""

_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class ConfusionMatrix(QWidget):
    """The diagonal is neutral and errors have colour; what never happened stays empty."""

    cell_chosen = Signal(int, int)
    """Row and column of a cell that holds samples."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[tuple[int, ...], ...] = ()
        self._most = self._most_wrong = 0
        # Every cell asks where the names end: they are measured once for a size of text.
        self._widths: dict[float, float] = {}
        self._names: tuple[str, ...] = ()
        self._chosen: tuple[int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Confusion matrix"))
        offer_plot(self, self.table)

    def show_counts(self, rows: Sequence[Sequence[int]], names: Sequence[str]) -> None:
        """Show how many samples of each class were called what."""
        if len(rows) != len(self._rows):
            self._chosen = None
        self._rows = tuple(map(tuple, rows))
        self._names = tuple(names)
        errors = sum(map(sum, self._rows)) - sum(self._rows[k][k] for k in range(len(rows)))
        self._widths.clear()
        self._most = max(map(max, self._rows), default=0)
        wrong = ((*row[:k], *row[k + 1 :]) for k, row in enumerate(self._rows))
        self._most_wrong = max((many for row in wrong for many in row), default=0)
        self.setAccessibleDescription(self.tr("{0} errors").format(count(errors)))
        self.updateGeometry()
        self.update()

    def colour(self, row: int, column: int) -> QColor | None:
        """Return the ground of a cell; None for an empty one."""
        value = self._rows[row][column]
        theme = current_theme()
        if value == 0:
            return None
        if row == column:
            return theme.colours.hover
        place = _FIRST_COLOUR + (value - 1) * (208 - _FIRST_COLOUR) // max(1, self._most_wrong - 1)
        red, green, blue, _ = activation_table(theme.name)[min(place, 208)].tolist()
        return QColor(red, green, blue)

    def table(self) -> PlotTable:
        """A row for each class that samples are of, a column for each that they were called."""
        names = [self._name(k) for k in range(len(self._rows))]
        rows = [(name, *map(count, row)) for name, row in zip(names, self._rows, strict=True)]
        return PlotTable(self.tr("Confusion"), (self.tr("label"), *names), rows)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        many = max(1, len(self._rows))
        return QSize(many * _CELL_PX + 40, round(many * self._pitch() + _HEAD_PX + 2))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(180, self.sizeHint().height())

    def resizeEvent(self, event: object) -> None:  # noqa: N802 - Qt override
        del event
        self.updateGeometry()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        cell = self.cell_at(event.position())
        if cell is not None:
            self._choose(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        move = _MOVES.get(Qt.Key(event.key()))
        if move is None or not self._rows:
            super().keyPressEvent(event)
            return
        row, column = self._chosen or (0, 0)
        last = len(self._rows) - 1
        self._choose(min(max(row + move[0], 0), last), min(max(column + move[1], 0), last))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.sentence(*cell) if cell else "", self)
            return True
        return super().event(event)

    def sentence(self, row: int, column: int) -> str:
        """Say what a cell counts."""
        many = count(self._rows[row][column])
        if row == column:
            return self.tr("{0} of {1} read right").format(many, self._name(row))
        return self.tr("{0} × {1} read as {2}").format(many, self._name(row), self._name(column))

    def cell_box(self, row: int, column: int) -> QRectF:
        """Return where a cell is painted."""
        pitch = self._pitch()
        left = self._left() + column * pitch
        return QRectF(left, _HEAD_PX + row * pitch, pitch - 1, pitch - 1)

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """Return the cell that is painted there."""
        column = int((position.x() - self._left()) // self._pitch())
        row = int((position.y() - _HEAD_PX) // self._pitch())
        inside = 0 <= row < len(self._rows) and 0 <= column < len(self._rows)
        return (row, column) if inside else None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("micro"))
        many = len(self._rows)
        if self._pitch() >= 14:
            self._paint_names(painter)
        for row in range(many):
            for column in range(many):
                self._paint_cell(painter, row, column)

    def _paint_names(self, painter: QPainter) -> None:
        painter.setPen(current_theme().colours.text3)
        metrics = painter.fontMetrics()
        for k in range(len(self._rows)):
            across, down = self.cell_box(0, k), self.cell_box(k, 0)
            head = QRectF(across.left() - 2, 0, across.width() + 4, _HEAD_PX)
            short = metrics.elidedText(
                self._name(k), Qt.TextElideMode.ElideRight, round(head.width())
            )
            painter.drawText(head, Qt.AlignmentFlag.AlignCenter, short)
            side = QRectF(0, down.top(), self._left() - 6, down.height())
            name = metrics.elidedText(
                self._name(k), Qt.TextElideMode.ElideRight, round(side.width())
            )
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(side, right, name)

    def _paint_cell(self, painter: QPainter, row: int, column: int) -> None:
        theme = current_theme()
        box, ground = self.cell_box(row, column), self.colour(row, column)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground if ground is not None else theme.colours.canvas)
        radius = min(3.0, box.width() / 4)
        painter.drawRoundedRect(box, radius, radius)
        if (row, column) == self._chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colours.accent, 1.5))
            painter.drawRoundedRect(box.adjusted(-0.5, -0.5, 0.5, 0.5), radius, radius)
        if ground is None or self._pitch() < 17:
            return
        is_error, words = row != column, amount(self._rows[row][column])
        painter.setFont(font("micro", weight=600 if is_error else 400))
        # A number that is cut says another; the tooltip has it.
        if QFontMetricsF(painter.font()).horizontalAdvance(words) <= box.width():
            painter.setPen(_ink_on(ground) if is_error else theme.colours.text2)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _choose(self, row: int, column: int) -> None:
        self._chosen = (row, column)
        self.setAccessibleDescription(self.sentence(row, column))
        self.update()
        if self._rows[row][column]:
            self.cell_chosen.emit(row, column)

    def _pitch(self) -> float:
        room = self.width() - self._left() - 1
        # Errors are written in bold letters: three digits of them need the room of four.
        is_wide = self._most >= 1000 or self._most_wrong >= 100
        least = _WIDE_CELL_PX if is_wide else _CELL_PX
        # Names above the cells are whole where there is room for them.
        widest = max(least, min(self._left(), _NAMED_CELL_PX))
        return max(_SMALLEST_PX, min(widest, room / max(1, len(self._rows))))

    def _left(self) -> float:
        scale = text_scale()
        if scale not in self._widths:
            metrics = QFontMetricsF(font("micro"))
            widths = [metrics.horizontalAdvance(name) for name in self._names]
            self._widths[scale] = min(max(widths, default=8.0), _NAME_PX) + 8
        return self._widths[scale]

    def _name(self, k: int) -> str:
        return self._names[k] if k < len(self._names) else str(k)


def _ink_on(ground: QColor) -> QColor:
    """Return the theme's ground or text, whichever stands out more."""
    colours = current_theme().colours
    return max(
        (colours.canvas, colours.text), key=lambda ink: abs(ink.lightnessF() - ground.lightnessF())
    )
