"""What run is shown, for the right end of the dock's tab row."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from app.theme import current_theme, font, pixmap
from app.training.run_state import Phase
from app.widgets import IconButton

Mark = Literal["live", "paused", "done", "stopped", "error"]
_GLYPHS: dict[Mark, tuple[str, str]] = {
    "paused": ("pause", "warn"),
    "done": ("check", "ok"),
    "stopped": ("stop", "text3"),
    "error": ("error", "err"),
}
_MARK_PX = 14
_DOT_PX = 7


class RunCaption(QWidget):
    """A mark, a line on the run, and a menu with what can be done to it."""

    pause_requested = Signal()
    resume_requested = Signal()
    step_requested = Signal()
    finish_epoch_requested = Signal()
    finish_requested = Signal()
    recipe_requested = Signal()
    curves_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phase: Phase = "ended"
        self.shows_curves = True
        """Whether the curves are shown, rather than the recipe."""

        self._line = _Line()
        self._more = IconButton("more", self.tr("Run"))
        self._more.clicked.connect(self._on_more)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._line)
        row.addWidget(self._more)
        self.hide()

    @property
    def text(self) -> str:
        return self._line.text

    def show_run(self, text: str, mark: Mark, phase: Phase) -> None:
        """Show a line about a run with the mark of its state."""
        self._phase = phase
        self._line.show_text(text, mark)
        self._more.setVisible(phase != "ended")
        self.setAccessibleName(f"{text}, {mark}")
        self.show()

    def menu(self) -> QMenu:
        """What can be done to the run now."""
        menu = QMenu(self)
        if self._phase == "paused":
            menu.addAction(self.tr("Resume"), self.resume_requested.emit)
        else:
            menu.addAction(self.tr("Pause"), self.pause_requested.emit)
        menu.addAction(self.tr("Step Once"), self.step_requested.emit)
        menu.addAction(self.tr("Go to End of Epoch"), self.finish_epoch_requested.emit)
        menu.addSeparator()
        if self.shows_curves:
            menu.addAction(self.tr("Show Recipe"), self.recipe_requested.emit)
        else:
            menu.addAction(self.tr("Show Curves"), self.curves_requested.emit)
        menu.addSeparator()
        menu.addAction(self.tr("Finish Now"), self.finish_requested.emit)
        menu.addAction(self.tr("Stop"), self.stop_requested.emit)
        return menu

    def _on_more(self) -> None:
        menu = self.menu()
        menu.exec(self._more.mapToGlobal(QPoint(0, self._more.height())))
        menu.deleteLater()


class _Line(QWidget):
    """The mark and the text, shortened where there is too little room."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._mark: Mark = "live"
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_text(self, text: str, mark: Mark) -> None:
        if (text, mark) != (self.text, self._mark):
            self.text, self._mark = text, mark
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(_MARK_PX + 8 + QFontMetrics(font("small")).horizontalAdvance(self.text), 24)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(_MARK_PX, 24)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = current_theme().colours
        painter.setFont(font("small"))
        painter.setPen(colours.text2)
        left = _MARK_PX + 6
        room = QRectF(left, 0, self.width() - left, self.height())
        text = painter.fontMetrics().elidedText(
            self.text, Qt.TextElideMode.ElideRight, round(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        self._paint_mark(painter)

    def _paint_mark(self, painter: QPainter) -> None:
        colours = current_theme().colours
        if self._mark in _GLYPHS:
            name, token = _GLYPHS[self._mark]
            picture = pixmap(name, _MARK_PX, colours[token], self.devicePixelRatioF())
            painter.drawPixmap(0, (self.height() - _MARK_PX) // 2, picture)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.ok)
        top = (self.height() - _DOT_PX) / 2
        painter.drawEllipse(QRectF(_MARK_PX - _DOT_PX - 1, top, _DOT_PX, _DOT_PX))
