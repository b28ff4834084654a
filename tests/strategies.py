"""Hypothesis strategies: random edits of a drawing, as a person might make them."""

from collections.abc import Callable, Mapping

from hypothesis import strategies as st
from msgspec.structs import replace

from engine.analysis.shapes import infer_shapes
from engine.graph import edits
from engine.graph.composing import make_composite
from engine.graph.composites import at, composites_in, port_names, replace_at
from engine.graph.dissolving import dissolve
from engine.graph.elements import End, Formula, Graph, Link, NodeId
from engine.graph.fragments import paste_fragment, to_fragment
from engine.graph.sharing import set_repeat
from nodes.catalogue import LAYERS
from nodes.errors import GraphError

Edit = Callable[[Graph], Graph]

_KINDS = ("Conv2d", "ReLU", "Flatten", "Linear", "Add", "MaxPool2d", "Dropout", "BatchNorm2d")


def _pick(graph: Graph, number: int) -> NodeId | None:
    nodes = list(graph.nodes)
    return nodes[number % len(nodes)] if nodes else None


def _adding(kind: str, x: int, y: int) -> Edit:
    return lambda graph: edits.add_node(
        graph, edits.make_node(graph, kind, position=(float(x), float(y)))
    )


def _connecting(first: int, second: int) -> Edit:
    def edit(graph: Graph) -> Graph:
        source, target = _pick(graph, first), _pick(graph, second)
        if source is None or target is None:
            return graph
        try:
            return edits.connect(graph, End(source, "y"), End(target, "x"))
        except GraphError:
            return graph

    return edit


def _on_node(number: int, act: Callable[[Graph, NodeId], Graph]) -> Edit:
    def edit(graph: Graph) -> Graph:
        node = _pick(graph, number)
        return graph if node is None else act(graph, node)

    return edit


_numbers = st.integers(0, 20)

edit_lists = st.lists(
    st.one_of(
        st.builds(_adding, st.sampled_from(_KINDS), _numbers, _numbers),
        st.builds(_connecting, _numbers, _numbers),
        st.builds(_on_node, _numbers, st.just(lambda g, n: edits.remove_nodes(g, [n]))),
        st.builds(_on_node, _numbers, st.just(lambda g, n: edits.remove_and_rejoin(g, [n]))),
        st.builds(
            lambda number, width: _on_node(
                number, lambda g, n: edits.set_params(g, n, {"out_features": width})
            ),
            _numbers,
            st.integers(1, 9),
        ),
        st.builds(
            lambda number, title: _on_node(number, lambda g, n: edits.rename(g, n, title)),
            _numbers,
            st.text(max_size=12),
        ),
        st.builds(
            lambda number, x, y: _on_node(
                number, lambda g, n: edits.move(g, {n: (float(x), float(y))})
            ),
            _numbers,
            _numbers,
            _numbers,
        ),
        st.builds(_on_node, _numbers, st.just(lambda g, n: edits.set_frozen(g, [n], frozen=True))),
        st.builds(
            _on_node, _numbers, st.just(lambda g, n: edits.set_bypassed(g, [n], bypassed=True))
        ),
        st.builds(_on_node, _numbers, st.just(lambda g, n: edits.add_frame(g, "Block", [n]))),
    ),
    max_size=25,
)
"""Edits to be carried out one after the other, from any drawing."""


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 40)
    | st.integers(-(10**18), 10**18)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(("same", "valid", "ReLU", "circular", "label", "image")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=5,
)
_names = st.sampled_from(
    (
        "out_features",
        "kernel_size",
        "stride",
        "padding",
        "bias",
        "activation",
        "fields",
        "field",
        "p",
    )
) | st.text(max_size=6)

