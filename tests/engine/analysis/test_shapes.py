import pytest
from builders import Drawing, a_chain, a_residual_cnn, a_small_cnn, node_named
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import apply_all, edit_lists, wild_edit_lists

from engine.analysis.report import NodeReport, Problem, ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.graph import edits
from engine.graph.elements import EMPTY, End, Formula, Graph, Link, Node, NodeId
from engine.graph.topology import downstream

_starts = st.sampled_from([EMPTY, a_small_cnn(), a_residual_cnn(), a_chain(15)])


def _told(report: ShapeReport) -> tuple[dict[NodeId, NodeReport], list[Problem]]:
    """Return what a report says, without its fixes: their edits are functions and never equal."""
    nodes = {
        node: replace(found, inputs=found.inputs and found.inputs.key())
        for node, found in report.nodes.items()
    }
    return nodes, [replace(problem, fixes=(), choices=()) for problem in report.problems]


@given(_starts, edit_lists)
def test_what_is_taken_over_from_before_is_what_would_be_found_anew(
    start: Graph, changes: list
) -> None:
    graph, report = start, infer_shapes(start)
    for change in changes:
        graph = change(graph)
        report = infer_shapes(graph, report)

    anew = infer_shapes(graph)

    assert _told(report) == _told(anew)
    assert report.totals == anew.totals


@given(_starts, edit_lists)
def test_every_fix_of_every_problem_can_be_carried_out(start: Graph, changes: list) -> None:
    graph = apply_all(start, changes)

    for problem in infer_shapes(graph).problems:
        for fix in problem.fixes:
            assert isinstance(fix.edit(graph), Graph)
            assert isinstance(fix.edit(EMPTY), Graph)


@given(_starts, wild_edit_lists)
def test_whatever_a_drawing_holds_it_can_be_analysed_and_mended(
    start: Graph, changes: list
) -> None:
    graph, report = start, infer_shapes(start)
    for change in changes:
        graph = change(graph)
        report = infer_shapes(graph, report)

    assert _told(report) == _told(infer_shapes(graph))
    for problem in report.problems:
        assert problem.title and problem.text and problem.reason
        for fix in problem.fixes:
            assert isinstance(fix.edit(graph), Graph)
            assert isinstance(fix.edit(EMPTY), Graph)


@given(_starts, wild_edit_lists)
def test_where_there_is_no_error_all_types_are_known(start: Graph, changes: list) -> None:
    report = infer_shapes(apply_all(start, changes))

    states = {found.state for found in report.nodes.values()}

    assert bool(report.errors) or states <= {"ok"}


@pytest.mark.parametrize(("value", "other"), [(True, 1), (8, 8.0), ([3, 3], [3, 3.0])])
def test_equal_for_python_is_not_the_same_for_a_layer(value: object, other: object) -> None:
    graph = a_small_cnn()
    name = {bool: "bias", int: "out_channels", list: "kernel_size"}[type(value)]
    conv = node_named(graph, "conv2d")
    before = infer_shapes(edits.set_params(graph, conv, {name: value}))
    assert not before.errors

    after = infer_shapes(edits.set_params(graph, conv, {name: other}), before)

    assert [problem.node for problem in after.errors] == [conv]


def test_what_does_not_change_is_not_looked_at_again() -> None:
    graph = a_chain(40)
    before = infer_shapes(graph)
    node = list(graph.nodes)[20]

    after = infer_shapes(edits.set_params(graph, node, {"activation": "ReLU"}), before)

    again = [n for n in graph.nodes if after.nodes[n] is not before.nodes[n]]
    assert again == [node]


def test_one_mistake_is_one_error_and_all_below_waits() -> None:
    graph = a_residual_cnn()
    conv = node_named(graph, "conv2d_2")

    report = infer_shapes(edits.set_params(graph, conv, {"stride": 2}))

    add = node_named(graph, "add")
    assert [problem.node for problem in report.errors] == [add]
    assert all(report.nodes[n].state == "waiting" for n in downstream(graph, add))


def test_an_error_names_both_shapes_and_where_they_come_from() -> None:
    graph = a_residual_cnn()
    conv = node_named(graph, "conv2d_2")

    (problem,) = infer_shapes(edits.set_params(graph, conv, {"stride": 2})).errors

    assert problem.title == "Add needs two equal shapes"
    assert [row[1:] for row in problem.rows] == [
        ("16×7×7", "from Conv2d"),
        ("16×14×14", "from MaxPool2d"),
    ]
    assert len(problem.links) == 2


