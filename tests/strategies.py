"""Hypothesis strategies: random edits of a drawing, as a person might make them."""

from collections.abc import Callable

from hypothesis import strategies as st

from engine.graph import edits
from engine.graph.elements import End, Graph, NodeId
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


def apply_all(graph: Graph, changes: list[Edit]) -> Graph:
    """Carry out edits in order."""
    for change in changes:
        graph = change(graph)
    return graph
