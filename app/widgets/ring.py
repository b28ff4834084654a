"""A ring in the accent colour around a part of the window; the pointer goes through it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.theme.theme import current_theme

_WIDTH_PX = 2
_GAP_PX = 2


class Ring(QWidget):
    """Follows the widget that it marks; none is marked until :meth:`mark`."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._marked: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        window.installEventFilter(self)
        self.hide()

    @property
    def marked(self) -> QWidget | None:
        """What is marked."""
        return self._marked

    def mark(self, widget: QWidget | None) -> None:
        """Mark another part of the window, or none."""
        if self._marked is not None:
            self._marked.removeEventFilter(self)
        self._marked = widget
        if widget is not None:
            widget.installEventFilter(self)
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        moves = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)
        if event.type() in moves:
            self._follow()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colours.accent, _WIDTH_PX))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, theme.radius.card, theme.radius.card)

    def _follow(self) -> None:
        widget = self._marked
        if widget is None or not widget.isVisible():
            self.hide()
            return
        reach = _WIDTH_PX + _GAP_PX
        area = QRect(widget.mapTo(self._window, QPoint()), widget.size())
        area = area.adjusted(-reach, -reach, reach, reach)
        self.setGeometry(area.intersected(self._window.rect()))
        self.show()
        self.raise_()
