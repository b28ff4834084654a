"""Small drawings for tests, built with the edits that a person would make."""

from collections.abc import Mapping

from msgspec.structs import replace

from engine.graph.edits import add_frame, add_node, change_node, connect, make_node
from engine.graph.elements import EMPTY, Definition, End, Formula, Graph, Node, NodeId
from engine.graph.names import unique
from engine.project.project import Project
from engine.project.recipe import Recipe

PITCH = 94.0


class Drawing:
    """A graph under construction; layers stack downwards as they are added."""

    def __init__(self) -> None:
        self.graph: Graph = EMPTY
        self._y = 0.0

    def add(
        self, kind: str, *, after: Node | tuple[Node, str] | None = None, **params: object
    ) -> Node:
        """Add a layer and connect its first input to the first output of ``after``."""
        node = make_node(self.graph, kind, params=params, position=(0.0, self._y))
        self._y += PITCH
        self.graph = add_node(self.graph, node)
        if after is not None:
            self.wire(after, node)
        return node

    def wire(self, source: Node | tuple[Node, str], target: Node, port: str = "x") -> None:
        """Connect an output to an input."""
        node, name = source if isinstance(source, tuple) else (source, _first_output(source))
        self.graph = connect(self.graph, End(node.id, name), End(target.id, port))

    def frame(self, title: str, *nodes: Node) -> None:
        """Draw a frame around layers."""
        self.graph = add_frame(self.graph, title, [node.id for node in nodes])

    def define(self, key: str, inside: "Drawing", name: str = "", **parameters: object) -> None:
        """Make a composite of another drawing."""
        definition = Definition(
            name=name or key.replace("_", " ").capitalize(),
            parameters=parameters,
            graph=replace(inside.graph, definitions={}),
        )
        known = {**self.graph.definitions, key: definition}
        self.graph = replace(self.graph, definitions=known)

    def use(
        self,
        key: str,
        *,
        after: Node | tuple[Node, str] | None = None,
        repeat: object = 1,
        share_weights: bool = False,
        **params: object,
    ) -> Node:
        """Add a composite, as :meth:`add` adds a layer."""
        node = self.add("Composite", **params)
        name = unique(key, {other.name for other in self.graph.nodes.values()})
        node = replace(node, definition=key, name=name, repeat=repeat, share_weights=share_weights)
        self.graph = change_node(self.graph, node)
        if after is not None:
            self.wire(after, node)
        return node

    def repeat(self, node: Node, times: object, *, share_weights: bool = False) -> Node:
        """Let a layer stand several times in a row."""
        node = replace(node, repeat=times, share_weights=share_weights)
        self.graph = change_node(self.graph, node)
        return node

    def skip(self, ranks: float = 1.0) -> None:
        """Leave room before the next layer."""
        self._y += PITCH * ranks


def _first_output(node: Node) -> str:
    return "image" if node.kind == "Data" else "y"


def a_small_cnn(**data: object) -> Graph:
    """Return digits → conv → pool → flatten → linear → cross-entropy."""
    drawing = Drawing()
    digits = drawing.add("Data", **data)
    conv = drawing.add("Conv2d", after=digits, out_channels=4, activation="ReLU")
    pool = drawing.add("MaxPool2d", after=conv)
    flat = drawing.add("Flatten", after=pool)
    linear = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    return drawing.graph


def a_residual_cnn() -> Graph:
    """Return the drawing of the starter project: one residual block between pool and linear."""
    drawing = Drawing()
    digits = drawing.add("Data")
    first = drawing.add("Conv2d", after=digits, out_channels=16, activation="ReLU")
    pool = drawing.add("MaxPool2d", after=first)
    drawing.skip(0.4)
    second = drawing.add("Conv2d", after=pool, out_channels=16, activation="ReLU")
    third = drawing.add("Conv2d", after=second, out_channels=16)
    add = drawing.add("Add", after=third, activation="ReLU")
    drawing.wire(pool, add)
    drawing.frame("Residual block", second, third, add)
    drawing.skip(0.4)
    flat = drawing.add("Flatten", after=add)
    linear = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    return drawing.graph


def a_plain_network(*, hidden: int = 64) -> Graph:
    """Return digits → flatten → linear → linear → cross-entropy."""
    drawing = Drawing()
    digits = drawing.add("Data")
    flat = drawing.add("Flatten", after=digits)
    first = drawing.add("Linear", after=flat, out_features=hidden, activation="ReLU")
    second = drawing.add("Linear", after=first, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=second)
    drawing.wire((digits, "label"), loss, "target")
    return drawing.graph


def a_residual_block() -> Drawing:
    """Return the inside of a block: two convolutions of ``channels``, and what came in added."""
    inside = Drawing()
    start = inside.add("Input")
    width = Formula("channels")
    first = inside.add("Conv2d", after=start, out_channels=width, activation="ReLU")
    second = inside.add("Conv2d", after=first, out_channels=width)
    add = inside.add("Add", after=second, activation="ReLU")
    inside.wire(start, add)
    inside.add("Output", after=add)
    return inside


def a_nested_cnn() -> Graph:
    """Return digits → conv → two residual blocks with a pool between → linear → cross-entropy."""
    drawing = Drawing()
    drawing.define("residual", a_residual_block(), channels=16)
    digits = drawing.add("Data")
    first = drawing.add("Conv2d", after=digits, out_channels=16, activation="ReLU")
    block = drawing.use("residual", after=first)
    pool = drawing.add("MaxPool2d", after=block)
    wide = drawing.add("Conv2d", after=pool, out_channels=8)
    block = drawing.use("residual", after=wide, channels=8)
    flat = drawing.add("Flatten", after=block)
    linear = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    return drawing.graph


def a_chain(length: int) -> Graph:
    """Return ``length`` linear layers in a row, with a skip over every ten; data and loss too."""
    drawing = Drawing()
    digits = drawing.add("Data")
    last = drawing.add("Flatten", after=digits)
    behind = last = drawing.add("Linear", after=last, out_features=32, activation="ReLU")
    for number in range(length - 5):
        if number % 10 == 9:
            add = drawing.add("Add", after=last)
            drawing.wire(behind, add)
            behind = last = add
        else:
            last = drawing.add("Linear", after=last, out_features=32)
    last = drawing.add("Linear", after=last, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=last)
    drawing.wire((digits, "label"), loss, "target")
    return drawing.graph


def a_project(graph: Graph | None = None, **recipe: object) -> Project:
    """Return a project around a drawing, with a recipe that is soon done."""
    settings: Mapping[str, object] = {"epochs": 1, "batch_size": 64, **recipe}
    return Project(
        name="A test project",
        graph=a_small_cnn() if graph is None else graph,
        recipe=Recipe(**settings),  # type: ignore[arg-type]
    )


def node_named(graph: Graph, name: str) -> NodeId:
    """Return the id of the node with this name."""
    node = graph.named(name)
    assert node is not None, f"no node is called {name}"
    return node.id
