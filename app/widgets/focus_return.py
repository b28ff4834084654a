"""The keyboard given back to what had it before something opened over it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


class FocusReturn:
    """Remembers what has the keyboard.

    Args:
        otherwise: Gets it where the other one is gone or out of sight.
    """

    def __init__(self, otherwise: QWidget) -> None:
        self._otherwise = otherwise
        self._before: QWidget | None = None

    def remember(self) -> None:
        """Note what has the keyboard now."""
        self._before = QApplication.focusWidget()

    def give_back(self) -> None:
        """Give the keyboard to what had it."""
        before, self._before = self._before, None
        there = before is not None and isValid(before) and before.isVisible()
        to = before if there and before is not None else self._otherwise
        to.setFocus(Qt.FocusReason.OtherFocusReason)
