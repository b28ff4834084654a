"""Noticing that a widget is pointed at, by the pointer or by the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

_BEGINS = (QEvent.Type.Enter, QEvent.Type.FocusIn)
_ENDS = (QEvent.Type.Leave, QEvent.Type.FocusOut, QEvent.Type.Hide)


class Pointing(QObject):
    """Watches one widget, which owns it."""

    changed = Signal(bool)
    """It is pointed at from now on, or no longer."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._is_on = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if watched is self._widget:
            if event.type() in _BEGINS:
                self._set(on=True)
            elif event.type() in _ENDS:
                self._set(on=self._is_pointed_at(event))
        return False

    def _is_pointed_at(self, event: QEvent) -> bool:
        """Whether the pointer or the keyboard is still there when the other one leaves."""
        if event.type() == QEvent.Type.Hide:
            return False
        leaves = event.type() == QEvent.Type.Leave
        return self._widget.hasFocus() if leaves else self._widget.underMouse()

    def _set(self, *, on: bool) -> None:
        if on != self._is_on:
            self._is_on = on
            self.changed.emit(on)
