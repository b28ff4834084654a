"""A run that goes on on another device: saved where it stands, ended there and taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from engine.training.events import RunEnded

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from engine.training.config import Device


class DeviceChange(QObject):
    """Carries out what a run asks for that its device has no room for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._is_awaited = False
        window.run_view.device_asked.connect(self._on_device_asked)
        window.run_view.ended.connect(self._on_ended)

    def _on_device_asked(self, device: Device) -> None:
        self._window.choose_device(device)
        if self._window.control.is_running:
            self._is_awaited = True
            self._window.control.stop()

    def _on_ended(self, event: RunEnded) -> None:
        if self._is_awaited and event.outcome == "stopped":
            # Everyone is told of the end first.
            QTimer.singleShot(0, self, self._window.go_on)
        self._is_awaited = False