wild_edit_lists = st.lists(
    st.one_of(
        st.builds(_adding, st.sampled_from(sorted(LAYERS)), _numbers, _numbers),
        st.builds(_connecting, _numbers, _numbers),
        st.builds(
            lambda number, name, value: _on_node(
                number, lambda g, n: edits.set_params(g, n, {name: value})
            ),
            _numbers,
            _names,
            _values,
        ),
        st.builds(
            lambda number, kind: _on_node(number, lambda g, n: edits.replace_kind(g, n, kind)),
            _numbers,
            st.sampled_from(sorted(LAYERS)),
        ),
        st.builds(
            lambda number, other, port, end: _on_node(
                number, lambda g, n: _wired_anyhow(g, n, other, port, end)
            ),
            _numbers,
            _numbers,
            st.sampled_from(("x", "y", "image", "label", "loss", "target", "gone")),
            st.sampled_from(("x", "target", "gone")),
        ),
        st.builds(
            _on_node, _numbers, st.just(lambda g, n: edits.set_bypassed(g, [n], bypassed=True))
        ),
    ),
    max_size=20,
)
"""Edits with any parameters, and wires between any ports: what a damaged file may hold."""


def _wired_anyhow(graph: Graph, source: NodeId, other: int, port: str, end: str) -> Graph:
    target = _pick(graph, other)
    assert target is not None, "the source is there"
    link = Link(End(source, port), End(target, end))
    return replace(graph, links=(*graph.links, link))


def apply_all(graph: Graph, changes: list[Edit]) -> Graph:
    """Carry out edits in order."""
    for change in changes:
        graph = change(graph)
    return graph


_STEPS: tuple[tuple[str, dict[str, object]], ...] = (
    ("Conv2d", {"out_channels": 3, "activation": "ReLU"}),
    ("Conv2d", {"out_channels": 2, "kernel_size": [3, 5], "dilation": [2, 1], "bias": False}),
    ("Conv2d", {"out_channels": 4, "padding_mode": "circular", "stride": 2, "activation": "GELU"}),
    ("ConvTranspose2d", {"out_channels": 2, "activation": "LeakyReLU"}),
    ("MaxPool2d", {}),
    ("AvgPool2d", {"kernel_size": 3, "stride": 1, "padding": 1}),
    ("BatchNorm2d", {"activation": "Sigmoid"}),
    ("Dropout", {"p": 0.25}),
    ("Upsample", {"mode": "bilinear"}),
    ("GlobalAvgPool2d", {}),
    ("Flatten", {}),
    ("Reshape", {"sizes": [2, -1]}),
    ("Linear", {"out_features": 5, "bias": False}),
    ("Linear", {"out_features": 3, "activation": "SiLU"}),
    ("LayerNorm", {}),
    ("ReLU", {}),
    ("Softmax", {"dim": 1}),
    ("Add", {"activation": "ReLU"}),
    ("Add", {}),
    ("Multiply", {}),
    ("Concat", {}),
)
_LONG_NAMES = st.text("abcdefghijklmnopqrstuvwxyz _ABC", max_size=60)


@st.composite
def valid_drawings(draw: st.DrawFn) -> Graph:
    """Drawings without errors: layers grow from any earlier output that they fit, then losses."""
    graph, ends = _with_data(draw)
    for kind, params in draw(st.lists(st.sampled_from(_STEPS), min_size=1, max_size=9)):
        many = draw(st.integers(2, 4)) if LAYERS[kind].info.inputs[0].many else 1
        sources = [ends[draw(st.integers(0, len(ends) - 1))] for _ in range(many)]
        grown, end = _grown(graph, kind, params, sources, draw(_LONG_NAMES))
        if not infer_shapes(grown).of_node(end.node):
            graph, ends = grown, [*ends, end]
    for _ in range(draw(st.integers(1, 2))):
        end = ends[draw(st.integers(1, len(ends) - 1))] if len(ends) > 1 else ends[0]
        graph = _with_loss(graph, end, ends[0].node, draw(_LONG_NAMES))
    return graph


def _with_data(draw: st.DrawFn) -> tuple[Graph, list[End]]:
    image, label = draw(
        st.sampled_from(
            (
                ("image", "label"),
                ("x", "y"),
                ("F", "torch"),
                ("self", "nn"),
                ("Tensor", "linear"),
                (
                    "an_image_field_with_quite_a_long_name_ab",
                    "the_label_of_that_image_is_long_as_well",
                ),
            )
        )
    )
    fields = [
        {"name": image, "kind": "image", "sizes": [2, 8, 8]},
        {"name": label, "kind": "label", "dtype": "int", "classes": 3},
    ]
    data = edits.make_node(Graph(), "Data", params={"fields": fields})
    return edits.add_node(Graph(), data), [End(data.id, image)]


