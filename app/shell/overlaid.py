"""In a narrow window a dock lies over the canvas instead of taking its room."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QMainWindow

from app.canvas.view import CanvasView
from app.shell.layouts import LayoutName, Layouts
from app.shell.panel_dock import PanelDock
from app.shell.rail import Rail
from app.theme import text_scale, theme_manager

_Area = Qt.DockWidgetArea


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """How a dock behaves at one side of a narrow window."""

    area: Qt.DockWidgetArea
    below_px: int
    """It lies over the canvas in windows that are narrower, at text of 100 %."""

    layouts: tuple[LayoutName, ...]
    """Those that have the dock beside the canvas."""

    stays: bool
    """It goes with a press beside all layers only: one goes on to choose layers meanwhile."""


LEFT = Side(area=_Area.LeftDockWidgetArea, below_px=1280, layouts=("build", "compare"), stays=False)
RIGHT = Side(area=_Area.RightDockWidgetArea, below_px=1100, layouts=("build",), stays=True)


class OverlaidDock(QObject):
    """Takes a dock out of the layout of a narrow window, and puts it back in a wider one.

    It then opens over the edge of the canvas, and goes with Esc and with a press on the canvas, so
    that a narrow window still shows the drawing.
    """

    def __init__(
        self,
        window: QMainWindow,
        dock: PanelDock,
        rail: Rail,
        canvas: CanvasView,
        layouts: Layouts,
        side: Side = LEFT,
    ) -> None:
        super().__init__(window)
        self._window, self._dock, self._rail = window, dock, rail
        self._layouts, self._canvas, self._side = layouts, canvas, side
        self.is_overlaid = False
        self._was_shown = True
        self._edge = QFrame(dock)
        self._edge.setProperty("kind", "edge")
        self._edge.hide()
        # A canvas that is going away must not be asked for it.
        self._port = canvas.viewport()
        for watched in (window, dock, rail, canvas, self._port):
            watched.installEventFilter(self)
        layouts.arranged.connect(self._on_arranged)
        theme_manager().changed.connect(self.follow)

    def follow(self) -> None:
        """Lie over the canvas or beside it, as the width of the window asks for."""
        is_narrow = self._window.width() < self._side.below_px * text_scale()
        if is_narrow != self.is_overlaid:
            if is_narrow:
                self._layouts.keep()
            self._set_overlaid(overlaid=is_narrow)
        elif self.is_overlaid:
            self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        kind = event.type()
        if watched is self._window and kind == QEvent.Type.Resize:
            self.follow()
        elif self.is_overlaid and (watched, kind) in self._moving():
            self._place()
        elif self.is_overlaid and self._is_press_beside(watched, event):
            self._dock.hide()
        elif self.is_overlaid and self._is_escape(watched, event):
            self._close()
            return True
        return False

    def _moving(self) -> tuple[tuple[QObject, QEvent.Type], ...]:
        """Return the events after which the dock stands elsewhere."""
        rail = self._rail
        return (
            (self._dock, QEvent.Type.Show),
            (rail, QEvent.Type.Move),
            (rail, QEvent.Type.Resize),
        )

    def _is_press_beside(self, watched: QObject, event: QEvent) -> bool:
        is_press = watched is self._port and event.type() == QEvent.Type.MouseButtonPress
        if not is_press or not isinstance(event, QMouseEvent):
            return False
        hit = self._canvas.canvas.hit(self._canvas.scene_point(event.position()))
        return hit.kind == "nothing" or not self._side.stays

    def _is_escape(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        # A drag is cancelled first.
        is_here = watched is self._dock or (watched is self._canvas and not self._canvas.gesture)
        return is_here and event.key() == Qt.Key.Key_Escape and self._dock.isVisible()

    def _close(self) -> None:
        """Go, and give the keyboard back to the canvas."""
        focus = QApplication.focusWidget()
        if focus is not None and self._dock.isAncestorOf(focus):
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self._dock.hide()

    def _set_overlaid(self, *, overlaid: bool) -> None:
        self.is_overlaid = overlaid
        self._layouts.note_partial(self._dock.objectName(), is_partial=overlaid)
        self._edge.setVisible(overlaid)
        if overlaid:
            self._take_out()
        else:
            self._window.addDockWidget(self._side.area, self._dock)
            self._dock.setVisible(self._was_shown)
            home = self._dock.widget().sizeHint().width()
            self._window.resizeDocks([self._dock], [home], Qt.Orientation.Horizontal)
        self._show_rail()

    def _show_rail(self) -> None:
        """Show the rail of the right side only where its dock has no place of its own."""
        if self._side is RIGHT:
            bar = self._rail.parentWidget()
            is_wanted = self.is_overlaid and self._layouts.current in self._side.layouts
            if bar is not None:
                bar.setVisible(is_wanted)

    def _on_arranged(self) -> None:
        """Take the dock out again: a layout that is restored puts it back."""
        if self.is_overlaid:
            self._take_out()
        else:
            self.follow()
        self._show_rail()

    def _take_out(self) -> None:
        """Take the dock out of the layout, and know whether it is to be there in a wider window."""
        self._was_shown = not self._dock.isHidden()
        self._window.removeDockWidget(self._dock)

    def _place(self) -> None:
        """Lie beside the rail, as tall as it."""
        rail, width = self._rail, self._width()
        place = QRect(rail.mapTo(self._window, rail.rect().topLeft()), rail.size())
        is_left = self._side.area == _Area.LeftDockWidgetArea
        x = place.right() + 1 if is_left else place.left() - width
        self._dock.setGeometry(x, place.y(), width, rail.height())
        self._edge.setGeometry(width - 1 if is_left else 0, 0, 1, rail.height())
        self._edge.raise_()
        self._dock.raise_()

    def _width(self) -> int:
        return max(self._dock.minimumSizeHint().width(), self._dock.widget().sizeHint().width())
