"""The left column: what one can do here, and the projects that were open last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.theme import current_theme, font, line_height_px, pixmap, text_scale
from app.widgets import Label

_WIDTH_PX = 248
_NARROW_PX = 200
_ICON_PX = 16
_PADDING_PX = 12
_MOST_RECENT = 8


class SideColumn(QWidget):
    """Start, open, import, the person's own templates, and recent projects."""

    asked = Signal(str)
    """The key of an entry: ``open`` or another that the page was given."""

    recent_chosen = Signal(object)
    """A project's file: a ``Path``."""

    template_chosen = Signal(object)
    """The file of a template of one's own: a ``Path``."""

    def __init__(self, entries: Sequence[tuple[str, str, str, str]]) -> None:
        """Lay out entries of (key, icon, words, keys); the first one is where one is."""
        super().__init__()
        self._narrow = False
        self.setAccessibleName(self.tr("Start"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 16, 10, 16)
        self._column.setSpacing(2)
        for place, (key, icon, words, keys) in enumerate(entries):
            entry = SideEntry(words, note=keys, icon_name=icon)
            entry.setChecked(place == 0)
            entry.clicked.connect(lambda _checked=False, key=key: self.asked.emit(key))
            self._column.addWidget(entry)
        self._templates = _Files(self.tr("My templates"))
        self._templates.chosen.connect(self.template_chosen)
        self._recent = _Files(self.tr("Recent"))
        self._recent.chosen.connect(self.recent_chosen)
        for part in (self._templates, self._recent):
            self._column.addWidget(part)
        self._column.addStretch(1)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        width = _NARROW_PX if self._narrow else _WIDTH_PX
        return QSize(round(width * text_scale()), super().sizeHint().height())

    def set_narrow(self, *, narrow: bool) -> None:
        """Take less room, where the window has little."""
        self._narrow = narrow
        self.setFixedWidth(self.sizeHint().width())

    def show_recent(self, files: Sequence[Path]) -> None:
        """List the projects that are still there, newest first."""
        self._recent.show_files([file for file in files if file.exists()][:_MOST_RECENT])

    def show_templates(self, files: Sequence[Path]) -> None:
        """List the person's own templates."""
        self._templates.show_files(files[:_MOST_RECENT])

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        colours = current_theme().colours
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.panel)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), colours.line)


class _Files(QWidget):
    """A title and files below it; out of sight without any."""

    chosen = Signal(object)
    """A ``Path``."""

    def __init__(self, title: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 18, 0, 0)
        column.setSpacing(2)
        heading = Label(title, "small", "text2", weight=600)
        heading.setContentsMargins(_PADDING_PX, 0, 0, 4)
        column.addWidget(heading)
        self._entries = QVBoxLayout()
        self._entries.setSpacing(2)
        column.addLayout(self._entries)

    def show_files(self, files: Sequence[Path]) -> None:
        """List these in place of those before."""
        while (item := self._entries.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.setVisible(bool(files))
        for file in files:
            entry = SideEntry(file.stem, below=changed_words(file))
            entry.setToolTip(str(file))
            entry.clicked.connect(lambda _checked=False, file=file: self.chosen.emit(file))
            self._entries.addWidget(entry)


class SideEntry(QAbstractButton):
    """An icon and a word with its keys, or a name with a quiet line below it."""

    def __init__(self, words: str, *, note: str = "", below: str = "", icon_name: str = "") -> None:
        super().__init__()
        self._note, self._below, self._icon = note, below, icon_name
        self.setText(words)
        self.setCheckable(bool(icon_name))
        self.setAccessibleName(words)
        self.setAccessibleDescription(below or note)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        height = line_height_px("body") + (line_height_px("small") + 8 if self._below else 14)
        return QSize(100, height)

    def nextCheckState(self) -> None:  # noqa: N802 - Qt override
        """Stay as it is: the mark says where one is."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        theme = current_theme()
        colours = theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.pressed if self.isChecked() else colours.hover)
            painter.drawRoundedRect(self.rect(), theme.radius.field, theme.radius.field)
        inner = self.rect().adjusted(_PADDING_PX, 4, -_PADDING_PX, -4)
        if self._icon:
            picture = pixmap(self._icon, _ICON_PX, colours.text2, self.devicePixelRatioF())
            painter.drawPixmap(inner.left(), (self.height() - _ICON_PX) // 2, picture)
            inner.setLeft(inner.left() + _ICON_PX + 10)
        self._paint_words(painter, inner)

    def _paint_words(self, painter: QPainter, inner: QRect) -> None:
        colours = current_theme().colours
        look = font(weight=600 if self.isChecked() else 400)
        painter.setFont(look)
        painter.setPen(colours.text)
        place = Qt.AlignmentFlag.AlignTop if self._below else Qt.AlignmentFlag.AlignVCenter
        shown = QFontMetrics(look).elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, inner.width()
        )
        painter.drawText(inner, place, shown)
        painter.setFont(font("small"))
        painter.setPen(colours.text3)
        if self._below:
            painter.drawText(inner, Qt.AlignmentFlag.AlignBottom, self._below)
        elif self._note:
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(inner, right, self._note)


def changed_words(file: Path) -> str:
    """Say when a file was last written: today with the time, yesterday, or the day."""
    when = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
    today = datetime.now().astimezone().date()
    if when.date() == today:
        return f"today {when:%H:%M}"
    if when.date() == today - timedelta(days=1):
        return "yesterday"
    year = f" {when:%Y}" if when.year != today.year else ""
    return f"{when.day} {when:%b}{year}"
