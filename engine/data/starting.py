"""The data node of a data set, and a small drawing to begin with."""

from typing import Any, TypeAlias

import msgspec

from engine.data.augmentation import kept_steps
from engine.data.spec import DataSpec
from engine.graph.edits import add_node, connect, make_node, rename, set_params
from engine.graph.elements import EMPTY, End, Graph, Node, NodeId
from engine.graph.layout import arrange
from nodes.io import Data, DataField, SplitBy
from nodes.sources import Source

_HIDDEN = 64
_CHANNELS = 16
_Fields = tuple[DataField, ...]
_Layer: TypeAlias = tuple[str, dict[str, Any]]


def data_params(
    name: str, spec: DataSpec, source: Source | None, split_by: SplitBy
) -> dict[str, Any]:
    """Return the parameters of a data node that reads this data set; None sets a default.

    Args:
        name: What the node calls it; the key of a shipped data set where there is no source.
    """
    default = Data()
    return {
        "dataset": None if name == default.dataset else name,
        "source": None if source is None else msgspec.to_builtins(source),
        "fields": None if spec.fields == default.fields else msgspec.to_builtins(spec.fields),
        "split_by": None if split_by == default.split_by else split_by,
        "corrections": None,
    }


def starting_graph(params: dict[str, Any], fields: tuple[DataField, ...]) -> Graph:
    """Draw the plainest network that learns the last field from the first.

    A data set without an answer gets its data node alone.
    """
    given = {name: value for name, value in params.items() if value is not None}
    data = make_node(EMPTY, "Data", params=given)
    graph = add_node(EMPTY, data)
    first, answer = fields[0], fields[-1]
    layers = _layers(first, answer) if answer is not first else ()
    if not layers:
        return graph
    last = End(data.id, first.name)
    for kind, settings in layers:
        graph, last = _behind(graph, last, kind, **settings)
    loss = make_node(graph, "CrossEntropyLoss" if answer.classes else "MSELoss")
    graph = connect(add_node(graph, loss), last, End(loss.id, "x"))
    graph = connect(graph, End(data.id, answer.name), End(loss.id, "target"))
    return _arranged(graph)


def _layers(first: DataField, answer: DataField) -> tuple[_Layer, ...]:
    """Return the layers, one behind the other, that make an answer of a field; none for others."""
    scores = {"out_features": answer.classes or 1}
    match first.kind, answer.kind:
        case "tokens", "label" | "number":
            return ("EmbeddingBag", {"embedding_dim": _HIDDEN}), ("Linear", scores)
        case "tokens", "tokens":
            read = ("Embedding", {"embedding_dim": _HIDDEN}), ("GRU", {"hidden_size": _HIDDEN})
            # The loss wants the scores of a token before its place.
            return (*read, ("Linear", scores), ("Transpose", {}))
        case "image", "mask":
            seen: _Layer = ("Conv2d", {"out_channels": _CHANNELS, "activation": "ReLU"})
            return seen, ("Conv2d", {"out_channels": answer.classes or 1})
        case _, "label" | "number" if first.dtype == "float":
            flat: tuple[_Layer, ...] = (("Flatten", {}),) if len(first.sizes) > 1 else ()
            hidden: _Layer = ("Linear", {"out_features": _HIDDEN, "activation": "ReLU"})
            return (*flat, hidden, ("Linear", scores))
        case _:
            return ()


def with_data(
    graph: Graph, node: NodeId, params: dict[str, Any], fields: tuple[DataField, ...]
) -> Graph:
    """Let a data node read another data set; its wires go on from the fields most like theirs."""
    before = msgspec.convert(graph.nodes[node].params.get("fields") or Data().fields, _Fields)
    places = {field.name: _like(field, before, fields) for field in before}
    links = tuple(
        msgspec.structs.replace(link, source=End(node, places[link.source.port]))
        if link.source.node == node and link.source.port in places
        else link
        for link in graph.links
    )
    params = {**params, "augmentation": kept_steps(graph, node, fields)}
    changed = set_params(msgspec.structs.replace(graph, links=links), node, params)
    # A title of its own told of the data before.
    return rename(changed, node, "")


def _like(field: DataField, before: tuple[DataField, ...], after: tuple[DataField, ...]) -> str:
    """Return the new field that stands where this one did: of its name, its kind, or its place."""
    names = [other.name for other in after]
    if field.name in names:
        return field.name
    kinds = [other.name for other in after if other.kind == field.kind]
    if kinds:
        return kinds[0]
    return names[-1] if field == before[-1] else names[0]


def _behind(graph: Graph, source: End, kind: str, **params: Any) -> tuple[Graph, End]:
    node = make_node(graph, kind, params=params)
    return connect(add_node(graph, node), source, End(node.id, "x")), End(node.id, "y")


def _arranged(graph: Graph) -> Graph:
    places = arrange(graph)
    nodes: dict[Any, Node] = {
        key: msgspec.structs.replace(node, position=places[key])
        for key, node in graph.nodes.items()
    }
    return msgspec.structs.replace(graph, nodes=nodes)