def test_an_image_that_becomes_too_small_says_what_made_it_so() -> None:
    problem = infer_shapes(_too_small()).errors[0]

    assert problem.text == (
        "A window of 2×2 does not fit into 1×1. Before it, 4 layers made 1×1 of 28×28."
    )


def test_a_list_with_one_tensor_is_offered_a_second() -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    flat = drawing.add("Flatten", after=(data, "image"))
    first = drawing.add("Linear", after=flat, out_features=5)
    drawing.add("Concat", after=first)

    (problem,) = (each for each in infer_shapes(drawing.graph).errors if each.code == "LL-S011")

    assert problem.fixes[0].label == "Connect Flatten"
    mended = infer_shapes(problem.fixes[0].edit(drawing.graph))
    assert "LL-S011" not in {each.code for each in mended.errors}


def with_a_skip(*layers: tuple[str, dict[str, object]]) -> Graph:
    """Return a drawing with a wire around some layers, into an Add behind them."""
    drawing = Drawing()
    data = drawing.add("Data")
    first = last = drawing.add("Conv2d", after=(data, "image"))
    for kind, params in layers:
        last = drawing.add(kind, after=last, **params)
    add = drawing.add("Add", after=last)
    drawing.wire(first, add)
    return drawing.graph


def test_shapes_that_differ_around_a_skip_name_the_layer_that_changed_one() -> None:
    graph = with_a_skip(("ReLU", {}), ("Conv2d", {"out_channels": 32, "stride": 2}))

    problem = next(iter(infer_shapes(graph).errors))

    assert problem.text == (
        "Conv2d makes 32×14×14 of 16×28×28. The wire around it still carries that."
    )


def test_shapes_that_differ_around_a_skip_count_the_layers_that_changed_one() -> None:
    graph = with_a_skip(("MaxPool2d", {}), ("Conv2d", {"out_channels": 32}))

    problem = next(iter(infer_shapes(graph).errors))

    assert problem.text == (
        "2 layers make 32×14×14 of 16×28×28. The wire around them still carries that."
    )


def test_classes_that_differ_name_the_data_and_the_layer() -> None:
    graph = a_small_cnn()

    graph = edits.set_params(graph, node_named(graph, "linear"), {"out_features": 8})

    (problem,) = infer_shapes(graph).errors
    assert problem.text == "Data has 10 labels. Linear gives 8 values."


def test_an_unknown_kind_is_one_problem_and_keeps_its_wires() -> None:
    graph = a_small_cnn()
    pool = node_named(graph, "max_pool2d")
    strange = edits.change_node(
        graph, type(graph.nodes[pool])(id=pool, kind="acme.Swirl", name="swirl")
    )

    report = infer_shapes(strange)

    assert report.nodes[pool].state == "unknown"
    assert [port.name for port in report.nodes[pool].input_ports] == ["x"]
    assert [problem.node for problem in report.errors] == [pool]


def test_an_unknown_kind_is_removed_and_what_it_joined_is_joined_by_a_quick_fix() -> None:
    graph = a_small_cnn()
    pool = node_named(graph, "max_pool2d")
    strange = edits.change_node(graph, Node(id=pool, kind="acme.Swirl", name="swirl"))

    (problem,) = infer_shapes(strange).errors
    (fix,) = problem.fixes

    assert fix.label == "Remove and rejoin"
    assert fix.edit(strange).links == edits.remove_and_rejoin(graph, [pool]).links
    assert not infer_shapes(fix.edit(strange)).errors


def test_a_parameter_out_of_range_says_what_it_may_be() -> None:
    graph = a_small_cnn()
    conv = node_named(graph, "conv2d")

    (problem,) = infer_shapes(edits.set_params(graph, conv, {"out_channels": 0})).errors

    assert problem.title == "Output channels cannot be 0"
    mended = problem.fixes[0].edit(edits.set_params(graph, conv, {"out_channels": 0}))
    assert not infer_shapes(mended).errors


def test_a_formula_outside_a_composite_is_told() -> None:
    graph = a_small_cnn()
    conv = node_named(graph, "conv2d")

    report = infer_shapes(edits.set_params(graph, conv, {"out_channels": Formula("width * 2")}))

    assert "formula" in report.errors[0].title.lower()


