"""Sizes of the data that are free: what takes any size, what does not, and what mends that."""

import msgspec
import pytest
import torch
from builders import Drawing, a_nested_cnn, a_project, a_residual_cnn, a_small_cnn, node_named

from engine.analysis.free_sizes import size_groups, with_free_sizes
from engine.analysis.report import Problem, ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.compile.module import compile_plan
from engine.compile.plan import make_plan
from engine.compile.source import write_source
from engine.graph.edits import set_params
from engine.graph.elements import End, Graph
from engine.project.codec import from_text, to_text
from nodes.io import Data, DataField

HEIGHT_AND_WIDTH = ("H", "W")


def freed(graph: Graph, step: int = 1, letters: tuple[str, ...] = HEIGHT_AND_WIDTH) -> Graph:
    data = next(node.id for node in graph.nodes.values() if node.kind == "Data")
    return with_free_sizes(graph, data, letters, step)


def an_hourglass(side: int = 16) -> Graph:
    """Return what halves an image twice, doubles it twice, and joins what it was before."""
    drawing = Drawing()
    fields = [
        {"name": "image", "kind": "image", "sizes": [3, side, side]},
        {"name": "mask", "kind": "mask", "sizes": [side, side], "dtype": "int", "classes": 2},
    ]
    data = drawing.add("Data", fields=fields)
    wide = drawing.add("Conv2d", after=(data, "image"), out_channels=4)
    narrow = drawing.add("MaxPool2d", after=drawing.add("MaxPool2d", after=wide))
    again = drawing.add("Upsample", after=narrow, scale_factor=4)
    joined = drawing.add("Concat")
    drawing.wire(wide, joined)
    drawing.wire(again, joined)
    scores = drawing.add("Conv2d", after=joined, out_channels=2)
    loss = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((data, "mask"), loss, "target")
    return drawing.graph


def only(report: ShapeReport) -> Problem:
    (problem,) = report.errors
    return problem


def test_free_sizes_stand_on_the_wires_as_letters_and_as_what_becomes_of_them() -> None:
    graph = freed(an_hourglass(), 4)
    report = infer_shapes(graph)
    letters = {
        graph.nodes[node].name: str(report.in_letters(End(node, "y")))
        for node in graph.nodes
        if report.at(End(node, "y"))
    }

    assert not report.errors
    assert letters["conv2d"] == "4×4H×4W"
    assert letters["max_pool2d_2"] == "4×H×W"
    assert letters["concat"] == "8×4H×4W"
    assert str(report.at(End(node_named(graph, "concat"), "y"))) == "8×16×16"


@pytest.mark.parametrize("sides", [(16, 16), (4, 8), (20, 12)])
def test_the_source_of_a_network_with_free_sizes_takes_them(sides: tuple[int, int]) -> None:
    graph = freed(an_hourglass(), 4)
    compiled = compile_plan(make_plan(graph, infer_shapes(graph), "A test"))
    batch = {
        "image": torch.rand(2, 3, *sides),
        "mask": torch.randint(2, (2, *sides)),
    }

    outputs = compiled.outputs(batch)

    assert outputs[0].shape == (2, 2, *sides)
    compiled.loss(outputs, batch).backward()


def test_what_is_built_for_one_size_is_named_with_the_letters_and_mended() -> None:
    graph = freed(a_residual_cnn())
    problem = only(infer_shapes(graph))

    assert problem.node == node_named(graph, "linear")
    assert "16⌊H/2⌋·⌊W/2⌋" in problem.text and "H and W are free" in problem.text
    assert [fix.label for fix in problem.fixes] == [
        "Pool globally instead of Flatten",
        "Keep H and W at 28×28",
    ]
    assert all(not infer_shapes(fix.edit(graph)).errors for fix in problem.fixes)


def test_sizes_that_halving_does_not_bring_back_may_be_multiples() -> None:
    graph = freed(an_hourglass())
    fix = only(infer_shapes(graph)).fixes[0]
    mended = fix.edit(graph)

    assert fix.label == "Let H and W be multiples of 4"
    assert not infer_shapes(mended).errors
    assert mended == freed(graph, 4)


def test_what_is_wrong_at_the_sizes_of_the_data_is_told_alone() -> None:
    graph = freed(a_residual_cnn())
    pool = next(node.id for node in graph.nodes.values() if node.kind == "MaxPool2d")
    report = infer_shapes(set_params(graph, pool, {"kernel_size": 99}))

    assert only(report).node == pool
    assert "free" not in only(report).text


