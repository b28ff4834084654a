"""Files of data dropped anywhere on the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from app.data.importing import is_data


class DataDrop(QObject):
    """Takes files and folders of data that no other part of the window wants."""

    dropped = Signal(Path)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if isinstance(event, QDropEvent):  # enter and move events are drop events as well
            path = data_in(event.mimeData())
            if path is not None:
                event.acceptProposedAction()
                if not isinstance(event, QDragEnterEvent | QDragMoveEvent):
                    self.dropped.emit(path)
                return True
        return super().eventFilter(watched, event)


def data_in(mime: QMimeData) -> Path | None:
    """Return the one file or folder of data that is dragged."""
    # Asked once: each time it is fetched from the other program, which may have gone meanwhile.
    urls = mime.urls() if mime.hasUrls() else []
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    return path if is_data(path) else None
