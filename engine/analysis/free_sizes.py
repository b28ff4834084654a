"""Sizes of the data that are free: which ones may be, the letters that they have, and setting them.

A network that is trained on images of 28×28 may take images of any size, if all of its layers do.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from engine.analysis.receptive import first_place, places_in
from engine.graph.edits import set_params
from engine.graph.elements import Graph, Node, NodeId
from nodes.catalogue import set_up
from nodes.errors import LoomError
from nodes.io import Data, DataField, FreeSize, Target
from nodes.layer import Layer

_LETTERS: Final = {1: "T", 2: "HW", 3: "DHW"}
_SUBSCRIPT: Final = ord("₀")
_STEPS: Final = (2, 4, 8, 16, 32, 64)


class SizeGroup(NamedTuple):
    """Sizes that are set free together: height and width of the pictures and of their masks."""

    letters: tuple[str, ...]
    sizes: tuple[int, ...]
    """As the data set has them."""

    fields: tuple[str, ...]
    """Those that have these sizes."""

    step: int
    """Of what the sizes may be multiples; 0 while they are what they are."""

    @property
    def steps(self) -> tuple[int, ...]:
        """The multiples that the sizes of the data set are, from 2 up."""
        common = math.gcd(*self.sizes)
        fitting = {step for step in (*_STEPS, self.step) if step > 1 and common % step == 0}
        return tuple(sorted(fitting))


def place_letters(fields: Iterable[DataField]) -> dict[str, Mapping[int, str]]:
    """Return a letter for each size of a field that counts places; equal sizes have the same.

    Returns:
        For each field by name, the letters by place among its sizes.
    """
    sizes_of: dict[str, list[int]] = {}
    return {field.name: _lettered(field, sizes_of) for field in fields}


def size_groups(data: Data) -> tuple[SizeGroup, ...]:
    """Return what can be set free of a data set."""
    letters = place_letters(data.fields)
    groups: dict[tuple[str, ...], list[DataField]] = {}
    for field in data.fields:
        if letters[field.name]:
            groups.setdefault(tuple(letters[field.name].values()), []).append(field)
    return tuple(_group(key, found, letters) for key, found in groups.items())


def with_free_sizes(graph: Graph, node: NodeId, letters: tuple[str, ...], step: int) -> Graph:
    """Let some sizes of a data set be any multiples of ``step``, or with 0 what they are again.

    The targets that bring a field of these sizes change with it.
    """
    data = _data_of(graph.nodes.get(node))
    if not isinstance(data, Data):
        return graph
    named = place_letters(data.fields)
    changed = {
        field: _freed(field, named[field.name], step)
        for field in data.fields
        if tuple(named[field.name].values()) == letters
    }
    fields = tuple(changed.get(field, field) for field in data.fields)
    own = None if fields == Data().fields else msgspec.to_builtins(fields)
    graph = set_params(graph, node, {"fields": own})
    for target in list(graph.nodes.values()):
        layer = _data_of(target)
        if isinstance(layer, Target) and layer.field in changed:
            field = msgspec.to_builtins(changed[layer.field])
            graph = set_params(graph, target.id, {"field": field})
    return graph


def _lettered(field: DataField, sizes_of: dict[str, list[int]]) -> dict[int, str]:
    letters: dict[int, str] = {}
    for place, letter in enumerate(_LETTERS.get(places_in(field), ""), start=first_place(field)):
        known, size = sizes_of.setdefault(letter, []), field.sizes[place]
        if size not in known:
            known.append(size)
        number = known.index(size) + 1
        letters[place] = letter if number == 1 else f"{letter}{chr(_SUBSCRIPT + number)}"
    return letters


def _group(
    key: tuple[str, ...], fields: list[DataField], letters: Mapping[str, Mapping[int, str]]
) -> SizeGroup:
    first = fields[0]
    places = letters[first.name]
    free = [first.free[place] for place in places] if first.free else []
    return SizeGroup(
        letters=key,
        sizes=tuple(first.sizes[place] for place in places),
        fields=tuple(field.name for field in fields),
        step=free[0].step if free and free[0] is not None else 0,
    )


def _freed(field: DataField, letters: Mapping[int, str], step: int) -> DataField:
    if not step:
        return field.as_stored()
    places = range(len(field.sizes))
    free = tuple(FreeSize(letters[at], step) if at in letters else None for at in places)
    return replace(field, free=free)


def _data_of(node: Node | None) -> Data | Target | None:
    """Return a data set or a target as its node has it; None where it is another or is wrong."""
    kinds: dict[str, type[Layer]] = {"Data": Data, "Target": Target}
    kind = kinds.get(node.kind) if node is not None else None
    if node is None or kind is None:
        return None
    try:
        layer = set_up(kind, node.params)
    except LoomError:
        return None
    return layer if isinstance(layer, Data | Target) else None
