"""Layers are found by all that a person knows of them."""

import pytest
from builders import a_residual_cnn

from engine.analysis.finding import find_nodes
from engine.analysis.shapes import infer_shapes
from engine.graph.edits import rename, set_params
from engine.graph.elements import Graph


def found(graph: Graph, text: str) -> list[str]:
    return [graph.nodes[node].name for node in find_nodes(graph, infer_shapes(graph), text)]


@pytest.mark.parametrize("text", ["conv2d", "CONV", "convolution", "conv 3×3", "kernel_size=3"])
def test_names_kinds_categories_and_parameters_find_all_convolutions(text: str) -> None:
    graph = a_residual_cnn()
    convolutions = [node.name for node in graph.nodes.values() if node.kind == "Conv2d"]

    assert convolutions and set(found(graph, text)) == set(convolutions)


def test_a_title_of_ones_own_is_found() -> None:
    graph = a_residual_cnn()
    node = graph.named("conv2d_2")
    assert node is not None

    assert found(rename(graph, node.id, "The eye"), "eye") == ["the_eye"]


def test_shapes_are_found_as_they_are_typed() -> None:
    graph = a_residual_cnn()
    shapes = {
        graph.nodes[node].name: {str(t) for t in report.outputs.values()}
        for node, report in infer_shapes(graph).nodes.items()
    }
    shape = next(iter(shapes["conv2d"]))
    wanted = {name for name, own in shapes.items() if any(shape in text for text in own)}

    assert set(found(graph, shape.replace("×", "x"))) == wanted


def test_a_value_is_not_found_as_a_part_of_another() -> None:
    graph = a_residual_cnn()
    node = graph.named("conv2d_2")
    assert node is not None
    graph = set_params(graph, node.id, {"out_channels": 160})

    assert found(graph, "out_channels=160") == ["conv2d_2"]
    assert "conv2d_2" not in found(graph, "out_channels=16")


@pytest.mark.parametrize("text", ["", "   ", "zebra", "conv zebra"])
def test_nothing_is_found_where_a_word_is_missing(text: str) -> None:
    assert found(a_residual_cnn(), text) == []


def test_layers_come_in_the_order_of_the_data_flow() -> None:
    graph = a_residual_cnn()

    assert found(graph, "conv2d") == sorted(found(graph, "conv2d"), key=lambda name: len(name))
