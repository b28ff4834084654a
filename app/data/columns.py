"""The columns of a table: for each its name, its range and how its values are spread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.figures import count, setting
from app.theme import ThemeManager, font
from app.widgets import Label
from engine.data import prepare
from engine.data.inspect.report import ColumnFacts

_ROW_PX = 34
_CHART_PX = 84
_CHART_HEIGHT_PX = 20
_MOST_ROWS = 40


class ColumnList(QWidget):
    """A row for each column of a table."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: list[ColumnRow] = []
        self._rest = Label("", "small", "text3", parent=self)
        self._rest.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_columns(self, columns: Sequence[ColumnFacts]) -> None:
        """Show these columns."""
        for row in self.rows:
            row.deleteLater()
        self.rows = [ColumnRow(facts, self._theme) for facts in columns[:_MOST_ROWS]]
        for row in self.rows:
            self._column.addWidget(row)
        left = len(columns) - len(self.rows)
        self._rest.setText(self.tr("{0} more columns").format(left))
        self._rest.setVisible(left > 0)
        self._column.addWidget(self._rest)


class ColumnRow(QWidget):
    """One column: name, what it holds, and a histogram."""

    def __init__(
        self, facts: ColumnFacts, theme: ThemeManager, *, chart_px: int = _CHART_PX
    ) -> None:
        super().__init__()
        self._chart_px = chart_px
        self._facts = facts
        self._theme = theme
        self._name = facts.column.name
        self._words = _words(facts)
        self.setAccessibleName(f"{self._name}, {self._words}")
        self.setToolTip(_tip(facts))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(160, _ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        colours = self._theme.theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.width() - self._chart_px - 10
        self._write(painter, font("small", weight=600), self._name, QRectF(0, 1, width, 16))
        painter.setPen(colours.text3)
        painter.setFont(font("micro"))
        words = painter.fontMetrics().elidedText(
            self._words, Qt.TextElideMode.ElideRight, int(width)
        )
        painter.drawText(QRectF(0, 17, width, 14), Qt.AlignmentFlag.AlignVCenter, words)
        self._paint_chart(painter)

    def _write(self, painter: QPainter, face: object, text: str, box: QRectF) -> None:
        painter.setFont(face)  # type: ignore[arg-type]
        painter.setPen(self._theme.theme.colours.text)
        shown = painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, int(box.width())
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_chart(self, painter: QPainter) -> None:
        counts = self._facts.counts
        if not counts:
            return
        left, base = self.width() - self._chart_px, (_ROW_PX + _CHART_HEIGHT_PX) / 2
        wide = self._chart_px / len(counts)
        gap = 1.0 if wide > 3 else 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.theme.category["data"])
        for place, amount in enumerate(counts):
            height = max(amount / max(counts) * _CHART_HEIGHT_PX, 1.0 if amount else 0.0)
            painter.drawRect(QRectF(left + place * wide, base - height, wide - gap, height))


def _words(facts: ColumnFacts) -> str:
    if facts.low is not None and facts.high is not None:
        told = _day if facts.column.kind == "date" else setting
        held = f"{told(facts.low)} to {told(facts.high)}"
    elif facts.column.kind == "text":
        held = "text"
    else:
        held = f"{count(facts.distinct)} values"
    return f"{held}, {count(facts.missing)} missing" if facts.missing else held


def _day(days: float) -> str:
    return prepare.date_text(days)[:10]


def _tip(facts: ColumnFacts) -> str:
    if facts.mean is not None:
        return f"{facts.column.name}: mean {setting(facts.mean)}, {count(facts.distinct)} different"
    if not facts.values:
        return f"{facts.column.name}: {count(facts.distinct)} different"
    return f"{facts.column.name}: {', '.join(facts.values[:6])}"
