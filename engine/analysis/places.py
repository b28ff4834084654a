"""What may stand where: data and losses outside of composites, their ends inside."""

from engine.graph.elements import Node
from nodes.errors import GraphError, ParameterError
from nodes.layer import Layer


def check_place(node: Node, layer: Layer, *, inside: bool) -> None:
    """Refuse what cannot stand where it does: data and losses inside, ends of composites outside.

    Raises:
        GraphError: It belongs elsewhere.
        ParameterError: It is repeated and cannot be.
    """
    role = layer.info.role
    if inside and role in ("data", "target", "loss"):
        raise GraphError(
            f"{layer.info.title} belongs outside of composites",
            why="A composite holds layers; the data and the loss stand in the drawing around it.",
            hint="Take it out.",
        )
    if not inside and role in ("input", "output"):
        raise GraphError(
            f"{layer.info.title} belongs inside of a composite",
            why="A drawing begins with a data set and ends with a loss.",
            hint="Remove it.",
        )
    if role != "layer" and node.repeat != 1:
        raise ParameterError(
            "repeat",
            f"{layer.info.title} cannot be repeated",
            why="Only layers and composites stand several times in a row.",
            hint="Set the number of repeats to 1.",
        )
