"""The rows of the library as a model: categories with their layers, or what a search found."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QMimeData, QModelIndex, Qt

from app.blocks import key_of, unlike
from app.theme import activation_icon
from app.widgets.row_model import Row, RowModel
from engine.project.blocks import Block, Blocks
from nodes.catalogue import CATEGORIES, COMMON, LAYERS, search
from nodes.errors import LoomError
from nodes.layer import Category, LayerInfo

LAYER_MIME = "application/x-layerloom-layer"
"""A dragged layer: its kind, in UTF-8."""

KIND = Qt.ItemDataRole.UserRole
CATEGORY = Qt.ItemDataRole.UserRole + 1
COUNT = Qt.ItemDataRole.UserRole + 2
"""Of a category: how many layers. Of a "more" row: how many it stands for."""

DAMAGED = Qt.ItemDataRole.UserRole + 3
"""Of a file among one's own blocks that cannot be read: why."""

DRAWN, READY, OWN, LAYER_FILES = "drawn", "ready", "own", "layers"
"""The shelves: what the drawing has of its own, blocks that come with Layerloom, a person's own
blocks, and layers that they wrote."""

NO_BLOCKS = Blocks()

_SHOWN_FIRST = 6
_DRAGGED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled


class Face(NamedTuple):
    """What a row shows of what it stands for."""

    title: str
    category: Category
    glyph: str


