from builders import Drawing, a_nested_cnn, node_named

from engine.analysis.insides import category_of
from engine.analysis.shapes import infer_shapes


def test_a_composite_is_what_most_of_its_parameters_are() -> None:
    graph = a_nested_cnn()

    report = infer_shapes(graph).nodes[node_named(graph, "residual")]

    assert category_of(report) == "conv"


def test_a_plain_layer_is_what_its_description_says() -> None:
    drawing = Drawing()
    flat = drawing.add("Flatten", after=drawing.add("Data"))

    report = infer_shapes(drawing.graph).nodes

    assert category_of(report[flat.id]) == "shape"