def _grown(
    graph: Graph, kind: str, params: Mapping[str, object], sources: list[End], title: str
) -> tuple[Graph, End]:
    node = edits.make_node(graph, kind, params=params, name=title)
    graph = edits.add_node(graph, node)
    for source in dict.fromkeys(sources):
        graph = edits.connect(graph, source, End(node.id, "x"))
    return graph, End(node.id, "y")


def _with_loss(graph: Graph, end: End, data: NodeId, title: str) -> Graph:
    """Bring an output to three scores, and compare them with the labels."""
    label = infer_shapes(graph).nodes[data].output_ports[1].name
    graph, end = _grown(graph, "Flatten", {}, [end], title)
    graph, end = _grown(graph, "Linear", {"out_features": 3}, [end], title)
    loss = edits.make_node(graph, "CrossEntropyLoss", name=title)
    graph = edits.connect(edits.add_node(graph, loss), end, End(loss.id, "x"))
    return edits.connect(graph, End(data, label), End(loss.id, "target"))


def _composing(numbers: list[int], name: str) -> Edit:
    def edit(graph: Graph) -> Graph:
        picked = {_pick(graph, number) for number in numbers}
        try:
            return make_composite(graph, [node for node in picked if node], name)[0]
        except GraphError:
            return graph

    return edit


def _dissolving(graph: Graph, node: NodeId) -> Graph:
    try:
        return dissolve(graph, node)[0]
    except GraphError:
        return graph


def _sharing(number: int, other: int) -> Edit:
    def edit(graph: Graph) -> Graph:
        node, owner = _pick(graph, number), _pick(graph, other)
        if node is None or owner is None or node == owner:
            return graph
        return edits.change_node(graph, replace(graph.nodes[node], shares=owner))

    return edit


def _within(number: int, act: Edit) -> Edit:
    """Return an edit of the inside of a composite, if there is one."""

    def edit(graph: Graph) -> Graph:
        uses = [
            node
            for node in composites_in(graph.nodes.values())
            if node.definition in graph.definitions
        ]
        if not uses:
            return act(graph)
        path = (uses[number % len(uses)].id,)
        return replace_at(graph, path, act(at(graph, path)))

    return edit


def _copying(graph: Graph, node: NodeId) -> Graph:
    """Put a copy of a node behind it, on the same wire."""
    pasted, (copy,) = paste_fragment(graph, to_fragment(graph, [node]), (0.0, 0.0))
    ports = port_names(graph, graph.nodes[node])
    following = [link for link in graph.links if link.source.node == node]
    if not all(ports) or not following:
        return graph
    first = following[0]
    links = tuple(
        Link(End(copy, first.source.port), link.target) if link == first else link
        for link in pasted.links
    )
    return replace(pasted, links=(*links, Link(first.source, End(copy, ports[0][0]))))


_formulas = st.sampled_from(("i + 1", "2 * n", "2 ** i", "width", "width * (", "n - i")).map(
    Formula
)

_nested_edits = st.recursive(
    st.one_of(
        st.builds(_composing, st.lists(_numbers, min_size=1, max_size=6), st.text(max_size=6)),
        st.builds(_on_node, _numbers, st.just(_dissolving)),
        st.builds(_on_node, _numbers, st.just(_copying)),
        st.builds(
            lambda number, times, share: _on_node(
                number, lambda g, n: set_repeat(g, [n], times, share_weights=share)
            ),
            _numbers,
            st.integers(1, 3),
            st.booleans(),
        ),
        st.builds(_sharing, _numbers, _numbers),
        st.builds(
            lambda number, value: _on_node(
                number,
                lambda g, n: (
                    edits.set_params(g, n, {"out_channels": value})
                    if g.nodes[n].kind == "Conv2d"
                    else g
                ),
            ),
            _numbers,
            st.integers(1, 3) | _formulas,
        ),
        st.builds(
            _on_node, _numbers, st.just(lambda g, n: edits.set_bypassed(g, [n], bypassed=True))
        ),
        st.builds(_on_node, _numbers, st.just(lambda g, n: edits.remove_and_rejoin(g, [n]))),
    ),
    lambda inner: st.builds(_within, _numbers, inner),
    max_leaves=3,
)

nested_edit_lists = st.lists(_nested_edits, max_size=8)
"""Edits that put layers into composites, repeat them, share their weights and edit within."""
