"""Where the sizes on a wire come from: the layers that forced them, and the formula in letters.

Sizes of the data that are places (height, width, steps) are taken as free and written as letters;
the layers then say what becomes of them. A size without letters was set by one layer alone.
"""

from collections.abc import Mapping
from typing import NamedTuple

from engine.analysis.free_sizes import place_letters
from engine.analysis.receptive import links_by_target
from engine.analysis.report import NodeReport, ShapeReport
from engine.graph.elements import End, Link, NodeId
from engine.graph.topology import in_order
from nodes.errors import ShapeError
from nodes.io import Data, DataField
from nodes.sizes import BATCH, letters_of, symbol
from nodes.tensors import Inputs, TensorType, text_of


class Forced(NamedTuple):
    """One layer that set or changed a size."""

    node: NodeId
    words: str
    """What it made of what: ``MaxPool2d: 16×28×28 → 16×14×14``, with the arithmetic."""


class Derivation(NamedTuple):
    """How the sizes at an output came about."""

    layers: tuple[Forced, ...]
    """From the output back towards the data."""

    links: tuple[Link, ...]
    """The wires between them."""

    formula: str
    """The sizes in letters; empty where there are none in them."""


def derive(report: ShapeReport, end: End) -> Derivation:
    """Say where the sizes at an output come from, within the drawing of a report."""
    tensor = report.at(end)
    if tensor is None:
        return Derivation((), (), "")
    free = in_letters(report)
    walk = _Walk(report, free)
    walk.up(end, frozenset(range(1, tensor.rank)))
    return Derivation(tuple(walk.layers), tuple(walk.links), formula(free.get(end)))


def in_letters(report: ShapeReport) -> dict[End, TensorType]:
    """Return the types at all outputs with the places of the data as letters.

    Where a layer cannot say what becomes of a letter, the sizes are known ones from there on.
    """
    incoming = links_by_target(report.graph)
    found: dict[End, TensorType] = {}
    for node in in_order(report.graph):
        known = report.nodes.get(node)
        if known is not None and known.outputs:
            types = _letters_after(known, incoming.get(node, ()), found)
            found.update((End(node, port), types[port]) for port in known.outputs)
    return found


def formula(tensor: TensorType | None) -> str:
    """Write sizes in letters as people do, ``16×⌊H/2⌋×⌊W/2⌋``; nothing where there are none."""
    if tensor is None or all(isinstance(size, int) for size in tensor.sample):
        return ""
    return text_of(tensor.sample)


class _Walk:
    """Goes from an output towards the data, along what the sizes depend on."""

    def __init__(self, report: ShapeReport, free: Mapping[End, TensorType]) -> None:
        self._report = report
        self._free = free
        self._incoming = links_by_target(report.graph)
        self._seen: set[tuple[End, frozenset[int]]] = set()
        self.layers: list[Forced] = []
        self.links: list[Link] = []

    def up(self, end: End, axes: frozenset[int]) -> None:
        """Follow some axes of an output."""
        if not axes or (end, axes) in self._seen:
            return
        self._seen.add((end, axes))
        into = self._incoming.get(end.node, [])
        made = self._report.at(end)
        links = [link for link in into if self._report.at(link.source) is not None]
        if made is None or not links:
            return
        first = self._report.at(links[0].source)
        assert first is not None, "chosen by that"
        if any(not self._passes(links[0], end, axis) for axis in axes):
            self._note(end.node, links, made)
        for link in links[:1] if first.rank != made.rank else links:
            wanted = self._wanted(link, end, axes)
            if wanted:
                self.links.append(link)
                self.up(link.source, wanted)

    def _passes(self, link: Link, end: End, axis: int) -> bool:
        """Whether an axis goes through a layer as it is."""
        before, after = self._free.get(link.source), self._free.get(end)
        if before is None or after is None or before.rank != after.rank:
            return False
        return before.sizes[axis] == after.sizes[axis]

    def _wanted(self, link: Link, end: End, axes: frozenset[int]) -> frozenset[int]:
        """Return the axes of an input that some axes of the output rest on."""
        before, after = self._free.get(link.source), self._free.get(end)
        if before is None or after is None:
            return frozenset()
        through = frozenset(axis for axis in axes if self._passes(link, end, axis))
        letters = set().union(*(letters_of(after.sizes[a]) for a in axes - through))
        own = range(1, before.rank)
        if before.rank == after.rank:
            return through | frozenset(a for a in own if letters & letters_of(before.sizes[a]))
        # Axes were merged, split or taken away: what has letters rests on all, what has none on
        # the axis of its size.
        if letters:
            return frozenset(own)
        sizes = {after.sizes[axis] for axis in axes}
        return frozenset(a for a in own if before.sizes[a] in sizes)

    def _note(self, node: NodeId, links: list[Link], made: TensorType) -> None:
        if any(forced.node == node for forced in self.layers):
            return
        known = self._report.nodes[node]
        given = " and ".join(str(self._report.at(link.source)) for link in links[:2])
        self.layers.append(Forced(node, f"{known.title}: {given} → {made}{_arithmetic(known)}"))


def _letters_after(
    known: NodeReport, links: list[Link] | tuple[Link, ...], found: Mapping[End, TensorType]
) -> Mapping[str, TensorType]:
    layer = known.layer
    if isinstance(layer, Data):
        return _fields_in_letters(layer)
    arriving: dict[str, tuple[TensorType, ...]] = {}
    for link in links:
        if link.source in found:
            before = arriving.get(link.target.port, ())
            arriving[link.target.port] = (*before, found[link.source])
    if layer is None or not arriving:
        return known.outputs
    try:
        types = layer.infer(Inputs(arriving))
    except ShapeError:
        return known.outputs
    return dict(zip(known.outputs, types, strict=False))


def _fields_in_letters(data: Data) -> Mapping[str, TensorType]:
    """Return the types of the fields with their places as letters, equal ones for equal sizes."""
    letters = place_letters(data.fields)
    return {field.name: _in_letters(field, letters[field.name]) for field in data.fields}


def _in_letters(field: DataField, letters: Mapping[int, str]) -> TensorType:
    if field.free:
        return field.in_letters()
    places = enumerate(field.sizes)
    sizes = [symbol(letters[place]) if place in letters else size for place, size in places]
    return TensorType((BATCH, *sizes), field.dtype, field.classes)


def _arithmetic(known: NodeReport) -> str:
    if known.layer is None or known.inputs is None:
        return ""
    words = known.layer.explain(known.inputs, tuple(known.outputs.values()))
    return f". {words}" if words else ""
