"""What a drawing begins as, where it begins from nothing."""

from engine.graph.edits import add_node, connect, make_node
from engine.graph.elements import EMPTY, End
from engine.project.project import Project

_LOSS_Y = 470.0


def empty_project() -> Project:
    """Return a project with a data node and a loss node, already placed."""
    data = make_node(EMPTY, "Data", position=(0.0, 0.0))
    graph = add_node(EMPTY, data)
    loss = make_node(graph, "CrossEntropyLoss", position=(0.0, _LOSS_Y))
    graph = connect(add_node(graph, loss), End(data.id, "label"), End(loss.id, "target"))
    return Project(name="Untitled", graph=graph)
