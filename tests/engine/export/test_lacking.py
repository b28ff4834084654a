from builders import Drawing

from engine.analysis.shapes import infer_shapes
from engine.export.lacking import ONNX_LACKS, fitted_to_onnx, lacking_in_onnx
from engine.graph.composing import make_composite
from engine.graph.edits import replace_kind, set_bypassed
from engine.graph.elements import Graph, NodeId
from nodes.catalogue import LAYERS


def a_network_with_chance() -> tuple[Graph, NodeId]:
    drawing = Drawing()
    data = drawing.add("Data")
    pool = drawing.add("FractionalMaxPool2d", after=(data, "image"), output_size=9)
    flat = drawing.add("Flatten", after=pool)
    drawing.add("Linear", after=flat, out_features=10)
    return drawing.graph, pool.id


def test_a_layer_without_an_operator_is_told_with_what_does_nearly_the_same() -> None:
    graph, pool = a_network_with_chance()

    error = lacking_in_onnx(graph)

    assert error is not None and error.where == "FractionalMaxPool2d"
    assert "AdaptiveMaxPool2d" in error.hint and "source" in error.hint
    assert lacking_in_onnx(replace_kind(graph, pool, "AdaptiveMaxPool2d")) is None
    assert lacking_in_onnx(set_bypassed(graph, [pool], bypassed=True)) is None


def test_it_is_found_inside_of_a_composite() -> None:
    graph, pool = a_network_with_chance()
    inside, _ = make_composite(graph, [pool], "Part")

    assert lacking_in_onnx(inside) is not None


def test_what_is_lacking_is_replaced_inside_of_composites_too_and_keeps_its_size() -> None:
    graph, pool = a_network_with_chance()
    inside, _ = make_composite(graph, [pool], "Part")

    for drawing in (graph, inside):
        fitted = fitted_to_onnx(drawing)
        assert lacking_in_onnx(fitted) is None
        assert fitted_to_onnx(fitted) is fitted
        before, after = infer_shapes(drawing), infer_shapes(fitted)
        assert {key: each.outputs for key, each in before.nodes.items()} == {
            key: each.outputs for key, each in after.nodes.items()
        }


def test_a_network_that_is_taken_alone_is_asked_for_what_is_inside_of_it() -> None:
    graph, pool = a_network_with_chance()
    flat = next(node.id for node in graph.nodes.values() if node.kind == "Flatten")
    graph, chance = make_composite(graph, [pool], "Chance")
    graph, rest = make_composite(graph, [flat], "Rest")

    assert lacking_in_onnx(graph, graph.nodes[chance].name) is not None
    assert lacking_in_onnx(graph, graph.nodes[rest].name) is None


def test_what_is_put_in_its_place_is_in_the_library() -> None:
    assert set(ONNX_LACKS) | set(ONNX_LACKS.values()) <= set(LAYERS)
