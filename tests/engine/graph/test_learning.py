"""How a node learns: kept in files and on the clipboard, and handed on where a block dissolves."""

import json

import pytest
from builders import a_nested_cnn, a_plain_network, a_project, node_named

from engine.graph.composing import make_composite
from engine.graph.dissolving import dissolve
from engine.graph.edits import set_learning
from engine.graph.fragments import paste_fragment, to_fragment
from engine.graph.learning import PLAIN, Learning
from engine.project.codec import from_text, to_text
from nodes.errors import ParameterError, ProjectError


def test_a_file_holds_only_what_differs() -> None:
    graph = a_plain_network()
    linear = node_named(graph, "linear")
    graph = set_learning(graph, [linear], "rate_factor", 0.1)

    text = to_text(a_project(graph))

    assert text.count('"learning": {"rate_factor": 0.1}') == 1 == text.count('"learning"')
    assert from_text(text).project.graph == graph
    assert to_text(a_project(set_learning(graph, [linear], "rate_factor", None))).count(
        "learning"
    ) == to_text(a_project(a_plain_network())).count("learning")


def test_a_setting_of_a_newer_version_is_kept() -> None:
    document = json.loads(to_text(a_project(a_plain_network())))
    document["nodes"][2]["learning"] = {"rate_factor": 2.0, "mood": "eager"}

    again = json.loads(to_text(from_text(json.dumps(document)).project))

    assert again["nodes"][2]["learning"] == {"rate_factor": 2.0, "mood": "eager"}


@pytest.mark.parametrize(
    "learning", [{"rate_factor": -1}, {"initialiser": "wild"}, {"rate_factor": "x"}, 3]
)
def test_settings_that_cannot_be_are_refused_with_their_place(learning: object) -> None:
    document = json.loads(to_text(a_project(a_plain_network())))
    document["nodes"][2]["learning"] = learning

    with pytest.raises(ProjectError, match=r"nodes\[2\].learning"):
        from_text(json.dumps(document))


def test_a_value_out_of_range_is_refused() -> None:
    graph = a_plain_network()

    with pytest.raises(ParameterError, match="Rate factor cannot be -1"):
        set_learning(graph, [node_named(graph, "linear")], "rate_factor", -1)


def test_the_clipboard_keeps_how_a_layer_learns() -> None:
    graph = a_plain_network()
    linear = node_named(graph, "linear")
    graph = set_learning(graph, [linear], "initialiser", "orthogonal")

    pasted, (node,) = paste_fragment(graph, to_fragment(graph, [linear]), (0.0, 0.0))

    assert pasted.nodes[node].learning == Learning(initialiser="orthogonal")


def test_layers_of_a_block_that_dissolves_learn_as_they_did() -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual")
    graph = set_learning(graph, [use], "rate_factor", 0.5)
    graph = set_learning(graph, [use], "initialiser", "zeros")

    freed, nodes = dissolve(graph, use)

    found = [freed.nodes[node].learning for node in nodes]
    assert all((one.rate_factor, one.initialiser) == (0.5, "zeros") for one in found)
    assert graph.nodes[node_named(graph, "conv2d")].learning == PLAIN


def test_a_block_belongs_to_the_optimiser_of_its_layers() -> None:
    graph = a_plain_network()
    layers = [node_named(graph, name) for name in ("linear", "linear_2")]
    graph = set_learning(graph, layers[:1], "player", "Judge")

    made, use = make_composite(graph, layers, "Both")

    assert made.nodes[use].learning.player == "Judge"
