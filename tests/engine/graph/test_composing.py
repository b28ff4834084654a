import pytest
import torch
from builders import Drawing, a_nested_cnn, a_residual_block, a_residual_cnn, node_named
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import valid_drawings

from engine.analysis.shapes import infer_shapes
from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import make_plan
from engine.compile.source import write_source
from engine.graph import edits
from engine.graph.bends import set_bends
from engine.graph.composing import make_composite
from engine.graph.composites import at, definition_of, inputs_of, outputs_of, replace_at
from engine.graph.dissolving import dissolve
from engine.graph.elements import End, Formula, Graph, Link, NodeId
from engine.project.codec import from_text, to_text
from engine.project.project import Project
from nodes.errors import GraphError


def _compiled(graph: Graph) -> CompiledModel:
    return compile_plan(make_plan(graph, infer_shapes(graph), "A test"))


def _text(graph: Graph) -> str:
    return write_source(make_plan(graph, infer_shapes(graph), "A test")).text


def _residual(graph: Graph) -> list[NodeId]:
    return [node_named(graph, name) for name in ("conv2d_2", "conv2d_3", "add")]


def test_a_residual_block_becomes_a_composite_and_computes_the_same() -> None:
    graph = a_residual_cnn()

    made, use = make_composite(graph, _residual(graph), "Residual block")

    definition = definition_of(made, made.nodes[use])
    assert definition is not None and definition.name == "Residual block"
    assert [end.port for end in inputs_of(definition.graph)] == ["x"]
    assert [end.port for end in outputs_of(definition.graph)] == ["y"]
    assert infer_shapes(made).problems == ()
    before, after = _compiled(graph), _compiled(made)
    state = after.module.state_dict()
    before.module.load_state_dict(
        {name.removeprefix("residual_block."): weight for name, weight in state.items()}
    )
    batch = {"image": torch.rand(2, 1, 28, 28)}
    assert torch.equal(before.outputs(batch)[0], after.outputs(batch)[0])


def test_a_composite_dissolved_is_the_drawing_before() -> None:
    graph = a_residual_cnn()

    made, use = make_composite(graph, _residual(graph), "Residual block")
    freed, nodes = dissolve(made, use)

    assert set(nodes) == set(_residual(graph))
    assert freed.definitions == {}
    assert {node.id: node for node in freed.nodes.values()} == dict(graph.nodes)
    assert set(freed.links) == set(graph.links)
    assert freed.frames == graph.frames


_places = st.tuples(st.integers(-2000, 2000), st.integers(-2000, 2000)).map(
    lambda place: (float(place[0]), float(place[1]))
)


@st.composite
def _led_anyhow(draw: st.DrawFn, graph: Graph) -> Graph:
    """The cards of a drawing put anywhere, and its wires led through any points."""
    places = {node: draw(_places) for node in graph.nodes}
    bends = {link: tuple(draw(st.lists(_places, max_size=3))) for link in graph.links}
    return replace(
        edits.move(graph, places), bends={link: points for link, points in bends.items() if points}
    )


@settings(max_examples=40, deadline=None)
@given(valid_drawings(), st.data())
def test_what_is_put_together_and_taken_apart_compiles_to_the_same_source(
    graph: Graph, data: st.DataObject
) -> None:
    layers = [node.id for node in graph.nodes.values() if node.kind not in ("Data",)]
    layers = [node for node in layers if not graph.nodes[node].kind.endswith("Loss")]
    graph = data.draw(_led_anyhow(graph))
    chosen = data.draw(st.sets(st.sampled_from(layers), min_size=1))
    try:
        made, use = make_composite(graph, chosen, data.draw(st.text(max_size=12)))
    except GraphError:
        return

    report = infer_shapes(made)
    assert report.errors == () and report.totals.layers == infer_shapes(graph).totals.layers
    assert report.totals.parameters == infer_shapes(graph).totals.parameters
    saved = Project(graph=made)
    assert from_text(to_text(saved)).project == saved
    freed, _ = dissolve(made, use)
    assert _text(freed) == _text(graph)
    assert dict(freed.nodes) == dict(graph.nodes)
    assert set(freed.links) == set(graph.links)
    assert dict(freed.bends) == dict(graph.bends)


