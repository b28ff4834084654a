"""The rows of the library as a model: categories with their layers, or what a search found."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QMimeData, QModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from app.theme import activation_icon
from nodes.catalogue import CATEGORIES, LAYERS, search
from nodes.layer import Category, LayerInfo

LAYER_MIME = "application/x-layerloom-layer"
"""A dragged layer: its kind, in UTF-8."""

KIND = Qt.ItemDataRole.UserRole
CATEGORY = Qt.ItemDataRole.UserRole + 1
COUNT = Qt.ItemDataRole.UserRole + 2
"""Of a category: how many layers. Of a "more" row: how many it stands for."""

_SHOWN_FIRST = 6


class Entries(QStandardItemModel):
    """What the tree shows; a row is a category, a layer, or a category's "3 more"."""

    def __init__(self) -> None:
        super().__init__()
        self._whole: set[Category] = set()

    def show_all(self) -> None:
        """List the categories with their layers."""
        self.clear()
        for category, layers in _by_category().items():
            self.appendRow(self._category_row(category, layers))

    def show_found(self, kinds: Iterable[str]) -> None:
        """List layers without their categories."""
        self.clear()
        for kind in kinds:
            self.appendRow(_layer_row(kind))

    def show_whole(self, category: Category) -> None:
        """Let a category show all its layers from now on."""
        self._whole.add(category)
        parent = self._parent(category)
        parent.removeRow(parent.rowCount() - 1)
        for kind in _by_category()[category][parent.rowCount() :]:
            parent.appendRow(_layer_row(kind))

    def mimeTypes(self) -> list[str]:  # noqa: N802 - Qt override
        return [LAYER_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802 - Qt override
        data = QMimeData()
        kind = str(indexes[0].data(KIND))
        data.setData(LAYER_MIME, kind.encode())
        data.setText(kind)
        return data

    def _category_row(self, category: Category, kinds: list[str]) -> QStandardItem:
        row = QStandardItem(CATEGORIES[category])
        row.setData(category, CATEGORY)
        row.setData(len(kinds), COUNT)
        row.setData(f"{CATEGORIES[category]}, {len(kinds)}", Qt.ItemDataRole.AccessibleTextRole)
        row.setFlags(Qt.ItemFlag.ItemIsEnabled)
        # A row that stands for a single layer is no shorter than the layer.
        is_whole = category in self._whole or len(kinds) <= _SHOWN_FIRST + 1
        for kind in kinds if is_whole else kinds[:_SHOWN_FIRST]:
            row.appendRow(_layer_row(kind))
        if not is_whole:
            row.appendRow(_more_row(category, len(kinds) - _SHOWN_FIRST))
        return row

    def _parent(self, category: Category) -> QStandardItem:
        rows = (self.item(row) for row in range(self.rowCount()))
        return next(row for row in rows if row.data(CATEGORY) == category)


def glyph_of(kind: str, info: LayerInfo) -> str:
    """The icon in a layer's tile."""
    if info.glyph or info.category != "act":
        return info.glyph
    return activation_icon(kind)


def find(text: str) -> list[str]:
    """Return the layers that fit what was typed, the best first."""
    return search(text)


def closest(text: str) -> list[str]:
    """Return the three layers whose names are most like ``text``."""
    names = {
        name.casefold(): kind
        for kind, layer in LAYERS.items()
        for name in (*layer.info.aliases, layer.info.title, kind)
    }
    near = difflib.get_close_matches(text.casefold(), names, n=9, cutoff=0.2)
    return list(dict.fromkeys(names[name] for name in near))[:3]


def _by_category() -> Mapping[Category, list[str]]:
    kinds: dict[Category, list[str]] = {category: [] for category in CATEGORIES}
    for kind, layer in LAYERS.items():
        kinds[layer.info.category].append(kind)
    return {category: found for category, found in kinds.items() if found}


def _layer_row(kind: str) -> QStandardItem:
    info = LAYERS[kind].info
    row = QStandardItem(info.title)
    row.setData(kind, KIND)
    row.setData(f"{info.title}, {info.summary}", Qt.ItemDataRole.AccessibleTextRole)
    row.setFlags(
        Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
    )
    return row


def _more_row(category: Category, count: int) -> QStandardItem:
    row = QStandardItem(f"{count} more")
    row.setData(category, CATEGORY)
    row.setData(count, COUNT)
    row.setFlags(Qt.ItemFlag.ItemIsEnabled)
    return row
