import pytest
from builders import Drawing, a_nested_cnn, a_residual_cnn, node_named
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.derivation import derive, formula, in_letters
from engine.analysis.shapes import infer_shapes
from engine.graph.edits import set_params
from engine.graph.elements import End, Graph
from engine.project.templates import open_template, templates
from nodes.sizes import substitute, symbol
from nodes.tensors import TensorType


def forced(graph: Graph, name: str, port: str = "y") -> list[str]:
    found = derive(infer_shapes(graph), End(node_named(graph, name), port))
    return [graph.nodes[each.node].name for each in found.layers]


def a_pyramid(side: int = 28) -> Graph:
    """Return convolutions and poolings with all sorts of windows, and what joins them again."""
    field = {"name": "image", "kind": "image", "sizes": [3, side, side]}
    drawing = Drawing()
    data = drawing.add("Data", fields=[field])
    first = drawing.add("Conv2d", after=(data, "image"), kernel_size=3, stride=2, padding=0)
    second = drawing.add("MaxPool2d", after=first, kernel_size=3, stride=1)
    third = drawing.add("ConvTranspose2d", after=second, kernel_size=2, stride=2)
    fourth = drawing.add("Conv2d", after=third, kernel_size=5, dilation=2, padding=1)
    drawing.add("Flatten", after=fourth)
    return drawing.graph


@settings(max_examples=25, deadline=None)
@given(side=st.integers(16, 70))
def test_the_letters_say_what_the_sizes_are_for_any_size_of_the_data(side: int) -> None:
    drawn, fresh = a_pyramid(), a_pyramid(side)
    free, known = in_letters(infer_shapes(drawn)), infer_shapes(fresh)
    values = {"H": side, "W": side}

    for end, tensor in free.items():
        same = node_named(fresh, drawn.nodes[end.node].name)
        sizes = tuple(substitute(size, values) for size in tensor.sizes)
        assert sizes == known.nodes[same].outputs[end.port].sizes


@pytest.mark.parametrize("key", [template.key for template in templates()])
def test_with_their_own_sizes_the_letters_of_every_template_say_what_is_there(key: str) -> None:
    report = infer_shapes(open_template(key).graph)
    values: dict[str, int] = {}
    for end, tensor in in_letters(report).items():
        actual = report.at(end)
        assert actual is not None
        for letter, size in zip(tensor.sizes, actual.sizes, strict=True):
            for name in ("D", "H", "W", "T", "T₂", "T₃"):
                if letter == symbol(name) and isinstance(size, int):
                    values.setdefault(name, size)
        assert tuple(substitute(size, values) for size in tensor.sizes) == actual.sizes


def test_formulas_are_written_as_people_do() -> None:
    height = symbol("H")

    assert formula(TensorType((symbol("N"), 16, height // 2, height + 2))) == "16×⌊H/2⌋×(H+2)"
    assert formula(TensorType((symbol("N"), (height // 3 + 1) // 2 * 4))) == "4⌊(H+3)/6⌋"
    assert formula(TensorType((symbol("N"), (height + 3) // 4, -(height // 2)))) == "⌈H/4⌉×−⌊H/2⌋"
    assert formula(TensorType((symbol("N"), 10))) == ""


def test_a_size_without_letters_was_set_by_one_layer() -> None:
    graph = a_residual_cnn()

    assert forced(graph, "linear") == ["linear"]


def test_layers_that_keep_a_size_are_not_among_those_that_forced_it() -> None:
    graph = a_residual_cnn()
    pool, conv = (
        next(node.name for node in graph.nodes.values() if node.kind == kind)
        for kind in ("MaxPool2d", "Conv2d")
    )
    add = next(node.name for node in graph.nodes.values() if node.kind == "Add")

    assert forced(graph, add) == [pool, conv]
    assert forced(graph, conv) == [conv]


def test_the_words_name_what_was_made_of_what_with_the_arithmetic() -> None:
    graph = a_residual_cnn()
    pool = next(node.name for node in graph.nodes.values() if node.kind == "MaxPool2d")
    found = derive(infer_shapes(graph), End(node_named(graph, pool), "y"))

    assert found.layers[0].words.startswith("MaxPool2d: 16×28×28 → 16×14×14")
    assert "÷ 2" in found.layers[0].words
    assert found.formula == "16×⌊H/2⌋×⌊W/2⌋"


def test_the_wires_on_the_way_join_the_layers_that_forced_it() -> None:
    graph = a_residual_cnn()
    flat = next(node for node in graph.nodes.values() if node.kind == "Flatten")
    found = derive(infer_shapes(graph), End(flat.id, "y"))
    touched = {end.node for link in found.links for end in (link.source, link.target)}

    assert {each.node for each in found.layers} <= touched
    assert set(found.links) <= set(graph.links)


def test_composites_count_as_one_layer() -> None:
    graph = a_nested_cnn()
    report = infer_shapes(graph)
    composite = next(node for node in graph.nodes.values() if node.kind == "Composite")
    port = next(iter(report.nodes[composite.id].outputs))

    assert derive(report, End(composite.id, port)).formula


def test_a_drawing_with_errors_is_derived_as_far_as_it_is_known() -> None:
    graph = a_residual_cnn()
    pool = next(node for node in graph.nodes.values() if node.kind == "MaxPool2d")
    broken = set_params(graph, pool.id, {"kernel_size": 99})
    report = infer_shapes(broken)

    assert derive(report, End(pool.id, "y")).layers == ()
    assert derive(report, End(node_named(graph, "conv2d"), "y")).layers
