"""Where the panels of the window stand: layouts, docks that open and close, and Problems.

Problems opens by itself for the first error, and closes by itself only where it did so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.shell.layouts import LAYOUTS, LayoutName
from app.shell.panel_dock import PanelDock

if TYPE_CHECKING:
    from app.main_window import MainWindow

DOCK_OF = {
    "library": "left",
    "outline": "left",
    "data": "left",
    "runs": "left",
    "properties": "right",
    "code": "right",
    "docs": "right",
    "problems": "bottom",
    "summary": "bottom",
    "training": "training",
    "evaluation": "training",
    "log": "training",
    "activations": "inspection",
    "weights": "inspection",
    "gradients": "inspection",
    "map": "inspection",
    "step": "inspection",
    "try": "inspection",
    "comparison": "comparison",
}
"""Which dock each panel lives in."""

# A timer of zero is a posted event, and Qt sends all of those in the same turn.
_PAUSE_MS = 1


class Arrangement(QObject):
    """Opens, closes and arranges the docks of a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._docks = window.docks
        self._layouts = window.layouts
        self._problems_opened_alone = False
        self._hidden: list[PanelDock] = []
        for dock in self._docks.values():
            dock.visibilityChanged.connect(self._follow_docks)
            dock.panel_shown.connect(self._follow_docks)

    def begin(self) -> None:
        """Arrange the Build layout as it was left."""
        self._layouts.current = "build"
        self._layouts.restore()
        self._problems_opened_alone = not self._docks["bottom"].isHidden()
        self.settle_problems(is_news=True)
        self._follow_docks()

    def show_layout(self, name: str) -> None:
        """Arrange the docks of a layout around the canvas."""
        layout: LayoutName = next(each for each in LAYOUTS if each == name)
        # Nothing is painted half arranged, and painting has a turn of its own.
        self._window.setUpdatesEnabled(False)
        self._layouts.show(layout)
        self._window.header.layouts.set_current(layout)
        # Whoever tries an input looks at what the whole drawing makes of it.
        self._window.canvas.canvas.show_small_previews(shown=layout == "try")
        self.settle_problems(is_news=True)
        self._follow_docks()
        QTimer.singleShot(_PAUSE_MS, self._show_arranged)

    def show_layout_soon(self, name: str) -> None:
        """Arrange the docks of a layout in several turns, so that none is long."""

        def begin() -> None:
            # To say how the docks stand, Qt measures all of them, hidden ones too.
            self._layouts.keep()
            QTimer.singleShot(_PAUSE_MS, lambda: self.show_layout(name))

        QTimer.singleShot(_PAUSE_MS, begin)

    def _show_arranged(self) -> None:
        canvas = self._window.canvas
        canvas.fit_all()
        canvas.setUpdatesEnabled(False)
        self._window.setUpdatesEnabled(True)
        # What Qt was to paint meanwhile it passed over, and would not be asked for once more.
        self._window.repaint()
        QTimer.singleShot(_PAUSE_MS, self._show_canvas)

    def _show_canvas(self) -> None:
        self._window.canvas.setUpdatesEnabled(True)
        self._window.canvas.repaint()

    def toggle(self, panel: str) -> None:
        """Open a panel in its dock, or close it where it is in front."""
        dock = self._docks[DOCK_OF[panel]]
        if dock.isVisible() and dock.current == panel:
            if dock.isAncestorOf(QApplication.focusWidget() or self._window):
                self._window.canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)
            dock.hide()
        else:
            dock.show_panel(panel)
            dock.take_keyboard()
        self._follow_docks()

    def open(self, panel: str) -> None:
        """Open a panel and bring it to the front."""
        self._docks[DOCK_OF[panel]].show_panel(panel)
        self._follow_docks()

    def reset(self) -> None:
        """Arrange every layout as it was made."""
        self._window.settings.forget_layouts()
        self._layouts.reset()
        self._follow_docks()

    def hide_docks(self) -> None:
        """Leave the canvas alone, or bring back what was hidden."""
        shown = [dock for dock in self._docks.values() if dock.isVisible()]
        for dock in shown or self._hidden:
            dock.setVisible(not shown)
        self._hidden = shown
        self._follow_docks()

    def settle_problems(self, *, is_news: bool) -> None:
        """Open Problems in the Build layout for the first error; close it once all are gone."""
        document, bottom = self._window.document, self._docks["bottom"]
        report, problems = document.model_report, document.problems
        if self._layouts.current != "build":
            return
        if report.errors and is_news and bottom.isHidden():
            self._problems_opened_alone = True
            bottom.show_panel("problems")
        elif not problems and self._problems_opened_alone and bottom.current == "problems":
            self._problems_opened_alone = False
            bottom.hide()

    def _follow_docks(self) -> None:
        for rail, dock in ((self._window.rail, "left"), (self._window.right_rail, "right")):
            shown = self._docks[dock]
            rail.set_open(shown.current if shown.isVisible() else None)
