"""In a narrow window the left dock lies over the canvas instead of taking its room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QMainWindow, QWidget

from app.shell.layouts import Layouts
from app.shell.panel_dock import PanelDock
from app.shell.rail import Rail
from app.theme import text_scale, theme_manager
from app.widgets import Divider

_NARROW_PX = 1280
_TALLEST_PX = 100_000


class OverlaidDock(QObject):
    """Takes the dock out of the window's layout below 1280 px, and puts it back above.

    It then opens over the edge of the canvas and goes with a press on the canvas, so that a narrow
    window still shows the drawing.
    """

    def __init__(
        self,
        window: QMainWindow,
        dock: PanelDock,
        rail: Rail,
        canvas: QWidget,
        layouts: Layouts,
    ) -> None:
        super().__init__(window)
        self._window, self._dock, self._rail = window, dock, rail
        self._layouts = layouts
        self.is_overlaid = False
        self._edge = Divider(dock)
        self._edge.setMinimumHeight(0)
        self._edge.setMaximumHeight(_TALLEST_PX)
        self._edge.hide()
        window.installEventFilter(self)
        dock.installEventFilter(self)
        rail.installEventFilter(self)
        canvas.installEventFilter(self)
        self._canvas = canvas
        layouts.arranged.connect(self._on_arranged)
        theme_manager().changed.connect(self.follow)

    def follow(self) -> None:
        """Lie over the canvas or beside it, as the width of the window asks for."""
        is_narrow = self._window.width() < _NARROW_PX * text_scale()
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
        elif self.is_overlaid and self._is_press_beside(watched, kind):
            self._dock.hide()
        return False

    def _moving(self) -> tuple[tuple[QObject, QEvent.Type], ...]:
        """Return the events after which the dock stands elsewhere."""
        rail = self._rail
        return (
            (self._dock, QEvent.Type.Show),
            (rail, QEvent.Type.Move),
            (rail, QEvent.Type.Resize),
        )

    def _is_press_beside(self, watched: QObject, kind: QEvent.Type) -> bool:
        return watched is self._canvas and kind == QEvent.Type.MouseButtonPress

    def _set_overlaid(self, *, overlaid: bool) -> None:
        self.is_overlaid = self._layouts.is_partial = overlaid
        self._edge.setVisible(overlaid)
        if overlaid:
            self._window.removeDockWidget(self._dock)
        else:
            self._window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self._dock)
            self._dock.setVisible(self._layouts.current in ("build", "compare"))
            home = self._dock.widget().sizeHint().width()
            self._window.resizeDocks([self._dock], [home], Qt.Orientation.Horizontal)

    def _on_arranged(self) -> None:
        """Take the dock out again: a layout that is restored puts it back."""
        if self.is_overlaid:
            self._window.removeDockWidget(self._dock)
        else:
            self.follow()

    def _place(self) -> None:
        rail = self._rail
        corner = rail.mapTo(self._window, rail.rect().topRight())
        width = max(self._dock.minimumSizeHint().width(), self._dock.widget().sizeHint().width())
        self._dock.setGeometry(corner.x() + 1, corner.y(), width, rail.height())
        self._edge.setGeometry(width - 1, 0, 1, rail.height())
        self._edge.raise_()
        self._dock.raise_()
