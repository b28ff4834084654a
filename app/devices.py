"""What runs are computed on, as the header names it, and how much memory there is for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
from PySide6.QtCore import QObject

from app.document import Document
from app.shell.header import Header
from engine.training.events import WorkerReady

if TYPE_CHECKING:
    from engine.training.config import Device


class Devices(QObject):
    """Knows the devices of this machine once the worker has said which there are."""

    def __init__(self, header: Header, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._header = header
        self._document = document
        self._chosen: Device = "auto"
        self._names: tuple[str, ...] = ()
        self._gpu_bytes: int | None = None

    def learn(self, event: WorkerReady) -> None:
        """Take what the worker says of this machine."""
        self._names = event.devices
        self._gpu_bytes = event.gpu_bytes

    def show(self, device: Device) -> None:
        """Name what the next run is computed on."""
        self._chosen = device
        processors = [name for name in self._names if name.startswith("CPU")]
        others = [name for name in self._names if name not in processors]
        if device != "auto":
            names = processors if device == "cpu" else others
        else:
            names = others or processors
        fallback = {"auto": self.tr("Device"), "cpu": "CPU", "cuda": "GPU"}[device]
        self._header.train.device.setText(names[0] if names else fallback)
        gpu_bytes = None if device == "cpu" else self._gpu_bytes
        self._document.set_memory(gpu_bytes or psutil.virtual_memory().total)

    def show_chosen(self) -> None:
        """Name what was chosen again: more is known of it, or a run has ended."""
        self.show(self._chosen)
