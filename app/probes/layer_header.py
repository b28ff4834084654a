"""The head of a panel that shows one layer: tile, name and kind."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.widgets import CategoryTile, Label


class LayerHeader(QWidget):
    """Says which layer is shown, with room for more at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tile = CategoryTile("conv")
        self._title = Label("", "heading", weight=600)
        self._kind = Label("", "small", "text2")
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._title)
        names.addWidget(self._kind)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(10)
        self._row.addWidget(self._tile)
        self._row.addLayout(names, stretch=1)

    @property
    def name(self) -> str:
        """The name of the layer."""
        return self._title.text()

    def show_layer(self, title: str, kind: str, category: str, glyph: str = "") -> None:
        """Name another layer."""
        self._tile.set_category(category, glyph)
        self._title.setText(title)
        self._kind.setText(kind)
        self.setAccessibleName(f"{title} {kind}")

    def add_trailing(self, widget: QWidget) -> None:
        """Put something at the right end."""
        self._row.addWidget(widget)