@settings(max_examples=40, deadline=None)
@given(valid_drawings(), st.data())
def test_what_is_put_together_computes_what_it_did(graph: Graph, data: st.DataObject) -> None:
    layers = [node.id for node in graph.nodes.values() if node.kind not in ("Data",)]
    layers = [node for node in layers if not graph.nodes[node].kind.endswith("Loss")]
    try:
        made, use = make_composite(graph, data.draw(st.sets(st.sampled_from(layers))), "Block")
    except GraphError:
        return
    before, after = _compiled(graph), _compiled(made)
    prefix = f"{after.plan.step_of(use).name}." if after.plan.step_of(use) else ""  # type: ignore[union-attr]
    before.module.load_state_dict(
        {name.removeprefix(prefix): value for name, value in after.module.state_dict().items()}
    )
    before.module.eval()
    after.module.eval()
    batch = {name: torch.rand(2, 2, 8, 8) for name in before.plan.inputs}

    for one, other in zip(before.outputs(batch), after.outputs(batch), strict=True):
        assert torch.allclose(one, other, equal_nan=True)


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ((), "No layers are chosen"),
        (("data", "conv2d"), "Data cannot stand in a composite"),
        (("linear", "cross_entropy_loss"), "cannot stand in a composite"),
        (("conv2d_2", "add"), "fed its own output"),
    ],
)
def test_what_cannot_be_one_composite_is_refused(names: tuple[str, ...], why: str) -> None:
    graph = a_residual_cnn()

    with pytest.raises(GraphError, match=why):
        make_composite(graph, [node_named(graph, name) for name in names], "Block")


def test_points_of_wires_move_with_the_composite_that_they_went_into() -> None:
    graph = a_residual_cnn()
    pool, add = node_named(graph, "max_pool2d"), node_named(graph, "add")
    skip = Link(End(pool, "y"), End(add, "x"))
    graph = set_bends(graph, skip, [(500.0, 200.0), (500.0, 400.0)])

    made, use = make_composite(graph, _residual(graph), "Residual block")
    x, y = made.nodes[use].position
    freed, _ = dissolve(edits.move(made, {use: (x + 30, y - 20)}), use)

    assert made.bends == {}
    assert freed.bends == {skip: ((530.0, 180.0), (530.0, 380.0))}


def test_points_follow_a_port_that_gets_another_name() -> None:
    graph = a_residual_cnn()
    made, use = make_composite(graph, _residual(graph), "Residual block")
    link = next(made.links_into(use))
    made = set_bends(made, link, [(500.0, 200.0)])
    inside = at(made, (use,))
    start = inputs_of(inside)[0].node

    renamed = replace_at(made, (use,), edits.set_params(inside, start, {"port": "picture"}))

    assert list(renamed.bends.values()) == [((500.0, 200.0),)]
    assert next(renamed.links_into(use)) in renamed.bends


def test_layers_that_share_weights_stay_together() -> None:
    graph = a_residual_cnn()
    second, third, _ = _residual(graph)
    graph = edits.change_node(graph, replace(graph.nodes[third], shares=second))

    with pytest.raises(GraphError, match="stay together"):
        make_composite(graph, [third], "Block")
    made, use = make_composite(graph, [second, third], "Block")

    assert infer_shapes(made).problems == ()
    assert dissolve(made, use)[0].nodes[third].shares == second


def test_several_wires_across_the_border_are_ports_with_names() -> None:
    graph = a_residual_cnn()

    made, use = make_composite(graph, [node_named(graph, "add")], "Sum")

    definition = definition_of(made, made.nodes[use])
    assert definition is not None
    assert [end.port for end in inputs_of(definition.graph)] == ["conv2d_3", "max_pool2d"]
    assert infer_shapes(made).problems == ()


