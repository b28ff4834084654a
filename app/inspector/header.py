"""What is selected, in two lines: tile, title, and where it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.theme import activation_icon
from app.widgets import CategoryTile, IconButton
from app.widgets.elided_label import ElidedLabel
from nodes.layer import LayerInfo

_TILE_PX = 32


class Header(QWidget):
    """Tile, title and place, with a menu at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._tile = CategoryTile("shape", size_px=_TILE_PX)
        self._title = ElidedLabel("", "heading")
        self._place = ElidedLabel("", "small", "text3")
        self._more = IconButton("more", self.tr("More actions"))
        self._more.clicked.connect(self._open_menu)
        self._more.hide()
        self._actions: Sequence[QAction] = ()
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(self._title)
        lines.addWidget(self._place)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._tile)
        row.addLayout(lines, stretch=1)
        row.addWidget(self._more)

    def show_words(self, title: str, place: str, *, kind: str = "", info: LayerInfo | None) -> None:
        """Say what is selected; no tile for things that have no category."""
        self._title.setText(title)
        self._place.setText(place)
        self._place.setVisible(bool(place))
        self._tile.setVisible(info is not None)
        if info is not None:
            glyph = info.glyph
            if not glyph and info.category == "act":
                glyph = activation_icon(kind)
            self._tile.set_category(info.category, glyph)
        self.setAccessibleName(f"{title}, {place}" if place else title)

    def set_actions(self, actions: Sequence[QAction]) -> None:
        """Choose what the menu holds; the button is hidden while that is nothing."""
        self._actions = tuple(actions)
        self._more.setVisible(bool(actions))

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.addActions(self._actions)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))
