"""A run dragged from the list of runs onto the curves, to lie behind them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from engine.runs.record import is_run


class RunDrop(QObject):
    """Takes the folder of a run that is dropped on a panel."""

    dropped = Signal(object)
    """The ``Path`` of its folder."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        panel.setAcceptDrops(True)
        panel.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        kinds = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)
        if event.type() not in kinds or not isinstance(event, QDropEvent):
            return False
        run = run_in(event.mimeData())
        if run is None:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self.dropped.emit(run)
        return True


def run_in(data: QMimeData) -> Path | None:
    """Return the one run that is dragged."""
    urls = data.urls() if data.hasUrls() else []
    folder = Path(urls[0].toLocalFile()) if len(urls) == 1 else None
    return folder if folder is not None and is_run(folder) else None
