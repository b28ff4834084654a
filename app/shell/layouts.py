"""Layouts: which docks stand around the canvas, and how large; each is left as it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMainWindow

from app.settings import Settings
from app.shell.panel_dock import PanelDock

LayoutName = Literal["build", "train", "try", "compare"]
LAYOUTS: tuple[LayoutName, ...] = ("build", "train", "try", "compare")

_SHOWN: dict[LayoutName, tuple[str, ...]] = {
    "build": ("left", "right"),
    "train": ("training", "inspection"),
    "try": ("inspection",),
    "compare": ("left", "comparison"),
}

_RIGHT_SHARE = 0.56
"""Of the window's width, for the right column of the Train and Try layouts."""

_COMPARED_SHARE = 0.6
"""Of the window's width, for the comparison."""

_RUNS_PX = 320

_STATE_VERSION = 1
"""Counts the sets of docks that there were: what was kept of another set is of no use."""

_UPPER_SHARE = 0.41
"""Of the right column's height, for the training plots."""


class Layouts(QObject):
    """Switches between layouts without changing what any panel shows."""

    arranged = Signal()
    """The docks stand otherwise than before."""

    def __init__(
        self, window: QMainWindow, docks: Mapping[str, PanelDock], settings: Settings
    ) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._settings = settings
        self.current: LayoutName = "build"
        self._partial: set[str] = set()
        """The docks that are not where layouts put them: there is nothing to remember then."""

    def show(self, name: LayoutName) -> None:
        """Leave the present layout as it is and arrange another."""
        self.keep()
        before, self.current = self.current, name
        self.restore()
        if name == "try":
            self._docks["inspection"].show_panel("try")
        elif before == "try" and name == "train":
            self._docks["inspection"].show_panel("activations")
        elif name == "compare":
            self._docks["left"].show_panel("runs")

    def restore(self) -> None:
        """Arrange the present layout as it was left, or as it was made."""
        state = self._settings.layout_state(self.current)
        if state.isEmpty() or not self._window.restoreState(state, _STATE_VERSION):
            self.reset()
        else:
            self.arranged.emit()

    def keep(self) -> None:
        """Remember how the docks stand."""
        if not self._partial:
            state = self._window.saveState(_STATE_VERSION)
            self._settings.set_layout_state(self.current, state)

    def note_partial(self, dock: str, *, is_partial: bool) -> None:
        """Know that a dock is not where layouts put it, or that it is there again."""
        (self._partial.add if is_partial else self._partial.discard)(dock)

    def reset(self) -> None:
        """Arrange the present layout as it was made."""
        shown = _SHOWN[self.current]
        for name, dock in self._docks.items():
            if dock.isFloating():  # of a dock that stands, Qt would make the window anew
                dock.setFloating(False)
            dock.setVisible(name in shown)
        if self.current == "build":
            self._resize(("left", "right"), (240, 355), Qt.Orientation.Horizontal)
        elif self.current == "compare":
            widths = (_RUNS_PX, round(self._window.width() * _COMPARED_SHARE))
            self._resize(shown, widths, Qt.Orientation.Horizontal)
        else:
            width = round(self._window.width() * _RIGHT_SHARE)
            self._resize(shown[:1], (width,), Qt.Orientation.Horizontal)
        if self.current == "train":
            upper = round(self._window.height() * _UPPER_SHARE)
            below = self._window.height() - upper
            self._resize(("training", "inspection"), (upper, below), Qt.Orientation.Vertical)
        self.arranged.emit()

    def _resize(
        self, names: Sequence[str], sizes: Sequence[int], orientation: Qt.Orientation
    ) -> None:
        docks = [self._docks[name] for name in names]
        self._window.resizeDocks(docks, list(sizes), orientation)
