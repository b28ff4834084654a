"""One's own data: chosen or dropped, looked at in a sheet, then put into the drawing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from app.data.hub_sheet import HubSheet
from app.data.import_sheet import Chosen, ImportSheet
from app.document import Document
from app.theme import ThemeManager
from engine.data.arrays import SUFFIXES as ARRAYS
from engine.data.kinds import TEXTS
from engine.data.starting import data_params, starting_graph, with_data
from engine.data.tables import SUFFIXES as TABLES
from engine.graph.edits import add_node, make_node
from engine.graph.elements import Graph
from engine.project.beginning import is_beginning
from engine.runs.record import is_run
from nodes.io import Data

_KINDS = (*TABLES, *ARRAYS, *TEXTS, ".zip", ".tar")


class DataImport(QObject):
    """Asks for files, shows what they are, and lets the drawing learn from them."""

    def __init__(self, document: Document, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self._parent = parent
        self.sheet: ImportSheet | None = None
        """The sheet that is open."""

    def choose_file(self) -> None:
        """Ask for a table, an array or a text."""
        kinds = " ".join(f"*{suffix} *{suffix}.gz" for suffix in _KINDS)
        words = self.tr("Data ({0});;All files (*)").format(kinds)
        file, _ = QFileDialog.getOpenFileName(
            self._parent, self.tr("Choose a file of data"), str(Path.home()), words
        )
        if file:
            self.take(Path(file))

    def choose_folder(self) -> None:
        """Ask for a folder of pictures, sounds or texts."""
        folder = QFileDialog.getExistingDirectory(
            self._parent, self.tr("Choose a folder with one folder for each class")
        )
        if folder:
            self.take(Path(folder))

    def choose_from_hub(self) -> None:
        """Ask for the name of a data set of Hugging Face's hub."""
        self.hub = HubSheet(self._parent.window())
        self.hub.fetched.connect(self.take)
        self.hub.finished.connect(self.hub.deleteLater)
        self.hub.open()

    def take(self, path: Path) -> None:
        """Show what lies at a path as a data set, to be used or left."""
        if self.sheet is not None:
            self.sheet.reject()
        self.sheet = ImportSheet(path, self._theme, self._parent.window())
        self.sheet.chosen.connect(self._use)
        self.sheet.finished.connect(self._on_closed)
        self.sheet.open()

    def _use(self, chosen: Chosen) -> None:
        params = data_params(chosen.name, chosen.spec, chosen.source, chosen.split_by)
        default = Data()
        for share in ("validation_share", "test_share"):
            value = getattr(chosen, share)
            params[share] = None if value == getattr(default, share) else value

        def change(graph: Graph) -> Graph:
            if is_beginning(graph):
                return starting_graph(params, chosen.spec.fields)
            node = next((node.id for node in graph.nodes.values() if node.kind == "Data"), None)
            if node is not None:
                return with_data(graph, node, params, chosen.spec.fields)
            given = {name: value for name, value in params.items() if value is not None}
            return add_node(graph, make_node(graph, "Data", params=given))

        self._document.edit_model(self.tr("Use {0}").format(chosen.name), change)

    def _on_closed(self) -> None:
        if self.sheet is not None:
            self.sheet.deleteLater()
        self.sheet = None


def is_data(path: Path) -> bool:
    """Say whether something that is dropped could be a data set, by its name."""
    if path.is_dir():
        return not is_run(path)
    return path.name.lower().removesuffix(".gz").endswith(_KINDS)
