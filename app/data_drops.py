"""What is dropped on the window and holds no drawing: data, or files that nothing opens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.beginning import left_over
from app.drops import FileDrops
from app.project_files import show_error
from engine.importing.foreign import MODEL_SUFFIXES, not_opened

if TYPE_CHECKING:
    from app.data.panel import DataPanel
    from app.main_window import MainWindow


class DataDrops(QObject):
    """Takes such files from the moment the window stands.

    What falls before there is a panel that reads data is kept, and answered once there is one.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._panel: DataPanel | None = None
        self._kept: Sequence[Path] = ()
        # Whoever was last to ask for files is first to be asked: drawings are left to the window.
        FileDrops(window, self._wanted, lambda files, _: self.take(files))
        window.weights_drop.passed_on.connect(lambda file: self.take([file]))

    def serve(self, panel: DataPanel) -> None:
        """Give data to this panel from now on; what was dropped before it stood comes first."""
        self._panel = panel
        kept, self._kept = self._kept, ()
        if kept:
            self.take(kept)

    def take(self, files: Sequence[Path]) -> None:
        """Show files as a data set, or say why that cannot be."""
        window, panel = self._window, self._panel
        if panel is None:
            self._kept = files
            words = self.tr("{0} is looked at as soon as all panels are there.")
            window.canvas.tell(words.format(files[0].name))
        elif _are_data(files):
            if panel.lock_reason:
                window.tell(panel.lock_reason)
            else:
                panel.importing.take(files[0])
        elif left_over(files) is None:
            window.beginning.open_dropped(files[0])
        else:
            show_error(window, not_opened(files))

    def _wanted(self, files: Sequence[Path]) -> Sequence[Path] | None:
        if self._panel is None:
            # What a trained model's file holds is told by what comes with the panel.
            may_be_data = any(file.suffix.lower() in MODEL_SUFFIXES for file in files)
            return files if may_be_data else left_over(files)
        return files if _are_data(files) else left_over(files)


def _are_data(files: Sequence[Path]) -> bool:
    # It comes with what reads data, which the window does not wait for when it opens.
    from app.data.importing import is_data

    return len(files) == 1 and is_data(files[0])
