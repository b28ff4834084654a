"""Templates of one's own: kept from the File menu, and begun with there and on the start page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu

from app.dialogs.asking import ask_words
from app.project_files import show_error
from app.settings import data_folder
from engine.project.own_templates import open_own_template, own_templates, save_template
from nodes.errors import LoomError

if TYPE_CHECKING:
    from app.main_window import MainWindow


class OwnTemplates(QObject):
    """Keeps projects as templates and opens them as new ones."""

    def __init__(self, window: MainWindow, folder: Path | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._folder = folder or data_folder() / "templates"

    def files(self) -> tuple[Path, ...]:
        """Return the templates there are."""
        return own_templates(self._folder)

    def ask_to_save(self) -> None:
        """Ask for a name and keep the open project as a template."""
        title, asked = self.tr("Save as Template"), self.tr("Name of the template")
        begun = self._window.document.project.name
        name = ask_words(self._window, title, asked, begun, self.tr("Save"))
        if name:
            self.save(name)

    def save(self, name: str) -> None:
        """Keep the open project as a template."""
        try:
            path = save_template(self._folder, self._window.document.project, name)
        except LoomError as error:
            show_error(self._window, error)
            return
        told = self.tr("“{0}” is a template now: File, New From Template")
        self._window.canvas.tell(told.format(path.stem))

    def open(self, path: Path) -> None:
        """Open a template as a new project."""
        try:
            project = open_own_template(path)
        except LoomError as error:
            show_error(self._window, error)
            return
        self._window.beginning.show_project(project)

    def menu(self) -> QMenu:
        """Return the menu of the templates; it is filled anew each time it opens."""
        menu = QMenu(self.tr("New From Template"), self._window)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        return menu

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        for path in self.files():
            action = menu.addAction(path.stem.replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, path=path: self.open(path))
        if menu.isEmpty():
            menu.addAction(self.tr("Nothing yet: Save as Template keeps one")).setEnabled(False)
        else:
            menu.addSeparator()
            folder = menu.addAction(self.tr("Show the Files"))
            folder.triggered.connect(
                lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))
            )
