"""What quick add lists for what was typed, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from app.blocks import all_blocks, key_of
from app.canvas.quick_text import QuickText, params_for, read_quick_text
from app.canvas.uses import Uses
from engine.analysis.verdict import Prediction
from engine.graph.composites import INPUT, OUTPUT
from engine.project.blocks import Block
from nodes.catalogue import kind_named, search
from nodes.layer import Category, Layer
from nodes.own_layer import OWN_LAYER, OwnLayer

Predict = Callable[[str, dict[str, object]], Prediction]
PredictBlock = Callable[[Block], Prediction]

ENDS = (INPUT, OUTPUT)
"""What can be added inside of a composite alone."""

_MOST = 60
_MOST_BLOCKS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One layer or block that could be added."""

    kind: str
    """A kind of layer, or the key of a block."""

    params: dict[str, object]
    prediction: Prediction
    block: Block | None = None

    @property
    def title(self) -> str:
        """What it is called."""
        if self.block is not None:
            return self.block.name
        return "New Python layer…" if self.kind == OWN_LAYER else layer_named(self.kind).info.title

    @property
    def note(self) -> str:
        """Where it comes from, where that is worth saying."""
        return "this drawing" if self.block is not None and self.block.is_drawn else ""

    @property
    def tile(self) -> tuple[Category, str]:
        """The category and the glyph of its tile."""
        if self.block is not None:
            return "shape", "code" if self.block.is_layer else ""
        info = layer_named(self.kind).info
        return info.category, info.glyph


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a layer would go, as far as it says which ones are offered."""

    predict: Predict
    """Says what a layer would give there."""

    predict_block: PredictBlock | None = None
    """Says what a block would give there; None where blocks cannot go."""

    drawn: tuple[Block, ...] = ()
    """What the drawing has of its own and may use there once more."""

    usual: tuple[str, ...] = ()
    """What usually goes there, the likeliest first."""

    only_fitting: bool = False
    is_inside: bool = False
    """Within a composite."""

    offers_new: bool = True
    """A layer can be written for it."""

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, and the layers of one's own; what the drawing has comes first."""
        if self.predict_block is None:
            return ()
        return all_blocks(self.drawn)


def offered(typed: str, place: Place, uses: Uses) -> list[Row]:
    """Return what can be added, the likeliest first.

    Before a word is typed those are the layers that were added last, then what usually follows;
    after that, what fits the words best, and of equals what was added more often.
    """
    text = read_quick_text(typed)
    rows = _rows(text, place, uses)
    fused = text.with_activation()
    if fused is not None:
        with_activation = _rows(fused, place, uses)
        # Several layers tell of others: ELU is a "linear unit". What is called so is meant.
        if not rows or _is_named(with_activation, fused):
            rows = [*with_activation, *rows]
    if not typed:
        rows.sort(key=lambda row: not row.prediction.fits)
    return rows


def _rows(text: QuickText, place: Place, uses: Uses) -> list[Row]:
    layers, blocks = list(_layers(text, place, uses)), list(_blocks(text, place))
    if not text.words:
        # What is known to go there, then what the drawing has of its own.
        first = len({*uses.recent, *place.usual}.intersection(row.kind for row in layers))
        rows = [*layers[:first], *blocks, *layers[first:]]
    else:
        rows = [*layers, *blocks] if _is_named(layers, text) else [*blocks, *layers]
    rows.sort(key=lambda row: row.title.casefold() != text.words.casefold())
    return [row for row in rows if row.prediction.fits] if place.only_fitting else rows


def _is_named(rows: list[Row], text: QuickText) -> bool:
    """Say whether the words that were typed begin the name of the first row."""
    return bool(rows) and rows[0].title.casefold().startswith(text.words)


def layer_named(kind: str) -> type[Layer]:
    """Return the class of a kind that is listed."""
    layer = kind_named(kind)
    assert layer is not None, "only known kinds are listed"
    return layer


def _layers(text: QuickText, place: Place, uses: Uses) -> Iterator[Row]:
    kinds = _allowed(_kinds(text.words, place, uses), text.words, place)[:_MOST]
    new = [OWN_LAYER] if place.offers_new and _asks_for_new(text.words) else []
    for kind in [*kinds, *new]:
        params = params_for(kind, text)
        if params is not None:
            yield Row(kind, params, place.predict(kind, params))


def _kinds(words: str, place: Place, uses: Uses) -> list[str]:
    found = search(words, uses.of)
    if words:
        return found
    known = set(found)
    first = (kind for kind in (*uses.recent, *place.usual) if kind in known)
    rest = sorted(found, key=lambda kind: layer_named(kind).info.role == "data")
    return list(dict.fromkeys((*first, *rest)))


def _allowed(kinds: Iterable[str], words: str, place: Place) -> list[str]:
    """Keep what can be added here: data and losses outside, ends of a composite inside."""
    if not place.is_inside:
        return [kind for kind in kinds if kind not in ENDS]
    ends = [kind for kind in ENDS if kind.casefold().startswith(words.casefold())]
    layers = (kind for kind in kinds if kind not in ends)
    return [*ends, *(kind for kind in layers if layer_named(kind).info.role == "layer")]


def _blocks(text: QuickText, place: Place) -> Iterator[Row]:
    """Yield the blocks whose name or origin has every word; without one, the drawing's own."""
    words = text.words.casefold().split()
    if place.predict_block is None or text.has_parameters:
        return
    named = (block for block in place.blocks if _begin(words, f"{block.name} {block.other_names}"))
    found = list(named) if words else list(place.drawn)
    for block in found[:_MOST_BLOCKS]:
        yield Row(key_of(block), {}, place.predict_block(block), block)


def _begin(words: Iterable[str], name: str) -> bool:
    parts = name.casefold().split()
    return all(any(part.startswith(word) for part in parts) for word in words)


def _asks_for_new(words: str) -> bool:
    """Whether a layer to be written is what a person may look for."""
    names = (name for alias in OwnLayer.info.aliases for name in (alias, *alias.split()))
    return any(name.startswith(words.casefold()) for name in names)