def test_a_bypassed_layer_passes_its_input_through() -> None:
    graph = a_small_cnn()
    pool = node_named(graph, "max_pool2d")

    report = infer_shapes(edits.set_bypassed(graph, [pool], bypassed=True))

    assert str(report.nodes[pool].outputs["y"]) == "4×28×28"
    assert report.nodes[pool].parameters == 0


def test_what_a_bypassed_layer_no_longer_gives_is_mended_by_using_it_again() -> None:
    graph = a_small_cnn()
    bypassed = edits.set_bypassed(graph, [node_named(graph, "linear")], bypassed=True)

    (problem,) = infer_shapes(bypassed).errors
    fix = problem.fixes[0]

    assert fix.label == "Use Linear again"
    assert fix.edit(bypassed) == graph


def _linear_on_an_image() -> Graph:
    drawing = Drawing()
    digits = drawing.add("Data")
    linear = drawing.add("Linear", after=digits, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    return drawing.graph


def _shapes_differ() -> Graph:
    graph = a_residual_cnn()
    return edits.set_params(graph, node_named(graph, "conv2d_2"), {"stride": 2})


def _too_small() -> Graph:
    drawing = Drawing()
    last = digits = drawing.add("Data")
    for _ in range(5):
        last = drawing.add("MaxPool2d", after=last)
    flat = drawing.add("Flatten", after=last)
    linear = drawing.add("Linear", after=flat)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    return drawing.graph


def _twelve_outputs() -> Graph:
    graph = a_small_cnn()
    return edits.set_params(graph, node_named(graph, "linear"), {"out_features": 12})


def _without(name: str) -> Graph:
    graph = a_small_cnn()
    return edits.remove_nodes(graph, [node_named(graph, name)])


def _open_input() -> Graph:
    graph = a_small_cnn()
    pool = node_named(graph, "max_pool2d")
    return edits.disconnect(graph, next(graph.links_into(pool)))


def _circle() -> Graph:
    graph = a_residual_cnn()
    conv, add = node_named(graph, "conv2d_2"), node_named(graph, "add")
    links = tuple(link for link in graph.links if link.target.node != conv)
    looped = Link(End(add, "y"), End(conv, "x"))
    return type(graph)(nodes=graph.nodes, links=(*links, looped), frames=graph.frames)


def _softmax_twice() -> Graph:
    graph = a_small_cnn()
    linear = node_named(graph, "linear")
    link = next(graph.links_from(linear))
    return edits.insert_on_link(graph, edits.make_node(graph, "Softmax"), link)


def _leads_nowhere() -> Graph:
    graph = a_small_cnn()
    node = edits.make_node(graph, "ReLU")
    graph = edits.add_node(graph, node)
    return edits.connect(graph, End(node_named(graph, "conv2d"), "y"), End(node.id, "x"))


@pytest.mark.parametrize(
    ("graph", "title"),
    [
        (_linear_on_an_image(), "Linear needs a vector"),
        (_shapes_differ(), "Add needs two equal shapes"),
        (_too_small(), "The image becomes smaller than 1 pixel"),
        (_twelve_outputs(), "10 classes, 12 outputs"),
        (_without("cross_entropy_loss"), "Nothing to minimise yet"),
        (a_small_cnn(validation_share=0.0), "All samples are used for training"),
        (_open_input(), "MaxPool2d has an open input"),
        (_softmax_twice(), "Softmax before cross-entropy"),
        (_leads_nowhere(), "Nothing uses ReLU"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_first_fix_mends_the_problem(graph: Graph, title: str) -> None:
    report = infer_shapes(graph)
    problem = next(p for p in report.problems if p.title == title)

    mended = infer_shapes(problem.fixes[0].edit(graph))

    assert title not in {p.title for p in mended.problems}
    assert len(mended.problems) <= len(report.problems)


def test_a_circle_is_one_problem_and_can_be_opened() -> None:
    graph = _circle()
    (problem,) = [p for p in infer_shapes(graph).errors if p.code == "LL-S020"]

    mended = infer_shapes(problem.fixes[0].edit(graph))

    assert "LL-S020" not in {p.code for p in mended.errors}


def test_a_drawing_without_data_is_offered_some() -> None:
    graph = _without("data")
    problem = next(p for p in infer_shapes(graph).errors if p.code == "LL-A001")

    assert "LL-A001" not in {p.code for p in infer_shapes(problem.fixes[0].edit(graph)).errors}


_OTHER_FIELDS = [
    {"name": "picture", "kind": "image", "sizes": [1, 28, 28]},
    {"name": "digit", "kind": "label", "dtype": "int", "classes": 10},
]


def test_wires_from_fields_that_are_gone_are_told_and_can_be_led_anew() -> None:
    graph = a_small_cnn()
    graph = edits.set_params(graph, node_named(graph, "data"), {"fields": _OTHER_FIELDS})
    report = infer_shapes(graph)
    assert [problem.title for problem in report.errors] == [
        "Data has no output “image”",
        "Data has no output “label”",
    ]

    for problem in report.errors:
        graph = problem.fixes[0].edit(graph)

    assert infer_shapes(graph).problems == ()


@pytest.mark.parametrize(
    ("source", "port", "reason"),
    [("max_pool2d", "x", "too many wires"), ("max_pool2d", "gone", "wire to nowhere")],
)
def test_a_wire_that_a_layer_cannot_have_is_told(source: str, port: str, reason: str) -> None:
    graph = a_small_cnn()
    wire = Link(End(node_named(graph, source), "y"), End(node_named(graph, "linear"), port))
    wrong = replace(graph, links=(*graph.links, wire))

    (problem,) = infer_shapes(wrong).errors

    assert problem.reason == reason and problem.links == (wire,)
    assert problem.fixes[0].edit(wrong) == graph


def test_a_list_input_that_becomes_a_single_one_says_so() -> None:
    graph = a_residual_cnn()

    (problem,) = infer_shapes(edits.replace_kind(graph, node_named(graph, "add"), "ReLU")).errors

    assert problem.title == "ReLU takes one tensor"


def _with_target(**field: object) -> Graph:
    graph = a_small_cnn()
    loss = node_named(graph, "cross_entropy_loss")
    target = edits.make_node(graph, "Target", params={"field": field} if field else {})
    graph = edits.add_node(graph, target)
    return edits.connect(
        graph, End(target.id, str(field.get("name", "label"))), End(loss, "target")
    )


def test_a_target_brings_a_field_of_the_data_set() -> None:
    assert infer_shapes(_with_target()).problems == ()


@pytest.mark.parametrize(("name", "classes"), [("label", 7), ("gone", 10)])
def test_a_target_that_is_not_in_the_data_set_is_told_and_mended(name: str, classes: int) -> None:
    graph = _with_target(name=name, kind="label", dtype="int", classes=classes)
    problem = next(p for p in infer_shapes(graph).errors if p.code == "LL-A007")

    mended = problem.fixes[0].edit(graph)

    assert infer_shapes(mended).problems == ()


def test_a_loss_of_losses_is_told() -> None:
    drawing = Drawing()
    digits = drawing.add("Data")
    flat = drawing.add("Flatten", after=digits)
    losses = []
    for _ in range(2):
        linear = drawing.add("Linear", after=flat)
        losses.append(drawing.add("CrossEntropyLoss", after=linear))
        drawing.wire((digits, "label"), losses[-1], "target")
    last = drawing.add("MSELoss", after=(losses[0], "loss"))
    drawing.wire((losses[1], "loss"), last, "target")

    (problem,) = infer_shapes(drawing.graph).errors

    assert problem.node == last.id
    assert not infer_shapes(problem.fixes[0].edit(drawing.graph)).errors


@pytest.mark.parametrize(
    ("name", "params"), [("data", {"fields": 3}), ("cross_entropy_loss", {"label_smoothing": 9})]
)
def test_data_and_losses_with_a_wrong_parameter_are_one_problem(name: str, params: dict) -> None:
    graph = a_small_cnn()
    node = node_named(graph, name)

    problems = infer_shapes(edits.set_params(graph, node, params)).problems

    assert [problem.node for problem in problems] == [node]


def test_a_softmax_that_is_bypassed_is_no_second_one() -> None:
    graph = _softmax_twice()

    bypassed = edits.set_bypassed(graph, [node_named(graph, "softmax")], bypassed=True)

    assert infer_shapes(bypassed).problems == ()


def test_an_empty_drawing_has_no_problems() -> None:
    report = infer_shapes(EMPTY)

    assert report.problems == () and report.totals.parameters == 0
