"""Quick fixes: what a layer's rule suggests, turned into edits of the drawing.

Every fix is one ordinary edit, so it is one undo step, and applying it to a graph in which the
node is gone changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from engine.analysis.report import Fix, NodeReport
from engine.analysis.widths import matching, widening
from engine.graph.edits import (
    disconnect,
    insert_on_link,
    make_node,
    remove_and_rejoin,
    remove_nodes,
    replace_kind,
    set_bypassed,
    set_params,
)
from engine.graph.elements import Graph, Link, NodeId
from engine.graph.flow import along_flow
from engine.graph.rewiring import make_room
from engine.graph.sharing import unshare
from engine.graph.topology import find_cycle
from nodes.catalogue import LAYERS
from nodes.errors import (
    CodeError,
    GraphError,
    LoomError,
    ParameterError,
    Remedy,
    ShapeError,
    UnknownLayerError,
)

_SHAPES_DIFFER = "LL-S012"
_SIZES_DIFFER = "LL-S034"
"""Layers that are to be one module have weights of different sizes."""


def fixes_for(
    graph: Graph,
    node_id: NodeId,
    cause: LoomError | Literal["open", "cycle"],
    reports: Mapping[NodeId, NodeReport],
) -> tuple[Fix, ...]:
    """Return what mends a problem at a node, the safest first.

    Args:
        reports: Of the nodes before it.
    """
    if cause == "open":
        return (_remove_fix(graph, node_id),)
    if cause == "cycle":
        return (Fix(label="Remove the wire that closes the circle", edit=_open_cycle),)
    if _is_about_sharing(cause) and graph.nodes[node_id].shares is not None:
        own = _if_there(node_id, lambda now: unshare(now, node_id))
        return (Fix(label="Give it weights of its own", edit=own),)
    if isinstance(cause, ShapeError):
        made = [_from_remedy(graph, node_id, remedy, reports) for remedy in cause.remedies]
        if cause.shape_code == _SHAPES_DIFFER:
            made.append(matching(graph, reports, tuple(graph.links_into(node_id))))
        return tuple(fix for fix in made if fix is not None)
    if isinstance(cause, ParameterError) and cause.parameter in graph.nodes[node_id].params:
        parameter = cause.parameter
        return (
            Fix(
                label="Set the default again",
                edit=_if_there(node_id, lambda now: set_params(now, node_id, {parameter: None})),
            ),
        )
    if isinstance(cause, UnknownLayerError | CodeError | GraphError):
        return (_remove_fix(graph, node_id),)
    return ()


@along_flow
def insert_with_room(
    graph: Graph, kind: str, link: Link, params: dict[str, object] | None = None
) -> Graph:
    """Put a new layer into a wire, on the spine of what follows, which moves down one rank."""
    graph, place = make_room(graph, link)
    node = make_node(graph, kind, params=params, position=place)
    return insert_on_link(graph, node, link)


def _from_remedy(
    graph: Graph, node_id: NodeId, remedy: Remedy, reports: Mapping[NodeId, NodeReport]
) -> Fix | None:
    links = tuple(graph.links_into(node_id))
    match remedy.action:
        case "insert_before" | "insert_on_input":
            link = _meant(links, remedy)
            if link is None or remedy.kind not in LAYERS:
                return None
            return Fix(label=remedy.label, edit=_inserting(remedy, link), link=link)
        case "set_params":
            target = _upstream_node(graph, links, remedy) if remedy.target else node_id
            if target is None:
                return None
            if graph.nodes[target].bypassed:
                return _use_again(target, reports)
            return Fix(
                label=_label(remedy, reports[target].title if remedy.target else ""),
                edit=_if_there(target, lambda now: set_params(now, target, remedy.params)),
            )
        case "remove":
            return Fix(
                label=remedy.label,
                edit=_if_there(node_id, lambda now: remove_and_rejoin(now, (node_id,))),
            )
        case "bypass":
            return Fix(
                label=remedy.label,
                edit=_if_there(node_id, lambda now: set_bypassed(now, (node_id,), bypassed=True)),
            )
        case "widen":
            link = _meant(links, remedy)
            if link is None:
                return None
            return widening(graph, reports, link, remedy.width, remedy.label)
        case "replace":
            return Fix(
                label=remedy.label,
                edit=_if_there(node_id, lambda now: replace_kind(now, node_id, remedy.kind)),
            )
        case _:
            return None


def _is_about_sharing(cause: LoomError) -> bool:
    return isinstance(cause, GraphError) or (
        isinstance(cause, ShapeError) and cause.shape_code == _SIZES_DIFFER
    )


def _meant(links: tuple[Link, ...], remedy: Remedy) -> Link | None:
    at_port = [link for link in links if not remedy.port or link.target.port == remedy.port]
    return at_port[remedy.index] if remedy.index < len(at_port) else None


def _upstream_node(graph: Graph, links: tuple[Link, ...], remedy: Remedy) -> NodeId | None:
    """Return the nearest layer before a port that has the parameters to be set."""
    link = _meant(links, remedy)
    seen: set[NodeId] = set()
    while link is not None and link.source.node not in seen:
        node = graph.nodes[link.source.node]
        seen.add(node.id)
        layer = LAYERS.get(node.kind)
        if layer is not None and all(name in layer.__struct_fields__ for name in remedy.params):
            return node.id
        link = next(graph.links_into(node.id), None)
    return None


def _use_again(node_id: NodeId, reports: Mapping[NodeId, NodeReport]) -> Fix:
    """Let a bypassed layer compute again, which passes on what it gets until then."""
    return Fix(
        label=f"Use {reports[node_id].title} again",
        edit=_if_there(node_id, lambda now: set_bypassed(now, (node_id,), bypassed=False)),
    )


def _label(remedy: Remedy, upstream: str) -> str:
    """Name the layer upstream that is changed, as it may stand far from the problem."""
    values = [str(value) for value in remedy.params.values()]
    return f"Set {upstream} to {values[0]}" if upstream and len(values) == 1 else remedy.label


def _inserting(remedy: Remedy, link: Link) -> Callable[[Graph], Graph]:
    def edit(graph: Graph) -> Graph:
        if link not in graph.links:
            return graph
        return insert_with_room(graph, remedy.kind, link, dict(remedy.params))

    return edit


def _if_there(node_id: NodeId, edit: Callable[[Graph], Graph]) -> Callable[[Graph], Graph]:
    return lambda graph: edit(graph) if node_id in graph.nodes else graph


def _remove_fix(graph: Graph, node_id: NodeId) -> Fix:
    rejoin = any(True for _ in graph.links_into(node_id))
    label = "Remove and rejoin" if rejoin else "Remove the layer"
    act = remove_and_rejoin if rejoin else remove_nodes
    return Fix(label=label, edit=_if_there(node_id, lambda now: act(now, (node_id,))))


def _open_cycle(graph: Graph) -> Graph:
    cycle = find_cycle(graph)
    if not cycle:
        return graph
    last = next(
        link
        for link in reversed(graph.links)
        if link.source.node in cycle and link.target.node in cycle
    )
    return disconnect(graph, last)
