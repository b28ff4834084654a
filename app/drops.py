"""Files that are dragged onto a part of the window, from another program or from this one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

Wanted = TypeVar("Wanted")

Choice: TypeAlias = Callable[[Sequence[Path]], Wanted | None]
"""What is wanted of the files that are dragged; None where nothing is."""


class FileDrops(QObject, Generic[Wanted]):
    """Takes files for a widget; what it does not want is left to those around it."""

    def __init__(
        self,
        widget: QWidget,
        choice: Choice[Wanted],
        take: Callable[[Wanted, QPointF], object],
    ) -> None:
        """Take files for as long as the widget lives.

        Args:
            take: Called with what was wanted and the point of the widget it fell on.
        """
        super().__init__(widget)
        self._choice = choice
        self._take = take
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if not isinstance(event, QDropEvent):  # enter and move events are drop events as well
            return False
        wanted = self._choice(dragged_files(event.mimeData()))
        if wanted is None:
            return False
        event.acceptProposedAction()
        if not isinstance(event, QDragEnterEvent | QDragMoveEvent):
            place = event.position()
            # The program that the file comes from waits until the drop is over.
            QTimer.singleShot(0, self, lambda: self._take(wanted, place))
        return True


def only(is_wanted: Callable[[Path], bool]) -> Choice[Path]:
    """Return the choice of a file that is dragged alone."""
    return lambda files: files[0] if len(files) == 1 and is_wanted(files[0]) else None


def dragged_files(data: QMimeData) -> list[Path]:
    """Return the files and folders of this machine that are dragged."""
    # Asked once: each time it is fetched from the other program, which may have gone meanwhile.
    urls = data.urls() if data.hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
