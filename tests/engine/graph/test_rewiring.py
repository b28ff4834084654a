"""Layers taken out of chains, replaced and fed the other way round."""

from builders import Drawing, a_residual_cnn, a_small_cnn, node_named
from hypothesis import given
from hypothesis import strategies as st

from engine.graph.edits import remove_and_rejoin, set_params
from engine.graph.elements import Formula, Graph, Link, NodeId
from engine.graph.rewiring import replace_layer, split_activation, swap_inputs, take_out
from engine.graph.sharing import set_repeat


def _sources(graph: Graph, node: NodeId) -> list[NodeId]:
    return [link.source.node for link in graph.links_into(node)]


def _touches(link: Link, nodes: set[NodeId]) -> bool:
    return link.source.node in nodes or link.target.node in nodes


def test_a_layer_taken_out_has_no_wires_and_its_neighbours_are_joined() -> None:
    graph = a_small_cnn()
    conv, pool, flat = (node_named(graph, name) for name in ("conv2d", "max_pool2d", "flatten"))

    after = take_out(graph, [pool])

    assert _sources(after, flat) == [conv]
    assert not any(_touches(link, {pool}) for link in after.links)
    assert after.nodes is graph.nodes


def test_a_part_taken_out_keeps_its_inner_wires() -> None:
    graph = a_small_cnn()
    data, conv, pool, flat = (
        node_named(graph, name) for name in ("data", "conv2d", "max_pool2d", "flatten")
    )

    after = take_out(graph, [pool, conv])

    assert _sources(after, flat) == [data]
    assert _sources(after, pool) == [conv]
    assert _sources(after, conv) == []


def test_what_fed_nothing_else_is_left_without_a_wire() -> None:
    graph = a_small_cnn()
    data, conv = node_named(graph, "data"), node_named(graph, "conv2d")

    after = take_out(graph, [data])

    assert _sources(after, conv) == []


@given(st.sets(st.integers(0, 8), max_size=5))
def test_taking_out_leads_the_others_as_deleting_and_rejoining_does(picked: set[int]) -> None:
    graph = a_residual_cnn()
    nodes = [node for place, node in enumerate(graph.nodes) if place in picked]

    after = take_out(graph, nodes)

    expected = remove_and_rejoin(graph, nodes)
    others = [link for link in after.links if not _touches(link, set(nodes))]
    assert set(others) == set(expected.links)


def test_two_inputs_change_places() -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    left, right = drawing.add("Conv2d", after=data), drawing.add("Conv2d", after=data)
    concat = drawing.add("Concat", after=left)
    drawing.wire(right, concat)

    after = swap_inputs(drawing.graph, concat.id)

    assert _sources(after, concat.id) == [right.id, left.id]
    assert swap_inputs(after, concat.id) == drawing.graph


def test_inputs_of_different_ports_change_places() -> None:
    graph = a_small_cnn()
    loss = node_named(graph, "cross_entropy_loss")
    before = {link.target.port: link.source for link in graph.links_into(loss)}

    after = {link.target.port: link.source for link in swap_inputs(graph, loss).links_into(loss)}

    assert after == {"x": before["target"], "target": before["x"]}


def test_one_input_has_nothing_to_change_places_with() -> None:
    graph = a_small_cnn()

    assert swap_inputs(graph, node_named(graph, "conv2d")) is graph


def test_a_replaced_layer_keeps_the_parameters_and_wires_that_fit() -> None:
    graph = a_small_cnn()
    conv = node_named(graph, "conv2d")
    graph = set_params(graph, conv, {"kernel_size": (5, 5)})

    after = replace_layer(graph, conv, "ConvTranspose2d")

    node = after.nodes[conv]
    assert node.kind == "ConvTranspose2d"
    assert node.params["out_channels"] == 4 and node.params["kernel_size"] == (5, 5)
    assert after.links == graph.links


def test_values_that_the_new_kind_cannot_have_are_left_out() -> None:
    graph = a_small_cnn()
    conv = node_named(graph, "conv2d")
    graph = set_params(graph, conv, {"kernel_size": (5, 5), "dilation": Formula("width")})

    after = replace_layer(graph, conv, "Conv1d")

    assert "kernel_size" not in after.nodes[conv].params
    assert after.nodes[conv].params["out_channels"] == 4
    assert after.nodes[conv].params["dilation"] == Formula("width")


def test_wires_go_to_the_port_in_the_same_place_and_others_go() -> None:
    graph = a_residual_cnn()
    add, pool = node_named(graph, "add"), node_named(graph, "max_pool2d")

    after = replace_layer(graph, add, "ReLU")

    assert len(_sources(after, add)) == 1
    assert pool not in _sources(after, add)
    assert len(list(after.links_from(add))) == 1


def test_a_loss_that_is_replaced_keeps_its_label() -> None:
    graph = a_small_cnn()
    loss = node_named(graph, "cross_entropy_loss")

    after = replace_layer(graph, loss, "MSELoss")

    assert {link.source.port for link in after.links_into(loss)} == {"y", "label"}


def test_a_split_activation_feeds_all_that_its_layer_fed() -> None:
    graph = a_residual_cnn()
    add = node_named(graph, "add")
    graph = set_params(graph, add, {"activation": "GELU"})
    fed = {link.target for link in graph.links_from(add)}

    after = split_activation(graph, add)

    (split,) = {link.target.node for link in after.links_from(add)}
    assert after.nodes[split].kind == "GELU" and "activation" not in after.nodes[add].params
    assert {link.target for link in after.links_from(split)} == fed
    assert [split in frame.nodes for frame in after.frames] == [
        add in frame.nodes for frame in graph.frames
    ]


def test_an_activation_between_rounds_is_not_split() -> None:
    graph = a_small_cnn()
    conv = node_named(graph, "conv2d")
    once = set_params(graph, conv, {"activation": "ReLU"})
    twice = set_repeat(once, [conv], 2)
    assert split_activation(twice, conv) is twice
    assert split_activation(once, conv) != once
