"""A run that is kept elsewhere, because the disk that it writes to is full."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.project_files import show_error
from engine.runs.moving import move_run
from engine.runs.record import find_checkpoint
from nodes.errors import LoomError

if TYPE_CHECKING:
    from app.main_window import MainWindow


class FolderChange(QObject):
    """Asks for a folder with room; a run goes on there, one that could not begin begins there."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.run_view.folder_asked.connect(self._on_asked)

    def _on_asked(self) -> None:
        window, title = self._window, self.tr("Choose a folder with room for the run")
        chosen = QFileDialog.getExistingDirectory(window, title)
        run = window.control.run
        if not chosen or run is None:
            return
        if window.control.is_running:
            window.control.move(Path(chosen))
        elif find_checkpoint(run / "checkpoints", "last") is None:
            window.train_in(Path(chosen))
        else:
            # It comes with numpy, which the window does not wait for when it opens.
            from app.data.work import Work

            Work(self, lambda: move_run(run, Path(chosen))).done.connect(self._on_moved)

    def _on_moved(self, found: Path | LoomError) -> None:
        if isinstance(found, LoomError):
            show_error(self._window, found)
        else:
            self._window.go_on()
