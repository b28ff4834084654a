"""The layer that Activations, Weights and Map look into: which one, and its name in words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from app.document import Document
from engine.analysis.insides import category_of, found_at
from engine.analysis.report import NodeReport
from engine.graph.elements import NodeId, path_told, round_told
from nodes.layer import Category


class LayerWords(NamedTuple):
    """What a panel writes above what it shows of a layer."""

    name: str
    kind: str
    category: Category
    glyph: str


def layer_to_inspect(document: Document, known: str) -> NodeId | None:
    """Return the selected layer, else the one that was looked into, else the first."""
    chosen = (document.told(node) for node in document.selection)
    level = (document.told(node) for node in document.graph.nodes)
    wanted = itertools.chain(chosen, (NodeId(known),) if known else (), level)
    return next((layer for layer in wanted if _puts_out(document, layer)), None)


def words_of_layer(document: Document, layer: NodeId) -> LayerWords | None:
    """Return how a layer is named and what it puts out; None where it is gone."""
    shown = found_at(document.model_report, path_told(layer))
    if shown is None:
        return None
    found = shown[1]
    kind = found.layer.info.title if found.layer else found.title
    if found.activation:
        kind = f"{kind} + {found.activation}"
    return LayerWords(
        name=" › ".join(_names_along(document, layer)),
        kind=" · ".join([kind, *_extent(found)]),
        category=category_of(found),
        glyph=found.layer.info.glyph if found.layer else "",
    )


def _puts_out(document: Document, layer: NodeId) -> bool:
    shown = found_at(document.model_report, path_told(layer))
    found = shown[1].layer if shown is not None else None
    return found is not None and found.info.role == "layer"


def _names_along(document: Document, layer: NodeId) -> Iterator[str]:
    """Yield the names of the composites around a layer and its own, with the rounds meant."""
    way = path_told(layer)
    for depth in range(len(way)):
        shown = found_at(document.model_report, way[: depth + 1])
        number = round_told(way[depth])[1]
        name = shown[0].name if shown is not None else ""
        yield name if number is None else document.tr("{0}, round {1}").format(name, number + 1)


def _extent(found: NodeReport) -> list[str]:
    """Return what a layer puts out in words: ``16 channels``, ``14 × 14``."""
    tensor = next(iter(found.outputs.values()), None)
    match tensor.sample if tensor is not None else ():
        case (channels, height, width):
            return [_several(channels, "channel"), f"{height} × {width}"]
        case (features,):
            return [_several(features, "value")]
        case (time, features):
            return [_several(time, "step"), _several(features, "value")]
        case _:
            return []


def _several(count: object, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
