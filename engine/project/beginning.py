"""What a drawing begins as, where it begins from nothing."""

from engine.graph.edits import add_node, connect, make_node
from engine.graph.elements import EMPTY, End, Graph
from engine.project.project import Project
from nodes.catalogue import LAYERS

_LOSS_Y = 470.0


def empty_project() -> Project:
    """Return a project with a data node and a loss node, already placed."""
    data = make_node(EMPTY, "Data", position=(0.0, 0.0))
    graph = add_node(EMPTY, data)
    loss = make_node(graph, "CrossEntropyLoss", position=(0.0, _LOSS_Y))
    graph = connect(add_node(graph, loss), End(data.id, "label"), End(loss.id, "target"))
    return Project(name="Untitled", graph=graph)


def is_beginning(graph: Graph) -> bool:
    """Say whether nothing was drawn yet: there is at most one data node, and losses alone."""
    others = [node.kind for node in graph.nodes.values() if node.kind != "Data"]
    has_layers = any(kind not in LAYERS or LAYERS[kind].info.role != "loss" for kind in others)
    return not has_layers and len(graph.nodes) - len(others) <= 1
