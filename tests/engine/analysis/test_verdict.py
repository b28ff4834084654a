"""What would happen if a wire were drawn; the analysis of the drawn wire is the judge."""

import pytest
from builders import Drawing, a_residual_cnn, a_small_cnn, node_named
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.fixes import insert_with_room
from engine.analysis.shapes import infer_shapes
from engine.analysis.verdict import can_connect, first_fitting, predict_kind
from engine.graph.edits import connect
from engine.graph.elements import End, Link
from engine.graph.topology import upstream
from nodes.errors import GraphError
from nodes.sizes import BATCH
from nodes.tensors import TensorType

_KINDS = ("Conv2d", "Linear", "Flatten", "MaxPool2d", "ReLU", "Add", "BatchNorm2d")


@settings(max_examples=60)
@given(kinds=st.lists(st.sampled_from(_KINDS), min_size=2, max_size=6), pick=st.randoms())
def test_the_verdict_says_what_the_analysis_says_of_the_drawn_wire(
    kinds: list[str], pick: object
) -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    nodes = [data]
    for kind in kinds:
        nodes.append(drawing.add(kind, after=nodes[-1]))
    graph, report = drawing.graph, infer_shapes(drawing.graph)
    source_node, target_node = pick.choice(nodes), pick.choice(nodes[1:])  # type: ignore[attr-defined]
    source = End(source_node.id, "image" if source_node is data else "y")
    target = End(target_node.id, "x")

    verdict = can_connect(graph, report, source, target)

    try:
        drawn = connect(graph, source, target)
    except GraphError:
        assert verdict.refused and not verdict.ok
        return
    assert not verdict.refused
    if report.at(source) is None:
        return
    if verdict.fix is not None:
        drawn = insert_with_room(drawn, verdict.fix, Link(source, target))
    state = infer_shapes(drawn).nodes[target.node].state
    if verdict.ok and target_node.kind != "Add":
        assert state == "ok"
    elif not verdict.ok:
        assert state == "error"


def test_a_shape_that_flatten_mends_says_so() -> None:
    graph = a_small_cnn()
    report = infer_shapes(graph)
    conv, linear = node_named(graph, "conv2d"), node_named(graph, "linear")

    verdict = can_connect(graph, report, End(conv, "y"), End(linear, "x"))

    assert verdict.ok and verdict.fix == "Flatten"
    assert verdict.text == "4×28×28 into Linear needs a vector: Flatten is inserted"


def test_a_shape_that_needs_weights_to_mend_is_not_mended_silently() -> None:
    graph = a_residual_cnn()
    report = infer_shapes(graph)
    conv, add = node_named(graph, "conv2d"), node_named(graph, "add")

    verdict = can_connect(graph, report, End(conv, "y"), End(add, "x"))

    assert (verdict.ok, verdict.fix, verdict.refused) == (False, None, False)
    assert verdict.text.startswith("16×28×28 into Add needs")


def test_a_circle_is_refused_by_name() -> None:
    graph = a_residual_cnn()
    report = infer_shapes(graph)
    add, conv = node_named(graph, "add"), node_named(graph, "conv2d_2")
    source, target = End(add, "y"), End(conv, "x")

    alone = can_connect(graph, report, source, target)
    together = can_connect(graph, report, source, target, related=upstream(graph, add))

    assert alone == together
    assert alone.refused and alone.text == "This would feed Conv2d its own output"


def test_a_fitting_wire_tells_what_would_come_out() -> None:
    graph = a_small_cnn()
    report = infer_shapes(graph)
    data, pool = node_named(graph, "data"), node_named(graph, "max_pool2d")

    verdict = can_connect(graph, report, End(data, "image"), End(pool, "x"))

    assert verdict.ok and verdict.text == "1×28×28 → 1×14×14"


def test_a_loss_takes_scores_at_x_and_labels_at_target() -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    flat = drawing.add("Flatten", after=data)
    linear = drawing.add("Linear", after=flat)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    report = infer_shapes(drawing.graph)

    found = first_fitting(drawing.graph, report, End(data.id, "label"), loss.id)

    assert found is not None and found[0] == End(loss.id, "target")


@pytest.mark.parametrize(
    ("kind", "params", "fits", "text"),
    [
        ("Conv2d", {"out_channels": 8, "stride": 2}, True, "8×7×7"),
        ("Flatten", {}, True, "3136"),
        ("Linear", {}, False, "needs a vector"),
        ("Add", {}, True, ""),
        ("CrossEntropyLoss", {}, True, ""),
        ("Data", {}, False, "has no input"),
        ("Conv2d", {"out_channels": 0}, False, "Output channels cannot be 0"),
    ],
)
def test_a_new_layer_tells_what_it_would_put_out(
    kind: str, params: dict[str, object], fits: bool, text: str
) -> None:
    prediction = predict_kind(TensorType((BATCH, 16, 14, 14)), kind, params)

    assert (prediction.fits, prediction.text) == (fits, text)


def test_while_the_shape_is_not_known_everything_may_be_connected() -> None:
    drawing = Drawing()
    first = drawing.add("Conv2d")
    second = drawing.add("Linear")
    report = infer_shapes(drawing.graph)

    verdict = can_connect(drawing.graph, report, End(first.id, "y"), End(second.id, "x"))

    assert verdict.ok and verdict.fix is None
