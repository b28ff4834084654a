"""What to copy into a report of a problem; nothing is sent from here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from app.dialogs.about import version_of
from app.dialogs.details import DetailsDialog, versions
from app.settings import data_folder
from app.widgets import Button

_LINES = 60


class ReportDialog(DetailsDialog):
    """Versions and the end of the log, to copy, and the way to the whole of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._folder = data_folder() / "logs"
        super().__init__(_details(self._folder), parent)
        self.setWindowTitle(self.tr("Report a problem"))
        self.say(
            self.tr("What to tell"),
            self.tr(
                "Layerloom sends nothing. Copy these details into your report, say what you did "
                "and what you expected, and add the project where you can. The log names files "
                "and layers of yours: look it through first."
            ),
        )
        folder = Button(self.tr("Open the folder"), icon_name="folder")
        folder.clicked.connect(self._open_folder)
        self.add_button(folder)
        close = Button(self.tr("Close"), "primary")
        close.clicked.connect(self.accept)
        self.add_button(close)

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))


def _details(folder: Path) -> str:
    return f"Layerloom {version_of('layerloom')}, {versions()}\n\n{_end_of_log(folder)}"


def _end_of_log(folder: Path) -> str:
    try:
        written = (folder / "layerloom.log").read_text(encoding="utf-8", errors="replace")
    except OSError:  # nowhere to write: the program works without a log
        return ""
    return "\n".join(written.splitlines()[-_LINES:])