def test_a_layer_inside_of_a_composite_is_named_with_its_place() -> None:
    drawing = Drawing()
    inside = Drawing()
    x = inside.add("Input")
    scores = inside.add("Linear", after=inside.add("Flatten", after=x), out_features=10)
    inside.add("Output", after=scores)
    drawing.define("head", inside, "Head")
    data = drawing.add("Data")
    head = drawing.use("head", after=(data, "image"))
    loss = drawing.add("CrossEntropyLoss", after=head)
    drawing.wire((data, "label"), loss, "target")
    problem = only(infer_shapes(freed(drawing.graph)))

    assert problem.path == (head.id, scores.id)
    assert [fix.label for fix in problem.fixes] == ["Keep H and W at 28×28"]


def test_inside_of_a_composite_the_letters_stand_too() -> None:
    graph = freed(a_nested_cnn())
    use = next(node.id for node in graph.nodes.values() if node.kind == "Composite")
    inside = infer_shapes(graph).inside((use,))
    convolution = next(n.id for n in inside.graph.nodes.values() if n.kind == "Conv2d")

    assert str(inside.in_letters(End(convolution, "y"))).endswith("×H×W")


def test_equal_sizes_are_set_free_together_and_targets_follow() -> None:
    graph = an_hourglass()
    drawing = Drawing()
    drawing.graph = graph
    field = {"name": "mask", "kind": "mask", "sizes": [16, 16], "dtype": "int", "classes": 2}
    target = drawing.add("Target", field=field)
    free = freed(drawing.graph, 2)
    data = infer_shapes(free).nodes[node_named(free, "data")].layer
    assert isinstance(data, Data)

    (group,) = size_groups(data)
    assert group.fields == ("image", "mask") and group.step == 2 and group.steps == (2, 4, 8, 16)
    assert free.nodes[target.id].params["field"] == msgspec.to_builtins(data.fields[1])
    assert freed(free, 0) == freed(drawing.graph, 0)


def test_free_sizes_are_kept_in_the_file() -> None:
    project = a_project(freed(an_hourglass(), 4))

    again = from_text(to_text(project)).project

    assert to_text(again) == to_text(project)
    end = End(node_named(again.graph, "conv2d"), "y")
    assert str(infer_shapes(again.graph).in_letters(end)) == "4×4H×4W"


def test_a_network_of_steps_has_the_letter_of_its_length() -> None:
    drawing = Drawing()
    data = drawing.add("Data", fields=[{"name": "row", "kind": "sequence", "sizes": [24, 3]}])
    lstm = drawing.add("LSTM", after=(data, "row"), hidden_size=8)
    graph = freed(drawing.graph, 1, ("T",))

    assert str(infer_shapes(graph).in_letters(End(lstm.id, "y"))) == "T×8"


def test_a_reshape_leaves_the_free_size_to_what_comes() -> None:
    drawing = Drawing()
    data = drawing.add("Data", fields=[{"name": "image", "kind": "image", "sizes": [3, 8, 8]}])
    rows = drawing.add("Reshape", after=(data, "image"), sizes=[3, -1])
    drawing.add("Conv1d", after=rows, out_channels=2)
    graph = freed(drawing.graph)
    plan = make_plan(graph, infer_shapes(graph), "A test", without_loss=True)

    assert "64" not in write_source(plan).text
    assert compile_plan(plan).module(torch.rand(2, 3, 5, 7)).shape == (2, 2, 35)


def test_an_edit_keeps_what_did_not_change_in_letters_too() -> None:
    graph = freed(an_hourglass(), 4)
    before = infer_shapes(graph)
    last = [node.id for node in graph.nodes.values() if node.kind == "Conv2d"][-1]
    changed = set_params(graph, last, {"kernel_size": 1})
    after = infer_shapes(changed, before)

    assert after.free and before.free
    first = node_named(graph, "conv2d")
    assert after.free.nodes[first] is before.free.nodes[first]
    for end in (End(node, "y") for node in changed.nodes):
        assert after.in_letters(end) == infer_shapes(changed).in_letters(end)


@pytest.mark.parametrize(
    "free", [["H"], [None, {"letter": "N"}, None], [None, {"letter": "H", "step": 5}, None]]
)
def test_a_size_that_cannot_be_free_so_is_refused(free: list[object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            {"name": "image", "kind": "image", "sizes": [3, 8, 8], "free": free}, DataField
        )


def test_the_data_of_every_drawing_is_as_it_was_where_nothing_is_free() -> None:
    assert infer_shapes(a_small_cnn()).free is None
