"""The status bar: state, progress, cost, device and problems, each a button to its panel."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from app.theme import current_theme, font, pixmap, theme_manager
from app.widgets.growing import follow_height

_GAP_PX = 5
_PADDING_PX = 12
_DOT_PX = 7
_ICON_PX = 14

# Dropped in this order where the window is narrow.
_DISPENSABLE = ("looking", "flops", "speed", "parameters")
_LAST_TO_GO = ("memory", "left", "device")
"""Dropped where even then the words have no room, as with large text."""

_NARROW_PX = 1280


class StatusBar(QWidget):
    """28 px along the bottom of the window."""

    asked = Signal(str)
    """The key of the part that was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: dict[str, StatusPart] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        for key in ("state", "step", "speed", "left", "looking"):
            self._add(key)
        self._row.addStretch(1)
        for key in ("parameters", "flops", "memory", "device", "problems"):
            self._add(key, at_right=True)
        follow_height(self, lambda: current_theme().size.status)
        self.setAccessibleName(self.tr("Status"))
        theme_manager().changed.connect(self._drop_what_does_not_fit)

    def show_part(
        self,
        key: str,
        strong: str,
        quiet: str = "",
        *,
        dot: str = "",
        icon: str = "",
        tip: str = "",
    ) -> None:
        """Change one part; empty words hide it.

        Args:
            strong: What is written in bold, before the quiet words.
            dot: A colour token for a dot in front.
            icon: The name of an icon in front, with its colour token: ``warning warn``.
        """
        part = self._parts[key]
        part.setToolTip(tip)
        if part.show_words(strong, quiet, dot=dot, icon=icon):
            self._drop_what_does_not_fit()

    def text_of(self, key: str) -> str:
        """Return the words of one part."""
        return self._parts[key].text()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._drop_what_does_not_fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        colours = current_theme().colours
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.window)
        painter.fillRect(0, 0, self.width(), 1, colours.line)

    def _add(self, key: str, *, at_right: bool = False) -> None:
        part = StatusPart(line_before=at_right and key != "parameters")
        part.clicked.connect(lambda _checked=False: self.asked.emit(key))
        self._parts[key] = part
        self._row.addWidget(part)

    def _drop_what_does_not_fit(self) -> None:
        wanted = {key for key, part in self._parts.items() if part.text()}
        if self.width() < _NARROW_PX:
            wanted -= set(_DISPENSABLE)
        widths = {key: self._parts[key].sizeHint().width() for key in wanted}
        for key in (*_DISPENSABLE, *_LAST_TO_GO):
            if sum(widths.values()) > self.width():
                widths.pop(key, None)
        for key, part in self._parts.items():
            part.setVisible(key in widths)


class StatusPart(QAbstractButton):
    """A bold figure and quiet words, with a thin line to its neighbour."""

    def __init__(self, *, line_before: bool) -> None:
        super().__init__()
        self._strong = ""
        self._quiet = ""
        self._dot = ""
        self._icon = ""
        self._line_before = line_before
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def text(self) -> str:
        """Return all words; Qt's own text of a button would ask for a new layout each time."""
        return self.accessibleName()

    def show_words(self, strong: str, quiet: str, *, dot: str, icon: str) -> bool:
        """Change the words and say whether they need more room or less."""
        words = (strong, quiet, dot, icon)
        if words == (self._strong, self._quiet, self._dot, self._icon):
            return False
        before = self.sizeHint()
        self._strong, self._quiet, self._dot, self._icon = words
        self.setAccessibleName(f"{strong} {quiet}".strip())
        self.update()
        # Counting steps mostly keeps the width, and then nothing is laid out anew.
        if self.sizeHint() == before:
            return False
        self.updateGeometry()
        return True

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        width = 2 * _PADDING_PX + self._mark_width()
        width += QFontMetrics(_bold()).horizontalAdvance(self._strong)
        width += QFontMetrics(font("small")).horizontalAdvance(self._quiet)
        if self._strong and self._quiet:
            width += _GAP_PX
        return QSize(width, current_theme().size.status)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        colours = current_theme().colours
        painter = QPainter(self)
        if self.underMouse() or self.hasFocus():
            painter.fillRect(self.rect().adjusted(0, 1, 0, 0), colours.hover)
        painter.setPen(colours.line2)
        edge = 0 if self._line_before else self.width() - 1
        painter.drawLine(edge, 8, edge, self.height() - 8)
        at = _PADDING_PX + self._paint_mark(painter)
        baseline = self.rect().adjusted(at, 1, 0, 0)
        painter.setPen(colours.text)
        painter.setFont(_bold())
        painter.drawText(baseline, Qt.AlignmentFlag.AlignVCenter, self._strong)
        if self._strong and self._quiet:
            at += QFontMetrics(_bold()).horizontalAdvance(self._strong) + _GAP_PX
        painter.setPen(colours.text2)
        painter.setFont(font("small"))
        painter.drawText(
            self.rect().adjusted(at, 1, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._quiet
        )

    def _paint_mark(self, painter: QPainter) -> int:
        colours = current_theme().colours
        middle = self.height() // 2
        if self._dot:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours[self._dot])
            painter.drawEllipse(_PADDING_PX, middle - _DOT_PX // 2, _DOT_PX, _DOT_PX)
            painter.restore()
        elif self._icon:
            name, _, token = self._icon.partition(" ")
            picture = pixmap(name, _ICON_PX, colours[token or "text2"], self.devicePixelRatioF())
            painter.drawPixmap(_PADDING_PX, middle - _ICON_PX // 2, picture)
        return self._mark_width()

    def _mark_width(self) -> int:
        if self._dot:
            return _DOT_PX + 7
        return _ICON_PX + 6 if self._icon else 0


def _bold() -> QFont:
    return font("small", weight=600)
