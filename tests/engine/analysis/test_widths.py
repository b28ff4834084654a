"""Fixes that change the layer which decides a width; each is carried out and looked at anew."""

from builders import Drawing
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.analysis.report import Fix
from engine.analysis.shapes import infer_shapes
from engine.graph.edits import change_node
from engine.graph.elements import Formula, Graph, Node


def attending(features: int, heads: int) -> tuple[Drawing, Node]:
    drawing = Drawing()
    data = drawing.add("Data", fields=[{"name": "x", "kind": "sequence", "sizes": [5, 3]}])
    wide = drawing.add("Linear", after=(data, "x"), out_features=features)
    normed = drawing.add("LayerNorm", after=wide)
    kept = drawing.add("Dropout", after=normed)
    drawing.wire(kept, drawing.add("MultiheadAttention", num_heads=heads), "query")
    return drawing, wide


def adding(first: dict[str, int], second: dict[str, int]) -> Graph:
    drawing = Drawing()
    data = drawing.add("Data")
    conv = drawing.add("Conv2d", after=(data, "image"), **first)
    normed = drawing.add("BatchNorm2d", after=conv)
    skip = drawing.add("Conv2d", after=(data, "image"), **second)
    both = drawing.add("Add", after=normed)
    drawing.wire(skip, both)
    return drawing.graph


def offered(graph: Graph, code: str) -> dict[str, Fix]:
    (problem,) = (each for each in infer_shapes(graph).errors if each.code == code)
    return {fix.label: fix for fix in problem.fixes}


def codes(graph: Graph) -> set[str]:
    return {problem.code for problem in infer_shapes(graph).errors}


@settings(max_examples=30, deadline=None)
@given(features=st.integers(1, 200), heads=st.integers(2, 16))
def test_heads_that_do_not_divide_are_mended_by_the_layer_that_sets_the_width(
    features: int, heads: int
) -> None:
    graph = attending(features, heads)[0].graph
    if features % heads == 0:
        return

    (label,) = (each for each in offered(graph, "LL-S005") if each.endswith("features"))
    mended = offered(graph, "LL-S005")[label].edit(graph)

    assert "LL-S005" not in codes(mended)
    width = int(label.split()[1])
    assert width % heads == 0 and abs(width - features) < heads


def test_heads_that_do_not_divide_are_told_with_the_layer_that_gives_the_features() -> None:
    (problem,) = infer_shapes(attending(100, 8)[0].graph).errors

    told = "Each head needs the same share of the 100 features. They come from Dropout."
    assert (problem.title, problem.text) == ("8 heads do not divide 100", told)


def test_a_width_that_a_formula_or_several_layers_set_stays_as_it_is() -> None:
    drawing, wide = attending(100, 8)
    set_by_formula = replace(wide, params={"out_features": Formula("50 * 2")})
    repeated = replace(wide, repeat=2)

    for node in (set_by_formula, repeated):
        labels = offered(change_node(drawing.graph, node), "LL-S005")
        assert not [label for label in labels if label.endswith("features")]


_CONVS = st.fixed_dictionaries(
    {"out_channels": st.integers(1, 4), "stride": st.integers(1, 3)},
    optional={"kernel_size": st.sampled_from((1, 3))},
)


@settings(max_examples=40, deadline=None)
@given(first=_CONVS, second=_CONVS)
def test_one_of_two_layers_is_set_so_that_their_outputs_can_be_added(
    first: dict[str, int], second: dict[str, int]
) -> None:
    graph = adding(first, second)
    if "LL-S012" not in codes(graph):
        return

    fixes = offered(graph, "LL-S012")

    for label, fix in fixes.items():
        if label.startswith("Set Conv2d to"):
            assert "LL-S012" not in codes(fix.edit(graph))
    if 1 in (first["stride"], second["stride"]):
        assert any(label.startswith("Set Conv2d to") for label in fixes)
