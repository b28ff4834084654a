"""The augmentation of a drawing: the steps of its data node, read and changed."""

from collections.abc import Iterable, Sequence

import msgspec

from engine.graph.edits import set_params
from engine.graph.elements import Graph, NodeId
from nodes.augmentation import Augmentation, suits
from nodes.catalogue import make_layer
from nodes.errors import LoomError
from nodes.io import Data, DataField

_Steps = tuple[Augmentation, ...]


def data_of(graph: Graph) -> tuple[NodeId, Data] | None:
    """Return the data node of a drawing, where there is one that can be read."""
    for node in graph.nodes.values():
        if node.kind != "Data":
            continue
        try:
            layer = make_layer(node.kind, node.params)
        except LoomError:
            continue
        if isinstance(layer, Data):
            return node.id, layer
    return None


def with_augmentation(graph: Graph, node: NodeId, steps: Sequence[Augmentation]) -> Graph:
    """Let a data node augment in these steps."""
    written = [msgspec.to_builtins(step) for step in steps]
    return set_params(graph, node, {"augmentation": written or None})


def kept_steps(
    graph: Graph, node: NodeId, fields: Iterable[DataField]
) -> list[dict[str, object]] | None:
    """Return the steps of a data node that suit other fields, as its parameters hold them.

    None where none is left.
    """
    kinds: set[str] = {field.kind for field in fields}
    try:
        steps = msgspec.convert(graph.nodes[node].params.get("augmentation", ()), _Steps)
    except msgspec.ValidationError:
        return None
    return [msgspec.to_builtins(step) for step in steps if suits(type(step), kinds)] or None
