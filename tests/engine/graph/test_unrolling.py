import pytest
import torch
from builders import Drawing, a_nested_cnn, a_residual_block, node_named
from msgspec.structs import replace

from engine.analysis.shapes import infer_shapes
from engine.compile.module import CompiledModel, compile_plan
from engine.compile.plan import make_plan
from engine.graph import edits
from engine.graph.elements import Formula, Graph
from engine.graph.sharing import set_repeat
from engine.graph.unrolling import unroll
from nodes.errors import GraphError


def _compiled(graph: Graph) -> CompiledModel:
    return compile_plan(make_plan(graph, infer_shapes(graph), "A test", without_loss=True))


@pytest.mark.parametrize("share_weights", [False, True])
def test_a_row_written_out_computes_the_same(share_weights: bool) -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual")
    graph = set_repeat(graph, [use], 3, share_weights=share_weights)

    row, nodes = unroll(graph, use)

    assert infer_shapes(row).problems == () and len(nodes) == 3
    assert infer_shapes(row).totals == infer_shapes(graph).totals
    before, after = _compiled(graph), _compiled(row)
    own = list(before.module.state_dict().values())
    after.module.load_state_dict(dict(zip(after.module.state_dict(), own, strict=True)))
    batch = {"image": torch.rand(2, 1, 28, 28)}
    assert torch.equal(before.outputs(batch)[0], after.outputs(batch)[0])


def test_each_round_has_its_own_numbers_and_what_follows_moves_down() -> None:
    drawing = Drawing()
    conv = drawing.add("Conv2d", after=drawing.add("Data"), out_channels=Formula("4 * 2**i"))
    conv = drawing.repeat(conv, 3)
    relu = drawing.add("ReLU", after=conv)
    drawing.frame("Part", conv)

    row, nodes = unroll(drawing.graph, conv.id)

    assert [row.nodes[node].params["out_channels"] for node in nodes] == [4, 8, 16]
    assert row.nodes[relu.id].position[1] == relu.position[1] + 2 * 94
    assert row.frames[0].nodes == nodes
    assert str(infer_shapes(row).nodes[relu.id].outputs["y"]) == "16×28×28"


def test_what_stays_the_same_in_a_row_is_led_to_all_of_it() -> None:
    inside = Drawing()
    start, stays = inside.add("Input"), inside.add("Input", port="stays")
    add = inside.add("Add", after=start)
    inside.wire(stays, add)
    inside.add("Output", after=add)
    drawing = Drawing()
    drawing.define("grow", inside)
    digits = drawing.add("Data")
    use = drawing.use("grow", after=digits, repeat=4)
    drawing.wire(digits, use, "stays")

    row, _ = unroll(drawing.graph, use.id)

    images = torch.rand(2, 1, 28, 28)
    assert torch.allclose(_compiled(row).outputs({"image": images})[0], images * 5)


@pytest.mark.parametrize("times", [1, 101, Formula("depth"), True])
def test_what_is_no_row_is_refused(times: object) -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual")

    with pytest.raises(GraphError, match="cannot be written out"):
        unroll(set_repeat(graph, [use], times), use)


def test_rounds_that_need_their_number_inside_stay_a_row() -> None:
    inside = a_residual_block()
    conv = node_named(inside.graph, "conv2d")
    inside.graph = edits.set_params(inside.graph, conv, {"out_channels": Formula("i + 1")})
    drawing = Drawing()
    drawing.define("block", inside, channels=1)
    use = drawing.use("block", after=drawing.add("Data"), repeat=2)

    with pytest.raises(GraphError, match="stand alone"):
        unroll(drawing.graph, use.id)


def test_a_row_that_shares_with_another_layer_goes_on_sharing() -> None:
    graph = a_nested_cnn()
    first, second = node_named(graph, "conv2d"), node_named(graph, "conv2d_2")
    node = replace(graph.nodes[second], shares=first, share_weights=True, repeat=2)

    row, nodes = unroll(edits.change_node(graph, node), second)

    assert [row.nodes[one].shares for one in nodes] == [first, first]
