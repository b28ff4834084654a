"""F6: from pane to pane, in the order header, rail, left, canvas, right, bottom, status bar.

Cards that float over the canvas come after it.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QMainWindow, QWidget


class Panes(QObject):
    """Moves the keyboard focus between the parts of the window."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._panes: list[QWidget] = []

    def set_panes(self, panes: list[QWidget]) -> None:
        """Set the parts of the window in their order."""
        self._panes = panes

    def step(self, by: int) -> None:
        """Go ``by`` panes on; hidden ones and those without anything to focus are passed over."""
        focus = QApplication.focusWidget()
        shown = [part for pane in self._panes if pane.isVisible() for part in _with_cards(pane)]
        if not shown:
            return
        held = [place for place, pane in enumerate(shown) if focus and _holds(pane, focus)]
        # A card lies within the canvas, and is the nearer one.
        current = held[-1] if held else -by
        for distance in range(1, len(shown) + 1):
            pane = shown[(current + by * distance) % len(shown)]
            target = _first_focusable(pane)
            if target is not None:
                target.setFocus(Qt.FocusReason.TabFocusReason)
                return


def _with_cards(pane: QWidget) -> list[QWidget]:
    """Return a pane, and after the canvas the cards that float over it."""
    if not isinstance(pane, QAbstractScrollArea):
        return [pane]
    parts = (*pane.children(), *pane.viewport().children())
    cards = [one for one in parts if isinstance(one, QWidget) and one.property("kind") == "card"]
    return [pane, *(card for card in cards if card.isVisible())]


def _holds(pane: QWidget, widget: QWidget) -> bool:
    return pane is widget or pane.isAncestorOf(widget)


def _first_focusable(pane: QWidget) -> QWidget | None:
    for widget in (pane, *pane.findChildren(QWidget)):
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if takes and widget.isEnabled() and widget.isVisible():
            return widget
    return None
