"""A series as an input: drawn with the pointer, opened, dropped, or pasted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.drops import FileDrops, only
from app.figures import figure
from app.theme import current_theme, faded, font
from app.tryout.pad import OF_NUMBERS, Given, Pad
from app.tryout.received import Parts, paint_over_time
from app.tryout.written_series import series_in_file, series_in_text
from app.widgets import Button, ChoiceField
from engine.data import prepare
from engine.data.preparation import Windows
from engine.training.insight import InputField, Subject

_HEIGHT_PX, _LEFT_PX, _FRAME_MS = 200, 44, 16
_DEVIATIONS = 3.0
_FILES = "Series (*.csv *.tsv *.json *.jsonl *.npy)"

Values = NDArray[np.float64]


class SeriesPad(Pad):
    """One curve for each column, which begins at the mean of the training data."""

    def __init__(self, field: InputField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        length, columns = field.sizes
        how = field.prepare
        self.ways = OF_NUMBERS
        self._raw = isinstance(how, Windows)
        self._fills = isinstance(how, Windows) and how.fills
        middle, spread = np.zeros(columns), np.ones(columns)
        self._names = tuple(str(number + 1) for number in range(columns))
        if isinstance(how, Windows):
            self._names = how.columns
            middle, spread = np.asarray(how.mean), np.asarray(how.deviation)
        self.title = self.tr("Draw the curve")
        self.note = self.tr("{0} steps").format(length)
        self._start = np.tile(middle, (length, 1))
        self.curves = CurveField(middle - _DEVIATIONS * spread, middle + _DEVIATIONS * spread)
        self._column = ChoiceField(
            self.tr("Column"), [(str(k), name) for k, name in enumerate(self._names)], "0"
        )
        self._column.setVisible(columns > 1)
        self._reset = Button(self.tr("Clear"), icon_name="close", extent="small")
        self._open = Button(self.tr("Open…"), icon_name="open", extent="small")
        self._paste = Button(self.tr("Paste"), icon_name="paste", extent="small")
        self._paste.setToolTip(self.tr("Rows of a table, or numbers"))
        row = QHBoxLayout()
        for button in (self._reset, self._open, self._paste):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self._column)
        column.addWidget(self.curves)
        column.addLayout(row)
        self.curves.show_values(self._start)
        self.curves.drawn.connect(self.changed)
        self._column.committed.connect(lambda place: self.curves.draw_column(int(place)))
        self._reset.clicked.connect(self._clear)
        self._open.clicked.connect(self.open_file)
        self._paste.clicked.connect(self.paste)
        FileDrops(self, only(Path.is_file), lambda path, _: self.read_file(path))

    def open_file(self) -> None:
        """Ask for a table or an array and read it."""
        chosen, _ = QFileDialog.getOpenFileName(
            self, self.tr("Open series"), str(Path.home()), _FILES
        )
        if chosen:
            self.read_file(Path(chosen))

    def read_file(self, path: Path) -> None:
        """Show the latest rows of a file and give them to the model."""
        self._read(lambda: series_in_file(path, self._names), path.name)

    def paste(self) -> None:
        """Show the rows that the clipboard holds and give them to the model."""
        text = QGuiApplication.clipboard().text()
        self._read(lambda: series_in_text(text, self._names), self.tr("The clipboard"))

    def _read(self, read: Callable[[], Values], source: str) -> None:
        try:
            rows = prepare.window(read(), {"length": len(self._start), "fills": self._fills})
        except prepare.UNREADABLE as error:
            why = prepare.reason(error).rstrip(".")
            self.problem.emit(self.tr("{0} cannot be read. {1}.").format(source, why))
            return
        self.curves.show_values(rows)
        self.problem.emit("")
        self.changed.emit()

    def given(self) -> Given | None:
        values = self.curves.values
        if self._raw:
            columns = zip(self._names, values.T.tolist(), strict=True)
            return Given(Subject(key="", columns=json.dumps(dict(columns))))
        return Given(Subject(key="", values=tuple(values.reshape(-1).tolist())))

    def take(self, given: Given) -> None:
        if self._raw:
            columns = json.loads(given.subject.columns)
            values = np.array([columns[name] for name in self._names]).T
        else:
            values = np.array(given.subject.values).reshape(self._start.shape)
        self.curves.show_values(values)
        self.changed.emit()

    def show_parts(self, parts: Parts | None) -> None:
        self.curves.show_parts(parts)

    def _clear(self) -> None:
        self.curves.show_values(self._start)
        self.changed.emit()


class CurveField(QWidget):
    """Curves on one scale each; a drag redraws the one that is chosen."""

    drawn = Signal()

    def __init__(self, low: Values, high: Values, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high = low, high
        self._values: Values = np.zeros((1, len(low)))
        self._column = 0
        self._parts: Parts | None = None
        self._last: tuple[int, float] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self.drawn)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFixedHeight(_HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Curve to draw"))

    @property
    def values(self) -> Values:
        """What is drawn: (steps, columns)."""
        return self._values

    def show_values(self, values: Values) -> None:
        """Show other curves."""
        self._values = values.astype(np.float64).copy()
        self.update()

    def show_parts(self, parts: Parts | None) -> None:
        """Colour the steps by what each adds to the answer, or no longer."""
        self._parts = parts
        self.update()

    def draw_column(self, column: int) -> None:
        """Draw another curve from now on."""
        self._column = column
        self.update()

    def point(self, step: int, column: int) -> QPointF:
        """Return where a value is painted."""
        box, span = self._box(), self._high[column] - self._low[column]
        share = (self._values[step, column] - self._low[column]) / (span or 1.0)
        x = box.left() + step / max(1, len(self._values) - 1) * box.width()
        return QPointF(x, box.bottom() - float(np.clip(share, 0, 1)) * box.height())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(280, _HEIGHT_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._last = None
        self._draw_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._draw_to(event.position())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colours.canvas)
        painter.setPen(theme.colours.ctl)
        box = self._box()
        painter.drawRoundedRect(box.adjusted(-4, -4, 4, 4), 6, 6)
        if self._parts is not None and len(self._parts) == len(self._values):
            half = box.width() / max(1, len(self._values) - 1) / 2
            painter.setClipRect(box)
            paint_over_time(painter, box.adjusted(-half, 0, half, 0), self._parts)
            painter.setClipping(False)
        for column in range(self._values.shape[1]):
            is_chosen = column == self._column
            ink = theme.colours.accent if is_chosen else faded(theme.colours.text3, 0.6)
            painter.setPen(QPen(ink, 2 if is_chosen else 1))
            steps = range(len(self._values))
            painter.drawPolyline(QPolygonF([self.point(step, column) for step in steps]))
        painter.setFont(font("micro"))
        painter.setPen(theme.colours.text3)
        right = Qt.AlignmentFlag.AlignRight
        for value, y in ((self._high, box.top()), (self._low, box.bottom() - 14)):
            painter.drawText(QRectF(0, y, _LEFT_PX - 8, 16), right, figure(value[self._column]))

    def _draw_to(self, position: QPointF) -> None:
        """Set the values from the last place of the pointer to this one."""
        step, value = self._place(position)
        before, start = self._last or (step, value)
        many = abs(step - before) + 1
        steps = np.linspace(before, step, many).round().astype(int)
        self._values[steps, self._column] = np.linspace(start, value, many)
        self._last = (step, value)
        self.update()
        if not self._timer.isActive():
            self._timer.start()

    def _place(self, position: QPointF) -> tuple[int, float]:
        box, last = self._box(), len(self._values) - 1
        step = round((position.x() - box.left()) / box.width() * last)
        share = min(max((box.bottom() - position.y()) / box.height(), 0.0), 1.0)
        low, high = float(self._low[self._column]), float(self._high[self._column])
        return min(max(step, 0), last), low + share * (high - low)

    def _box(self) -> QRectF:
        return QRectF(_LEFT_PX, 6, max(40, self.width() - _LEFT_PX - 6), self.height() - 12)
