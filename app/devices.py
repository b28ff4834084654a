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
        self._torch = ""

    @property
    def why_no_gpu(self) -> str:
        """Why no run can be computed on a GPU; empty where one can, or nothing is known yet."""
        if not self._names or self._others():
            return ""
        return self.tr("PyTorch {0} sees no NVIDIA GPU on this computer.").format(self._torch)

    def learn(self, event: WorkerReady) -> None:
        """Take what the worker says of this machine."""
        self._names = event.devices
        self._gpu_bytes = event.gpu_bytes
        self._torch = event.torch

    def show(self, device: Device) -> None:
        """Name what the next run is computed on."""
        self._chosen = device
        others = self._others()
        processors = [name for name in self._names if name not in others]
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

    def _others(self) -> list[str]:
        return [name for name in self._names if not name.startswith("CPU")]
