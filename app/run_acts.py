"""What can be done with a run from the list: noted, starred, restored, looked for, deleted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QFile, QObject, QUrl
from PySide6.QtGui import QDesktopServices

from app.dialogs.asking import agrees, ask_words
from app.project_files import show_error
from engine.runs.marks import read_marks, write_marks
from engine.runs.record import RunRecord
from nodes.errors import LoomError, RunError

if TYPE_CHECKING:
    from app.late_panels import RunPanels
    from app.main_window import MainWindow


class RunActs(QObject):
    """Carries out what the context menu of a run asks for."""

    def __init__(self, window: MainWindow, panels: RunPanels) -> None:
        super().__init__(window)
        self._window = window
        self._runs = panels.runs
        panels.runs.act_requested.connect(self._on_asked)
        panels.comparison.restore_requested.connect(lambda run: self._on_asked("restore", run))

    def star(self, run: Path) -> None:
        """Give a run a star, or take it away."""
        marks = read_marks(run)
        write_marks(run, replace(marks, starred=not marks.starred))
        self._runs.refresh()

    def note(self, run: Path) -> None:
        """Ask for a few words on a run."""
        marks, window = read_marks(run), self._window
        title, asked, verb = self.tr("Note on a run"), self.tr("What is it for?"), self.tr("Save")
        note = ask_words(window, title, asked, marks.note, verb, may_be_empty=True)
        if note is not None:
            write_marks(run, replace(marks, note=note))
            self._runs.refresh()

    def restore(self, run: Path) -> None:
        """Open a run's drawing and recipe as a new project."""
        self._window.beginning.show_project(RunRecord.open(run).project_now())

    def show_files(self, run: Path) -> None:
        """Open the folder of a run on the desktop."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(run)))

    def show_report(self, run: Path) -> None:
        """Write what a run came to as a page, with its drawing, and open it on the desktop."""
        # Loads what draws SVG, and numpy, which nobody waits for at the start.
        from app.canvas.picture import picture_svg
        from engine.runs.report import write_report

        drawing = picture_svg(RunRecord.open(run).project_now(), dark=False)
        file = write_report(run, drawing)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(file))):
            raise RunError(
                "The report could not be opened",
                why="The desktop names no program for pages.",
                where=str(file),
                hint="It is written: open the file with a browser.",
            )

    def delete(self, run: Path) -> None:
        """Move a run to the desktop's bin, once the person agrees."""
        if not self._may_delete(run):
            return
        if not QFile(str(run)).moveToTrash():
            raise RunError(
                "The run could not be moved to the bin",
                why="The desktop has none for this disk.",
                where=str(run),
                hint="Delete its folder yourself.",
            )
        self._runs.refresh()

    def _on_asked(self, act: str, run: Path) -> None:
        acts = {
            "star": self.star,
            "note": self.note,
            "restore": self.restore,
            "report": self.show_report,
            "files": self.show_files,
            "delete": self.delete,
        }
        if act not in acts:
            return
        try:
            acts[act](run)
        except LoomError as error:
            show_error(self._window, error)

    def _may_delete(self, run: Path) -> bool:
        name = RunRecord.open(run).info.name
        question = self.tr("Delete this run of “{0}”?").format(name)
        outcome = self.tr("It goes to the bin, with its checkpoints and curves.")
        return agrees(self._window, question, outcome, self.tr("Delete run"))
