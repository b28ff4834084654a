"""What each column of a row adds to an answer: bars to the right for it, to the left against."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import figure
from app.theme import current_theme, font

_ROW_PX, _BAR_PX, _NUMBER_PX, _GAP_PX = 20, 8, 52, 8
_NAMES_SHARE = 0.42


class ColumnBars(QWidget):
    """One row for each column, what adds the most first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[tuple[str, float], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("What each column adds"))
        self.hide()

    @property
    def rows(self) -> tuple[tuple[str, float], ...]:
        """What is shown: names, and what each adds in units of the score."""
        return self._rows

    def show_parts(self, names: Sequence[str], added: Sequence[float]) -> None:
        """Show what columns add; nothing takes the bars away."""
        rows = zip(names, added, strict=True)
        self._rows = tuple(sorted(rows, key=lambda row: -abs(row[1])))
        self.setAccessibleDescription(
            ", ".join(f"{name} {figure(value)}" for name, value in self._rows)
        )
        self.setVisible(bool(self._rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(280, len(self._rows) * _ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small"))
        largest = max((abs(value) for _, value in self._rows), default=0.0) or 1.0
        for number, (name, value) in enumerate(self._rows):
            row = QRectF(0, number * _ROW_PX, self.width(), _ROW_PX)
            self._paint_row(painter, row, name, value, value / largest)

    def _paint_row(
        self, painter: QPainter, row: QRectF, name: str, value: float, share: float
    ) -> None:
        colours = current_theme().colours
        middle = Qt.AlignmentFlag.AlignVCenter
        wide = row.width() * _NAMES_SHARE
        words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, round(wide))
        painter.setPen(colours.text2)
        painter.drawText(row, middle, words)
        painter.drawText(row, middle | Qt.AlignmentFlag.AlignRight, figure(value, 2))
        trough = row.adjusted(wide + _GAP_PX, 0, -_NUMBER_PX, 0)
        zero, half = trough.center().x(), trough.width() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.train if value > 0 else colours.val)
        bar = QRectF(zero, 0, share * half, _BAR_PX).normalized()
        bar.moveCenter(QRectF(bar.left(), row.top(), bar.width(), _ROW_PX).center())
        painter.drawRoundedRect(bar, 2, 2)
        painter.fillRect(QRectF(zero - 0.5, row.top(), 1, _ROW_PX), colours.ctl)
