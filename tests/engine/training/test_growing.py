"""The judge is execution: before and after, the model computes the same."""

import pytest
import torch
from builders import Drawing, a_plain_network, a_project, node_named
from larger_networks import a_batch, a_branching_network, carried, trained, with_sizes
from training_runs import FEW, with_graph

from engine.compile.module import CompiledModel
from engine.graph.composites import at, replace_at
from engine.graph.edits import insert_on_link, make_node, set_params
from engine.graph.elements import Graph
from engine.graph.sharing import set_repeat
from engine.project.project import Project


def computes_the_same(one: CompiledModel, other: CompiledModel) -> bool:
    batch = a_batch()
    with torch.no_grad():
        return torch.allclose(one.outputs(batch)[0], other.outputs(batch)[0], atol=1e-5)


@pytest.mark.parametrize(
    "sizes",
    [
        {"linear": {"out_features": 31}},
        {"conv2d": {"out_channels": 7}, "conv2d_2": {"out_channels": 7}},
        {
            "conv2d": {"out_channels": 9},
            "conv2d_2": {"out_channels": 9},
            "linear": {"out_features": 40},
        },
    ],
)
def test_a_wider_network_computes_the_same(sizes: dict[str, dict[str, int]]) -> None:
    project = a_branching_network()
    one = trained(project)

    other, found = carried(one, with_sizes(project, **sizes))

    assert computes_the_same(one, other)
    assert found.grown and not found.new


@pytest.mark.parametrize("sizes", [(7, 3), (4, 8), (9, 6)])
def test_a_transposed_convolution_grows_with_what_it_takes(sizes: tuple[int, int]) -> None:
    drawing = Drawing()
    digits = drawing.add("Data", **FEW)
    first = drawing.add("Conv2d", after=digits, out_channels=4, stride=4, activation="ReLU")
    up = drawing.add("ConvTranspose2d", after=first, out_channels=3, kernel_size=2, stride=2)
    flat = drawing.add("Flatten", after=up)
    linear = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((digits, "label"), loss, "target")
    project = a_project(drawing.graph, batch_size=32)
    wider = {"conv2d": {"out_channels": sizes[0]}, up.name: {"out_channels": sizes[1]}}
    one = trained(project)

    other, found = carried(one, with_sizes(project, **wider))

    assert computes_the_same(one, other)
    assert up.id in found.grown and not found.new and not found.why


def test_repeated_units_learn_apart() -> None:
    project = a_branching_network()
    wider = with_sizes(project, linear={"out_features": 24})
    other, _ = carried(trained(project), wider)

    batch = a_batch()
    other.loss(other.outputs(batch), batch).backward()  # type: ignore[no-untyped-call]

    gradient = other.module.get_parameter("linear.weight").grad
    assert gradient is not None and not torch.allclose(gradient[:12], gradient[12:])


def test_a_skip_that_no_longer_fits_its_branch_is_refused_by_the_drawing_not_here() -> None:
    """Only one of two branches of a sum is wider: the layers behind begin anew."""
    project = a_branching_network()

    other, found = carried(trained(project), with_sizes(project, linear={"out_features": 5}))

    names = {project.graph.nodes[node].name for node in found.new}
    assert names == {"linear", "linear_2"}
    assert other.module.get_parameter("conv2d.weight").shape[0] == 4


@pytest.mark.parametrize("kind", ["Linear", "Conv2d"])
def test_a_layer_put_in_between_begins_as_the_identity(kind: str) -> None:
    project = a_branching_network()
    size = {"out_features": 12} if kind == "Linear" else {"out_channels": 4}
    before = "linear_2" if kind == "Linear" else "conv2d_2"
    longer = inserted(project, kind, before, **size)
    one = trained(project)

    other, found = carried(one, longer)

    assert computes_the_same(one, other) and len(found.grown) == 1 and not found.new


def test_a_relu_layer_behind_a_relu_begins_as_the_identity() -> None:
    project = a_project(a_plain_network(hidden=16))
    longer = inserted(project, "Linear", "linear_2", out_features=16, activation="ReLU")
    one = trained(project)

    other, found = carried(one, longer)

    assert computes_the_same(one, other) and found.grown


def test_a_layer_put_in_between_passes_on_what_grows_with_it() -> None:
    project = a_branching_network()
    wider = with_sizes(project, linear={"out_features": 31})
    one = trained(project)

    other, found = carried(one, inserted(wider, "Linear", "linear_2", out_features=31))

    assert computes_the_same(one, other) and len(found.grown) == 3 and not found.new


def a_row(**block: object) -> Project:
    """Return two residual blocks in a row: a composite, in which each channel has a filter."""
    inside = Drawing()
    start = inside.add("Input")
    wide = inside.add("Conv2d", after=start, out_channels=6, kernel_size=1, activation="GELU")
    deep = inside.add("Conv2d", after=wide, out_channels=6, groups=6)
    norm = inside.add("BatchNorm2d", after=deep, activation="ReLU")
    narrow = inside.add("Conv2d", after=norm, out_channels=4, kernel_size=1)
    last = inside.add("BatchNorm2d", after=narrow)
    add = inside.add("Add", after=last, **block)
    inside.wire(start, add)
    inside.add("Output", after=add)
    drawing = Drawing()
    drawing.define("block", inside)
    digits = drawing.add("Data")
    first = drawing.add("Conv2d", after=digits, out_channels=4, activation="ReLU")
    row = drawing.use("block", after=first)
    pool = drawing.add("AdaptiveAvgPool2d", after=row)
    flat = drawing.add("Flatten", after=pool)
    scores = drawing.add("Linear", after=flat, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((digits, "label"), loss, "target")
    return a_project(set_repeat(drawing.graph, [row.id], 2))


def with_larger_row(project: Project, rounds: int, hidden: int) -> Project:
    path = (node_named(project.graph, "block"),)
    inside = at(project.graph, path)
    for name, params in (("conv2d", {}), ("conv2d_2", {"groups": hidden})):
        inside = set_params(inside, node_named(inside, name), {"out_channels": hidden, **params})
    return with_graph(project, set_repeat(replace_at(project.graph, path, inside), path, rounds))


@pytest.mark.parametrize("block", [{}, {"activation": "ReLU"}])
@pytest.mark.parametrize(("rounds", "hidden"), [(2, 11), (4, 6), (5, 13)])
def test_a_row_of_blocks_grows_wider_inside_and_longer(
    rounds: int, hidden: int, block: dict[str, object]
) -> None:
    project = a_row(**block)
    one = trained(project)

    other, found = carried(one, with_larger_row(project, rounds, hidden))

    assert computes_the_same(one, other)
    assert len(found.grown) == 1 and not found.new and not found.why


def test_what_cannot_grow_says_why() -> None:
    project = a_branching_network()
    smaller = with_sizes(project, linear={"out_features": 5})

    _, found = carried(trained(project), smaller)

    assert found.why[node_named(project.graph, "linear")] == "It is narrower than before."


def inserted(project: Project, kind: str, before: str, **params: object) -> Project:
    graph: Graph = project.graph
    link = next(graph.links_into(node_named(graph, before)))
    return with_graph(project, insert_on_link(graph, make_node(graph, kind, params=params), link))
