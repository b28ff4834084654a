"""Shared weights and repeats: nodes that use the module of another node, or stand in a row."""

from collections.abc import Collection

from msgspec.structs import replace

from engine.graph.edits import change_node
from engine.graph.elements import Graph, Node, NodeId, Value
from nodes.errors import GraphError


def owner_of(graph: Graph, node: Node) -> Node:
    """Return the node whose parameters and weights a node uses: its own where it shares none.

    Raises:
        GraphError: The other node is gone, is of another kind, or shares in a circle.
    """
    owner = node
    seen = {node.id}
    while owner.shares is not None:
        other = graph.nodes.get(owner.shares)
        if other is None:
            raise GraphError(
                "The layer to share with is gone",
                why=f"“{node.title or node.name}” uses the weights of another layer.",
                hint="Give it weights of its own.",
            )
        if other.id in seen:
            raise GraphError(
                "Layers share weights in a circle",
                why="None of them has weights of its own.",
                hint="Give one of them weights of its own.",
            )
        seen.add(other.id)
        owner = other
    if (owner.kind, owner.definition) != (node.kind, node.definition):
        raise GraphError(
            "Only layers of one kind can share weights",
            why=f"“{node.title or node.name}” is a {node.kind}, “{owner.title or owner.name}” "
            f"a {owner.kind}.",
            hint="Give it weights of its own.",
        )
    return owner


def share(graph: Graph, node_id: NodeId, owner_id: NodeId) -> Graph:
    """Let a node use the parameters and weights of another.

    Raises:
        GraphError: They are of different kinds, or the other uses those of this one.
    """
    node = replace(graph.nodes[node_id], shares=owner_id)
    owner_of(change_node(graph, node), node)
    return change_node(graph, node)


def unshare(graph: Graph, node_id: NodeId) -> Graph:
    """Give a node weights of its own, with the parameters that it had by sharing."""
    node = graph.nodes[node_id]
    try:
        owner = owner_of(graph, node)
    except GraphError:
        owner = node
    return change_node(
        graph,
        replace(
            node,
            shares=None,
            params=owner.params,
            repeat=owner.repeat,
            share_weights=owner.share_weights,
        ),
    )


def set_repeat(
    graph: Graph, node_ids: Collection[NodeId], times: Value, *, share_weights: bool = False
) -> Graph:
    """Let nodes stand several times in a row.

    Args:
        times: A whole number, or a ``Formula``.
        share_weights: All rounds of one node are one module.
    """
    changed = {
        node: replace(graph.nodes[node], repeat=times, share_weights=share_weights)
        for node in node_ids
    }
    return replace(graph, nodes={**graph.nodes, **changed})
