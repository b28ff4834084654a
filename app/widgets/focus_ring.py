"""Shows where the keyboard is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QTabBar,
    QWidget,
)
from shiboken6 import isValid

from app.theme.theme import current_theme

_GAP_PX = 2
_WIDTH_PX = 2
_REACH_PX = _GAP_PX + _WIDTH_PX
_SOFT_PX = 3
_FIELDS = (QLineEdit, QAbstractSpinBox, QComboBox)


class FocusRing(QObject):
    """Draws a ring around the button, switch or tab that was reached by key.

    One object serves all windows of the application. A field gets a soft ring around its own
    coloured border, however it was reached. Lists and the canvas show the current row or node.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._ring: _Ring | None = None
        application.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        self._hide()
        is_by_pointer = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        if isinstance(new, QAbstractButton | QTabBar) and not is_by_pointer:
            self._ring = _Ring(new)
        elif isinstance(new, _FIELDS):
            self._ring = _SoftRing(new)

    def _hide(self) -> None:
        # The ring dies with its window, which may have gone in the meantime.
        if self._ring is not None and isValid(self._ring):
            self._ring.hide()
            self._ring.deleteLater()
        self._ring = None


class _Ring(QWidget):
    """Lies over the window, since a widget cannot draw outside itself."""

    reach_px = _REACH_PX

    def __init__(self, target: QWidget) -> None:
        super().__init__(target.window())
        self._target = target
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        # The target also moves with whatever it stands in.
        above: QWidget | None = target
        while above is not None and above is not target.window():
            above.installEventFilter(self)
            above = above.parentWidget()
        self._follow()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if not isValid(self._target):
            # What stood around it lives on: a row of a list that was filled anew.
            self.hide()
        elif event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show):
            self._follow()
        elif event.type() == QEvent.Type.Hide:
            self.hide()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        if not isValid(self._target) or not self._target.isVisible():
            return  # hidden together with its panel while the focus was still on it
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colours.accent, _WIDTH_PX))
        inset = _WIDTH_PX / 2
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        radius = theme.radius.button + _REACH_PX - inset
        painter.drawRoundedRect(box, radius, radius)

    def _follow(self) -> None:
        origin = self._target.mapTo(self._target.window(), self._target.rect().topLeft())
        box = QRect(origin, self._target.size())
        if isinstance(self._target, QTabBar):
            box = self._target.tabRect(self._target.currentIndex()).translated(origin)
            box.adjust(0, self.reach_px, 0, -self.reach_px)
        reach = self.reach_px
        around = box.adjusted(-reach, -reach, reach, reach)
        self.setGeometry(around)
        self._cut_to(self._seen().intersected(around).translated(-around.topLeft()))
        self.raise_()

    def _seen(self) -> QRect:
        """What the areas that scroll around the target let through, in the window."""
        window = self._target.window()
        seen = window.rect()
        above = self._target.parentWidget()
        while above is not None and above is not window:
            holder = above.parentWidget()
            if isinstance(holder, QAbstractScrollArea) and holder.viewport() is above:
                seen &= QRect(above.mapTo(window, above.rect().topLeft()), above.size())
            above = holder
        return seen

    def _cut_to(self, seen: QRect) -> None:
        if seen.isEmpty():
            # No mask at all would show all of it.
            self.setMask(QRegion(-1, -1, 1, 1))
        elif seen != self.rect():
            self.setMask(seen)
        else:
            self.clearMask()


class _SoftRing(_Ring):
    """The glow around a field that is being edited."""

    reach_px = _SOFT_PX

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        if not isValid(self._target) or not self._target.isVisible():
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colours.accent_soft, _SOFT_PX))
        inset = _SOFT_PX / 2
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        radius = theme.radius.field + inset
        painter.drawRoundedRect(box, radius, radius)
