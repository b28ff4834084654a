"""The parts of a drawing: nodes, links, frames, definitions of composites, and the graph itself."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NewType, TypeAlias

import msgspec

from engine.graph.learning import PLAIN, Learning

NodeId = NewType("NodeId", str)
"""Random, short, never reused and never shown; names are for people and for code."""

NodePath: TypeAlias = tuple[NodeId, ...]
"""The way to a node: the composites around it, outermost first, then the node itself."""

PATH_SIGN = "/"
"""Between the ids of a path where one text stands for it: in what is told of a node inside."""

ROUND_SIGN = "#"
"""Between an id and the round that is meant of a node that stands several times in a row."""

Value: TypeAlias = Any
"""A parameter as a project file holds it: a JSON value, or a ``Formula``."""


Point: TypeAlias = tuple[float, float]
"""A place on the canvas."""

Flow: TypeAlias = Literal["down", "right"]
"""Which way a drawing runs from its inputs to its outputs."""


class Formula(msgspec.Struct, frozen=True):
    """A parameter that is computed from the parameters of the composite around it."""

    formula: str
    """Arithmetic over names: ``width * 2``."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One block of the drawing."""

    id: NodeId
    kind: str
    """The name of a layer in the catalogue; an unknown kind is kept as it came. ``Input`` and
    ``Output`` are the ends of a composite, ``Composite`` is a use of a definition."""

    name: str
    """Unique in its graph and a Python identifier: the attribute in the source."""

    title: str = ""
    """What the person called it; the layer's title where empty."""

    params: Mapping[str, Value] = {}
    """Only what differs from the defaults, and what has none. Those of a composite are the
    parameters of its definition."""

    definition: str = ""
    """The key of the definition that a composite uses; the name of a layer of one's own in the
    drawing's table of code."""

    repeat: Value = 1
    """How often it stands in a row, each fed by the one before: a number or a ``Formula``."""

    share_weights: bool = False
    """Its repeats are one module."""

    shares: NodeId | None = None
    """The node whose parameters and weights it uses in place of its own."""

    called: Mapping[str, str] = {}
    """What the person calls that which leaves its outputs, by port: identifiers that the source,
    exports and metrics use in place of the node's name."""

    position: tuple[float, float] = (0.0, 0.0)
    """The top left corner of its slot, in canvas units. A slot is as wide as a full card, and
    narrower cards stand in its middle: cards at the same x stand on one straight line."""

    frozen: bool = False
    """Its weights are not trained."""

    learning: Learning = PLAIN
    """How it learns, beside what the recipe says for all."""

    bypassed: bool = False
    """Its first fitting input passes through."""

    extra: Mapping[str, Any] = {}
    """Fields from a newer version, kept and written back."""


class End(msgspec.Struct, frozen=True):
    """One port of one node."""

    node: NodeId
    port: str


class Link(msgspec.Struct, frozen=True):
    """A wire from an output to an input. Wires into a list port count in the graph's order."""

    source: End
    target: End


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A named area around some nodes; it changes nothing of what is computed."""

    id: str
    title: str
    nodes: tuple[NodeId, ...] = ()
    colour: str = ""
    """One of ``framing.COLOURS``, or none."""

    folded: bool = False
    """It is shown as one bar; its cards are out of sight."""

    large_title: bool = False
    extra: Mapping[str, Any] = {}


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A composite: a graph with parameters of its own, used wherever a node names it."""

    name: str
    summary: str = ""
    """What it is for, where people choose one."""

    parameters: Mapping[str, Value] = {}
    """The default of each; formulas within use them by name."""

    graph: "Graph"
    """Holds no definitions: those of the drawing serve all that stands within it."""

    extra: Mapping[str, Any] = {}


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing. A value: nobody changes the mappings that it holds."""

    nodes: Mapping[NodeId, Node] = {}
    links: tuple[Link, ...] = ()
    frames: tuple[Frame, ...] = ()
    bends: Mapping[Link, tuple[Point, ...]] = {}
    """The points that wires are led through by hand; those of wires that went count no more."""

    definitions: Mapping[str, Definition] = {}
    """By key. A drawing has one table for all its depths."""

    code: Mapping[str, str] = {}
    """The Python of layers that a person wrote, by their names. One table for all depths."""

    flow: Flow = "down"
    """Cards have their inputs above and their outputs below, or at their left and right."""

    def node(self, node_id: NodeId) -> Node:
        """Return the node with this id; that it exists is the caller's knowledge."""
        return self.nodes[node_id]

    def named(self, name: str) -> Node | None:
        """Return the node that the source calls ``name``."""
        return next((node for node in self.nodes.values() if node.name == name), None)

    def links_into(self, node_id: NodeId) -> Iterator[Link]:
        """Yield the wires that end at a node, in order."""
        return (link for link in self.links if link.target.node == node_id)

    def links_from(self, node_id: NodeId) -> Iterator[Link]:
        """Yield the wires that begin at a node, in order."""
        return (link for link in self.links if link.source.node == node_id)


EMPTY = Graph()


def told(path: NodePath) -> NodeId:
    """Return a path as one id, as requests and events name a node inside of composites."""
    return NodeId(PATH_SIGN.join(path))


def path_told(node: NodeId) -> NodePath:
    """Return the path that one id stands for; a plain id is the path to a node of the drawing."""
    return tuple(NodeId(part) for part in node.split(PATH_SIGN))


def in_round(node: NodeId, number: int) -> NodeId:
    """Return a node's id in one round of its row, counted from 0.

    Without a round it means the first one on the way into a composite, and the whole row at the
    end of a path.
    """
    return NodeId(f"{node}{ROUND_SIGN}{number}")


def round_told(node: NodeId) -> tuple[NodeId, int | None]:
    """Return the node and the round that one id stands for; no round where it names none."""
    name, sign, number = node.rpartition(ROUND_SIGN)
    return (NodeId(name), int(number)) if sign and number.isdecimal() else (node, None)
