"""The drawing as a picture: in a file, or in the clipboard."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from app.project_files import show_error
from app.theme import current_theme
from engine.graph.elements import NodeId
from nodes.errors import LoomError

if TYPE_CHECKING:
    from app.main_window import MainWindow

_KINDS = ("PNG, opens in Layerloom (*.png)", "SVG (*.svg)")


class Pictures(QObject):
    """Draws what is open, or what is selected in it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def export(self, nodes: Collection[NodeId] = ()) -> None:
        """Ask for a file and draw all layers into it, or only some."""
        from app.canvas.picture import save_picture

        document = self._window.document
        project, level = document.project, document.path
        chosen, kind = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Export picture"),
            str(Path.home() / f"{project.name}.png"),
            ";;".join(_KINDS),
        )
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() not in (".png", ".svg"):
            path = path.with_name(f"{path.name}{'.svg' if kind == _KINDS[1] else '.png'}")
        try:
            dark = current_theme().is_dark
            save_picture(project, path, dark=dark, nodes=nodes, level=level)
        except LoomError as error:
            show_error(self._window, error)
        else:
            self._window.canvas.tell(self.tr("Saved as {0}").format(path.name))

    def copy(self) -> None:
        """Put a picture of the selected layers, or of all, into the clipboard."""
        from app.canvas.picture import picture_png

        document = self._window.document
        png = picture_png(
            document.project,
            dark=current_theme().is_dark,
            nodes=document.selection,
            level=document.path,
        )
        data = QMimeData()
        # The bytes as they are: they carry the drawing, which an image alone would lose.
        data.setData("image/png", png)
        data.setImageData(QImage.fromData(png))
        QGuiApplication.clipboard().setMimeData(data)
        count = len(document.selection or document.graph.nodes)
        self._window.canvas.tell(self.tr("Picture of {0} layers copied").format(count))
