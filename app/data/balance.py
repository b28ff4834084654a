"""Class balance: how many samples each class has, as bars to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.figures import count
from app.theme import ThemeManager, font
from app.widgets import Label

_MOST_ROWS = 12
_ROW_PX = 20
_NUMBER_PX = 52
_GAP_PX = 8
_NAME_PX = 84


class Balance(QWidget):
    """A bar for each class; a click shows only that class, another one all again."""

    class_chosen = Signal(object)
    """The number of the class, or None for all."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[_Row] = []
        self._rest = Label("", "small", "text3", parent=self)
        self._rest.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    @property
    def rows(self) -> Sequence[QAbstractButton]:
        """The bars, from the first class on."""
        return self._rows

    def show_counts(self, names: Sequence[str], counts: Sequence[int]) -> None:
        """Show how many samples each class has."""
        for row in self._rows:
            row.deleteLater()
        largest = max(counts, default=1)
        metrics = QFontMetrics(font("small"))
        widest = max((metrics.horizontalAdvance(name) for name in names[:_MOST_ROWS]), default=0)
        number_px = max(_NUMBER_PX, metrics.horizontalAdvance(count(largest)) + _GAP_PX)
        self._rows = [
            _Row(name, amount, largest, (min(widest, _NAME_PX), number_px), self._theme)
            for name, amount in list(zip(names, counts, strict=True))[:_MOST_ROWS]
        ]
        for number, row in enumerate(self._rows):
            self._column.addWidget(row)
            row.clicked.connect(lambda _checked=False, number=number: self._on_clicked(number))
        left = len(counts) - len(self._rows)
        self._rest.setText(self.tr("{0} more classes").format(left))
        self._rest.setVisible(left > 0)
        self._column.addWidget(self._rest)

    def _on_clicked(self, number: int) -> None:
        is_on = self._rows[number].isChecked()
        for place, row in enumerate(self._rows):
            row.setChecked(is_on and place == number)
        self.class_chosen.emit(number if is_on else None)


class _Row(QAbstractButton):
    def __init__(
        self, name: str, amount: int, largest: int, widths: tuple[int, int], theme: ThemeManager
    ) -> None:
        super().__init__()
        self._amount = amount
        self._share = amount / max(1, largest)
        self._name_width, self._number_width = widths
        self._theme = theme
        self.setText(name)
        self.setCheckable(True)
        self.setAccessibleName(f"{name}, {amount}")
        self.setToolTip(self.tr("Show only {0}").format(name))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(140, _ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        theme = self._theme.theme
        colours = theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small", weight=600 if self.isChecked() else 400))
        painter.setPen(colours.text)
        middle = Qt.AlignmentFlag.AlignVCenter
        wide = self._name_width + 4
        name = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, wide)
        painter.drawText(0, 0, wide, self.height(), middle, name)
        painter.setPen(colours.text2)
        wide = self._number_width
        right = QRectF(self.width() - wide, 0, wide, self.height())
        painter.drawText(right, middle | Qt.AlignmentFlag.AlignRight, count(self._amount))
        left = self._name_width + 10
        track = QRectF(left, self.height() / 2 - 3, right.left() - left, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.pressed)
        painter.drawRoundedRect(track, 3, 3)
        track.setWidth(max(6.0, track.width() * self._share))
        is_lit = self.isChecked() or self.underMouse()
        painter.setBrush(colours.accent if is_lit else theme.category["data"])
        painter.drawRoundedRect(track, 3, 3)
