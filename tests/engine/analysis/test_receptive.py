"""Receptive fields, judged by execution: a NaN at one place reaches exactly what sees the place."""

import pytest
import torch
from builders import Drawing, a_nested_cnn, a_residual_cnn
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.receptive import views
from engine.analysis.shapes import infer_shapes
from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import make_plan
from engine.compile.stepper import run_nodes
from engine.graph.elements import End, Graph, NodeId

_LENGTH = 80


def an_image(side: int) -> dict[str, object]:
    field = {"name": "x", "kind": "image", "sizes": [1, side, side]}
    return {"fields": [field, {"name": "label", "kind": "label", "dtype": "int", "classes": 10}]}


def a_sound() -> dict[str, object]:
    return {"fields": [{"name": "x", "kind": "audio", "sizes": [1, _LENGTH]}]}


def sees(graph: Graph, node: NodeId) -> tuple[int | None, ...]:
    report = infer_shapes(graph)
    port = next(iter(report.nodes[node].outputs))
    return views(report)[End(node, port)].sizes


def measured(graph: Graph, node: NodeId, *sizes: int) -> tuple[int, ...]:
    """Return how far apart the places are from which a NaN reaches the same unit, at most."""
    plan = make_plan(graph, infer_shapes(graph), "judged", without_loss=True)
    compiled = compile_plan(plan)
    # The fast kernels of single precision spread a NaN over a whole tile.
    compiled.module.eval().double()
    return tuple(_reach(compiled, node, sizes, axis) for axis in range(len(sizes)))


def _reach(compiled: CompiledModel, node: NodeId, sizes: tuple[int, ...], axis: int) -> int:
    batch = torch.rand(sizes[axis], 1, *sizes, dtype=torch.float64)
    for place in range(sizes[axis]):
        batch[place].select(axis + 1, place).fill_(torch.nan)
    with torch.no_grad():
        (outputs,) = run_nodes(compiled, {compiled.plan.inputs[0]: batch}, [node]).values()
    reached = torch.isnan(outputs).flatten(1).int()
    met = reached.amax(0) > 0
    first, last = reached.argmax(0), len(reached) - 1 - reached.flip(0).argmax(0)
    return int((last - first + 1)[met].max())


WINDOWS = st.fixed_dictionaries(
    {
        "kernel_size": st.sampled_from([1, 2, 3, 5]),
        "stride": st.sampled_from([1, 2]),
        "padding": st.integers(0, 2),
        "dilation": st.sampled_from([1, 2]),
    }
)
LAYERS = st.one_of(
    st.tuples(st.just("Conv1d"), WINDOWS),
    st.tuples(
        st.just("MaxPool1d"),
        st.fixed_dictionaries(
            {"kernel_size": st.sampled_from([2, 3]), "stride": st.sampled_from([1, 2])}
        ),
    ),
    st.tuples(st.just("ReLU"), st.just({})),
    st.tuples(st.just("BatchNorm1d"), st.just({})),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(LAYERS, min_size=1, max_size=3))
def test_a_chain_sees_what_reaches_it(layers: list[tuple[str, dict[str, object]]]) -> None:
    drawing = Drawing()
    last = drawing.add("Data", **a_sound())
    source: object = (last, "x")
    for kind, params in layers:
        last = drawing.add(kind, after=source, **params)  # type: ignore[arg-type]
        source = last

    predicted = sees(drawing.graph, last.id)

    assert predicted == measured(drawing.graph, last.id, _LENGTH)


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("ConvTranspose2d", {"kernel_size": 3, "stride": 2, "padding": 1}),
        ("ConvTranspose2d", {"kernel_size": 4, "stride": 2}),
        ("Upsample", {"scale_factor": 2}),
        ("Upsample", {"scale_factor": 3, "mode": "bilinear"}),
        ("Upsample", {"scale_factor": 2, "mode": "bilinear"}),
        ("ReflectionPad2d", {"padding": 2}),
    ],
)
def test_a_larger_image_sees_no_less_than_what_reaches_it(
    kind: str, params: dict[str, object]
) -> None:
    drawing = Drawing()
    data = drawing.add("Data", **an_image(32))
    first = drawing.add("Conv2d", after=(data, "x"), out_channels=2, stride=2)
    larger = drawing.add(kind, after=first, **params)
    last = drawing.add("Conv2d", after=larger, out_channels=2)

    for node in (larger.id, last.id):
        predicted, reached = sees(drawing.graph, node), measured(drawing.graph, node, 32, 32)
        for size, least in zip(predicted, reached, strict=True):
            assert size is not None and least <= size <= least + 2


def test_where_a_skip_meets_its_block_the_larger_field_counts() -> None:
    graph = a_residual_cnn()
    add = next(node.id for node in graph.nodes.values() if node.kind == "Add")

    assert sees(graph, add) == measured(graph, add, 28, 28)


def test_inside_of_composites_the_field_grows_as_it_does_outside() -> None:
    graph = a_nested_cnn()
    found = views(infer_shapes(graph))
    composite = next(node for node in graph.nodes.values() if node.kind == "Composite")
    sizes = next(view.sizes for end, view in found.items() if end.node == composite.id)

    assert sizes == measured(graph, composite.id, 28, 28)


def test_a_linear_layer_sees_the_whole_image_and_its_flattening_does_not() -> None:
    drawing = Drawing()
    data = drawing.add("Data", **an_image(8))
    conv = drawing.add("Conv2d", after=(data, "x"))
    flat = drawing.add("Flatten", after=conv)
    linear = drawing.add("Linear", after=flat)

    assert sees(drawing.graph, flat.id) == (3, 3)
    assert sees(drawing.graph, linear.id) == (None, None)


@pytest.mark.parametrize("kind", ["LSTM", "CausalSelfAttention", "TransformerEncoderLayer"])
def test_layers_that_look_everywhere_see_all(kind: str) -> None:
    drawing = Drawing()
    field = {"name": "x", "kind": "sequence", "sizes": [12, 8]}
    data = drawing.add("Data", fields=[field])
    params = {"num_heads": 2} if kind != "LSTM" else {}
    layer = drawing.add(kind, after=(data, "x"), **params)

    assert sees(drawing.graph, layer.id) == (None,)


def test_numbers_of_a_table_have_no_places_to_see() -> None:
    drawing = Drawing()
    data = drawing.add("Data", fields=[{"name": "x", "kind": "vector", "sizes": [8]}])
    linear = drawing.add("Linear", after=(data, "x"))

    assert sees(drawing.graph, linear.id) == ()