def test_a_composite_made_within_a_composite_is_handed_its_parameters() -> None:
    graph = a_nested_cnn()
    path = (node_named(graph, "residual_2"),)
    inside = at(graph, path)
    convs = [node_named(inside, "conv2d"), node_named(inside, "conv2d_2")]

    changed, use = make_composite(inside, convs, "Two convs", parameters={"channels": 16})
    made = replace_at(graph, path, changed)

    assert infer_shapes(made).totals == infer_shapes(graph).totals
    assert made.definitions["two_convs"].parameters == {"channels": 16}
    assert changed.nodes[use].params == {"channels": Formula("channels")}
    freed, _ = dissolve(at(made, path), use)
    assert freed.nodes == inside.nodes | {n: freed.nodes[n] for n in convs}
    assert freed.nodes[convs[0]].params == inside.nodes[convs[0]].params


def test_the_round_of_what_is_around_is_handed_on_as_well() -> None:
    inside = Drawing()
    conv = inside.add("Conv2d", after=inside.add("Input"), out_channels=Formula("i + n"))
    inside.add("Output", after=conv)
    drawing = Drawing()
    drawing.define("grow", inside)
    use = drawing.use("grow", after=drawing.add("Data"), repeat=3)
    graph = drawing.graph

    changed, inner = make_composite(at(graph, (use.id,)), [conv.id], "Conv")
    made = replace_at(graph, (use.id,), changed)

    assert infer_shapes(made).totals.parameters == infer_shapes(graph).totals.parameters
    freed, _ = dissolve(changed, inner)
    assert freed.nodes[conv.id].params["out_channels"] == Formula("i + n")


def test_dissolving_writes_the_parameters_of_the_use_into_the_layers() -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual_2")

    freed, nodes = dissolve(graph, use)

    assert {freed.nodes[node].params.get("out_channels") for node in nodes} == {8, None}
    assert infer_shapes(freed).totals == infer_shapes(graph).totals
    assert "residual" in freed.definitions
    both, others = dissolve(freed, node_named(freed, "residual"))
    assert both.definitions == {} and not set(nodes) & set(others)
    assert infer_shapes(both).problems == ()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"repeat": 2}, "is repeated"),
        ({"bypassed": True}, "is bypassed"),
        ({"shares": NodeId("another")}, "shares its weights"),
    ],
)
def test_what_a_drawing_cannot_say_without_the_composite_is_refused(
    fields: dict, told: str
) -> None:
    graph = a_nested_cnn()
    use = graph.nodes[node_named(graph, "residual")]

    with pytest.raises(GraphError, match=f"{told}: it cannot be dissolved"):
        dissolve(edits.change_node(graph, replace(use, **fields)), use.id)
    with pytest.raises(GraphError, match="Only composites"):
        dissolve(graph, node_named(graph, "linear"))


def test_a_frozen_composite_leaves_frozen_layers() -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual")

    freed, nodes = dissolve(edits.set_frozen(graph, [use], frozen=True), use)

    assert all(freed.nodes[node].frozen for node in nodes)


def test_frames_follow_their_layers() -> None:
    graph = a_residual_cnn()
    pool, *members = node_named(graph, "max_pool2d"), *_residual(graph)
    graph = edits.add_frame(replace(graph, frames=()), "Part", [pool, *members])

    made, use = make_composite(graph, members, "Block")

    assert made.frames[0].nodes == (pool, use)
    assert set(dissolve(made, use)[0].frames[0].nodes) == {pool, *members}


def test_a_wire_from_an_input_to_an_output_is_a_wire_again() -> None:
    inside = a_residual_block()
    inside.add("Output", after=inside.graph.nodes[node_named(inside.graph, "input")], port="same")
    drawing = Drawing()
    drawing.define("block", inside, channels=1)
    digits = drawing.add("Data")
    use = drawing.use("block", after=digits)
    last = drawing.add("ReLU", after=(use, "same"))

    freed, _ = dissolve(drawing.graph, use.id)

    assert [link.source.node for link in freed.links_into(last.id)] == [digits.id]
