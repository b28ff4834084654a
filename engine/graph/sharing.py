"""Shared weights: nodes that use the module of another node of the same drawing."""

from engine.graph.elements import Graph, Node
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