class Entries(RowModel):
    """What the tree shows; a row is a category, a layer, or a category's "3 more"."""

    def __init__(self) -> None:
        super().__init__()
        self._whole: set[Category] = set()
        self._drawn: dict[str, Block] = {}
        self._blocks: dict[str, Block] = {}
        self._own: dict[str, Block] = {}
        self._problems: tuple[LoomError, ...] = ()
        self._layers: dict[str, Block] = {}
        self._bad_layers: tuple[LoomError, ...] = ()

    def show_all(self) -> None:
        """List the categories with their layers."""
        self.clear_rows()
        rows = [self._category_row(*found) for found in _by_category().items()]
        if self._drawn:
            rows.append(_shelf_row(DRAWN, "In this drawing", self._drawn))
        if self._blocks:
            rows.append(_shelf_row(READY, "Blocks", self._blocks))
            rows.append(_shelf_row(OWN, "My blocks", self._own, self._problems))
        if self._layers or self._bad_layers:
            rows.append(_shelf_row(LAYER_FILES, "My layers", self._layers, self._bad_layers))
        self.root.extend(rows)

    def set_blocks(self, ready: Sequence[Block], own: Blocks, layers: Blocks = NO_BLOCKS) -> None:
        """Know the blocks and the layers of one's own; ``show_all`` lists them."""
        self._layers = {key_of(block): block for block in layers.blocks}
        self._bad_layers = layers.problems
        self._blocks = {key_of(block): block for block in ready}
        self._own = {key_of(block): block for block in own.blocks}
        self._problems = own.problems

    def set_drawn(self, blocks: Sequence[Block]) -> bool:
        """Know what the drawing has of its own; say whether that is to be listed anew."""
        before = [(key, one.name, one.summary) for key, one in self._drawn.items()]
        self._drawn = {key_of(block): block for block in blocks}
        return before != [(key, one.name, one.summary) for key, one in self._drawn.items()]

    def block(self, key: str) -> Block | None:
        """Return the block of a row by its key."""
        shelves = (self._drawn, self._blocks, self._own, self._layers)
        return next((shelf[key] for shelf in shelves if key in shelf), None)

    def face_of(self, key: str) -> Face:
        """Return what a row shows: of a layer or of a block."""
        block = self.block(key)
        if block is not None:
            return Face(block.name, "shape", "code" if block.is_layer else "")
        info = LAYERS[key].info
        return Face(info.title, info.category, glyph_of(key, info))

    def find_blocks(self, text: str) -> list[str]:
        """Return the blocks in whose name, purpose or origin every word is found."""
        words = text.casefold().split()
        kept = [*self._blocks.values(), *self._own.values(), *self._layers.values()]
        return [
            key_of(block)
            for block in (*self._drawn.values(), *unlike(self._drawn.values(), kept))
            if all(
                word in f"{block.name} {block.other_names} {block.summary}".casefold()
                for word in words
            )
        ]

    def show_found(self, kinds: Iterable[str]) -> None:
        """List layers without their categories."""
        self.clear_rows()
        self.root.extend([self._row(kind) for kind in kinds])

    def show_whole(self, category: Category) -> None:
        """Let a category show all its layers from now on."""
        self._whole.add(category)
        row = next(row for row in self.tops if row.told(CATEGORY) == category)
        row.remove(len(row.rows) - 1)
        row.extend([_layer_row(kind) for kind in _by_category()[category][len(row.rows) :]])

    def mimeTypes(self) -> list[str]:  # noqa: N802 - Qt override
        return [LAYER_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802 - Qt override
        data = QMimeData()
        kind = str(indexes[0].data(KIND))
        data.setData(LAYER_MIME, kind.encode())
        data.setText(kind)
        return data

    def _category_row(self, category: Category, kinds: list[str]) -> Row:
        row = _heading(category, CATEGORIES[category], len(kinds))
        # A row that stands for a single layer is no shorter than the layer.
        is_whole = category in self._whole or len(kinds) <= _SHOWN_FIRST + 1
        row.extend([_layer_row(kind) for kind in (kinds if is_whole else kinds[:_SHOWN_FIRST])])
        if not is_whole:
            row.append(_more_row(category, len(kinds) - _SHOWN_FIRST))
        return row

    def _row(self, key: str) -> Row:
        block = self.block(key)
        return _layer_row(key) if block is None else _block_row(key, block)


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
    return {
        category: sorted(found, key=lambda kind: kind not in COMMON)
        for category, found in kinds.items()
        if found
    }


def _heading(key: str, title: str, count: int) -> Row:
    row = Row(title, Qt.ItemFlag.ItemIsEnabled)
    row.tell(key, CATEGORY)
    row.tell(count, COUNT)
    row.tell(f"{title}, {count}", Qt.ItemDataRole.AccessibleTextRole)
    return row


def _shelf_row(
    shelf: str, title: str, blocks: Mapping[str, Block], problems: Sequence[LoomError] = ()
) -> Row:
    row = _heading(shelf, title, len(blocks))
    row.extend([_block_row(key, block) for key, block in blocks.items()])
    row.extend([_damaged_row(problem) for problem in problems])
    return row


def _layer_row(kind: str) -> Row:
    info = LAYERS[kind].info
    return _dragged_row(kind, info.title, info.summary)


def _block_row(key: str, block: Block) -> Row:
    return _dragged_row(key, block.name, block.summary)


def _dragged_row(key: str, title: str, summary: str) -> Row:
    row = Row(title, _DRAGGED)
    row.tell(key, KIND)
    row.tell(f"{title}, {summary}", Qt.ItemDataRole.AccessibleTextRole)
    return row


def _damaged_row(problem: LoomError) -> Row:
    """Return the row of a file that holds no block: its name, and why in the tip."""
    name = Path(problem.where).name if problem.where else problem.title
    row = Row(name, Qt.ItemFlag.ItemIsEnabled)
    row.tell(str(problem), DAMAGED)
    row.tell(f"{problem.title}. {problem.why}", Qt.ItemDataRole.ToolTipRole)
    row.tell(f"{name}: {problem.title}", Qt.ItemDataRole.AccessibleTextRole)
    return row


def _more_row(category: Category, count: int) -> Row:
    row = Row(f"{count} more", Qt.ItemFlag.ItemIsEnabled)
    row.tell(category, CATEGORY)
    row.tell(count, COUNT)
    return row
