"""How a project comes on screen: from the start page, a template, a file, a run, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.lessons.lessons import LESSONS
from app.project_files import show_error
from engine.importing.foreign import MODEL_SUFFIXES, no_drawing
from engine.project.beginning import empty_project
from engine.project.project import Project
from engine.project.templates import Template, open_template
from engine.runs.record import RunRecord, is_run, runs_root
from nodes.errors import LoomError

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.start_page import StartPage

_SUFFIXES = (".loom", ".png", ".py", *MODEL_SUFFIXES)
"""Of files that are opened. Trained models are, to say why there is no drawing in them."""


class Beginning(QObject):
    """Opens the start page, and what is chosen there."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._page: StartPage | None = None

    def open_page(self) -> StartPage:
        """Cover the window with the start page."""
        if self._page is None:
            self._page = self._made()
        self._page.open(self._window.settings.recent, self._window.own_templates.files())
        self._window.header.set_plain(plain=True)
        self._window.lessons.mark()
        return self._page

    @property
    def is_page_open(self) -> bool:
        """Whether the start page covers the window."""
        return self._page is not None and not self._page.isHidden()

    def open_template(self, template: Template, *, train: bool = False) -> None:
        """Open a built-in project as a new one, and train it where that is wanted."""
        if not self.show_project(open_template(template.key)):
            return
        self._window.lessons.offer()
        if train:
            QTimer.singleShot(0, self._window.train)

    def open_empty(self) -> None:
        """Open a project with a data node and a loss node."""
        self.show_project(empty_project())

    def open_file(self, path: Path) -> None:
        """Open a project's file."""
        if self._window.files.may_leave() and self._window.files.open(path):
            self._leave()

    def ask_for_run(self) -> None:
        """Ask for the folder of a run and open it."""
        start = runs_root() if runs_root().is_dir() else Path.home()
        name = QFileDialog.getExistingDirectory(self._window, self.tr("Open run"), str(start))
        if name:
            self.open_run(Path(name))

    def open_run(self, folder: Path) -> None:
        """Open a run from its folder: its drawing as a new project, and all that it shows."""
        if self._window.control.is_running:
            self._window.tell(self.tr("A run is under way. Stop it to open another one."))
            return
        try:
            project = RunRecord.open(folder).project_looked_into()
        except LoomError as error:
            show_error(self._window, error)
            return
        if self.show_project(project):
            self.show_run(folder)

    def show_run(self, folder: Path) -> None:
        """Show a run whose drawing is on screen, as soon as there are panels for it."""
        window = self._window
        if window.run_view.has_panels:
            self._show(folder)
        else:
            window.late.prepared.connect(lambda: self._show(folder))

    def _show(self, folder: Path) -> None:
        self._window.show_layout("train")
        self._window.show_run(folder)

    def ask_for_source(self) -> None:
        """Ask for a Python file and open the layers that it makes as a new project."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Import PyTorch code"), str(Path.home()), "Python (*.py)"
        )
        if name:
            self.open_source(Path(name))

    def open_source(self, path: Path) -> None:
        """Open the layers that a Python file makes as a new project."""
        from engine.importing.files import import_source

        try:
            imported = import_source(path)
        except LoomError as error:
            show_error(self._window, error)
            return
        if self.show_project(imported.project):
            for note in imported.notes:
                self._window.files.noted.emit(note)

    def open_dropped(self, path: Path) -> None:
        """Open a file, or the folder of a run, that was dropped on the window."""
        if path.is_dir():
            self.open_run(path)
        elif path.suffix.lower() == ".py":
            self.open_source(path)
        elif path.suffix.lower() in MODEL_SUFFIXES:
            show_error(self._window, no_drawing(path))
        else:
            self.open_file(path)

    def close(self) -> None:
        """Let what is being read end."""
        if self._page is not None:
            self._page.stop()

    def _made(self) -> StartPage:
        from app.start_page import StartPage

        window = self._window
        entries = (
            ("start", "template", self.tr("Start"), ""),
            ("open", "folder", self.tr("Open project…"), window.keys_of("open")),
            ("import", "code", self.tr("Import PyTorch…"), ""),
            ("lessons", "docs", self.tr("Guided lessons"), str(len(LESSONS))),
        )
        page = StartPage(window, entries)
        page.opened.connect(self.open_template)
        page.trained.connect(lambda template: self.open_template(template, train=True))
        page.empty_chosen.connect(self.open_empty)
        page.recent_chosen.connect(self.open_file)
        page.template_chosen.connect(window.own_templates.open)
        page.asked.connect(self._on_asked)
        page.closed.connect(self._on_closed)
        window.files.opened.connect(page.close_page)
        return page

    def _on_asked(self, key: str) -> None:
        if key == "open":
            self._window.open_project()
        elif key == "import":
            self.ask_for_source()
        elif key == "lessons":
            self._offer_lessons()

    def _offer_lessons(self) -> None:
        """Let a lesson be chosen, beside the entry that was pressed."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for lesson in LESSONS:
            menu.addAction(self._window.actions_by_key[f"lesson_{lesson.key}"])
        entry: QWidget | None = self._window.focusWidget()
        beside = entry.mapToGlobal(entry.rect().topRight()) if entry is not None else QCursor.pos()
        menu.popup(beside)

    def show_project(self, project: Project) -> bool:
        """Show a new project, once the person may leave the one that is open; say whether it is."""
        if not self._window.files.may_leave():
            return False
        self._window.files.show(project)
        self._leave()
        return True

    def _leave(self) -> None:
        if self._page is not None:
            self._page.close_page()

    def _on_closed(self) -> None:
        self._window.header.set_plain(plain=False)
        self._window.lessons.mark()
        self._window.canvas.setFocus()


def project_in(files: Sequence[Path]) -> Path | None:
    """Return the first file, or folder of a run, that may hold a project."""
    return next((file for file in files if file.suffix.lower() in _SUFFIXES or is_run(file)), None)


def left_over(files: Sequence[Path]) -> Sequence[Path] | None:
    """Return files that were dropped and among which there is no project; None where one is."""
    return None if not files or project_in(files) is not None else files
