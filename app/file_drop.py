"""What is dropped on the window: projects, pictures that carry one, PyTorch source, runs.

Files of trained models are taken as well, to say why they are not opened.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QTimer
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from engine.importing.foreign import MODEL_SUFFIXES
from engine.runs.record import is_run

_SUFFIXES = (".loom", ".png", ".py", *MODEL_SUFFIXES)


class FileDrop(QObject):
    """Takes what no part of the window takes for itself."""

    def __init__(self, window: QWidget, dropped: Callable[[Path], object]) -> None:
        super().__init__(window)
        self._dropped = dropped
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        kinds = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)
        if event.type() not in kinds or not isinstance(event, QDropEvent):
            return False
        file = project_in(event.mimeData())
        if file is None:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            # The program that the file comes from waits until the drop is over.
            QTimer.singleShot(0, lambda: self._dropped(file))
        return True


def project_in(data: QMimeData) -> Path | None:
    """Return the first file, or folder of a run, of a drag that may hold a project."""
    files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return next((file for file in files if file.suffix.lower() in _SUFFIXES or is_run(file)), None)
