import pytest
from builders import Drawing, a_chain, a_residual_cnn, a_small_cnn, node_named
from hypothesis import given
from strategies import apply_all, edit_lists

from engine.graph import edits
from engine.graph.elements import EMPTY, End, Graph, Link
from nodes.errors import GraphError


@given(edit_lists)
def test_every_wire_of_an_edited_drawing_leads_between_nodes_that_exist(changes: list) -> None:
    graph = apply_all(EMPTY, changes)

    ends = {end.node for link in graph.links for end in (link.source, link.target)}

    assert ends <= graph.nodes.keys()


@given(edit_lists)
def test_no_edit_changes_the_drawing_it_starts_from(changes: list) -> None:
    graph = a_small_cnn()
    nodes, links = dict(graph.nodes), graph.links

    apply_all(graph, changes)

    assert dict(graph.nodes) == nodes
    assert graph.links is links


@given(edit_lists)
def test_names_stay_unique_identifiers_whatever_titles_people_type(changes: list) -> None:
    graph = apply_all(a_small_cnn(), changes)

    names = [node.name for node in graph.nodes.values()]

    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def test_what_an_edit_does_not_touch_is_shared() -> None:
    graph = a_residual_cnn()
    conv = node_named(graph, "conv2d")

    changed = edits.set_params(graph, conv, {"out_channels": 8})

    assert changed.links is graph.links
    assert all(changed.nodes[n] is graph.nodes[n] for n in graph.nodes if n != conv)


def test_a_second_wire_into_a_single_input_replaces_the_first() -> None:
    graph = a_small_cnn()
    pool, linear = node_named(graph, "max_pool2d"), node_named(graph, "linear")

    graph = edits.connect(graph, End(pool, "y"), End(linear, "x"))

    assert [link.source.node for link in graph.links_into(linear)] == [pool]


def test_a_list_input_keeps_its_wires_in_the_order_they_were_drawn() -> None:
    graph = a_residual_cnn()
    add = node_named(graph, "add")

    sources = [graph.nodes[link.source.node].name for link in graph.links_into(add)]

    assert sources == ["conv2d_3", "max_pool2d"]


def test_a_wire_can_be_put_before_others_of_a_list_input() -> None:
    graph = a_residual_cnn()
    add, first = node_named(graph, "add"), node_named(graph, "conv2d_2")

    graph = edits.connect(graph, End(first, "y"), End(add, "x"), index=0)

    assert next(graph.links_into(add)).source.node == first


def test_a_circle_is_refused_in_words_that_name_the_layer() -> None:
    graph = a_small_cnn()
    conv, linear = node_named(graph, "conv2d"), node_named(graph, "linear")

    with pytest.raises(GraphError, match="would feed Conv2d its own output"):
        edits.connect(graph, End(linear, "y"), End(conv, "x"))


def test_a_layer_cannot_feed_itself() -> None:
    graph = a_residual_cnn()
    add = node_named(graph, "add")

    with pytest.raises(GraphError):
        edits.connect(graph, End(add, "y"), End(add, "x"))


def test_deleting_and_rejoining_leaves_the_chain_whole() -> None:
    graph = a_small_cnn()
    pool, conv, flat = (node_named(graph, n) for n in ("max_pool2d", "conv2d", "flatten"))

    graph = edits.remove_and_rejoin(graph, [pool])

    assert Link(End(conv, "y"), End(flat, "x")) in graph.links
    assert pool not in graph.nodes


def test_deleting_the_last_node_of_a_frame_deletes_the_frame() -> None:
    graph = a_residual_cnn()

    graph = edits.remove_nodes(graph, graph.frames[0].nodes)

    assert graph.frames == ()


def test_inserting_on_a_wire_puts_the_layer_between_its_ends() -> None:
    graph = a_small_cnn()
    link = graph.links[1]
    node = edits.make_node(graph, "Dropout")

    graph = edits.insert_on_link(graph, node, link)

    assert Link(link.source, End(node.id, "x")) in graph.links
    assert Link(End(node.id, "y"), link.target) in graph.links
    assert link not in graph.links


def test_inserting_on_a_wire_of_a_list_input_keeps_its_place() -> None:
    graph = a_residual_cnn()
    add = node_named(graph, "add")
    skip = next(graph.links_into(add))
    node = edits.make_node(graph, "Dropout")

    graph = edits.insert_on_link(graph, node, skip)

    assert next(graph.links_into(add)).source.node == node.id


def test_setting_a_parameter_to_none_puts_its_default_back() -> None:
    graph = a_small_cnn()
    conv = node_named(graph, "conv2d")

    graph = edits.set_params(graph, conv, {"activation": None})

    assert "activation" not in graph.nodes[conv].params


def test_replacing_a_layer_keeps_wires_and_the_parameters_that_fit() -> None:
    graph = a_small_cnn()
    conv = node_named(graph, "conv2d")

    changed = edits.replace_kind(graph, conv, "ConvTranspose2d")

    assert changed.nodes[conv].params["out_channels"] == 4
    assert changed.links == graph.links


def test_a_wire_to_a_layer_that_is_gone_is_refused() -> None:
    graph = a_small_cnn()
    conv, linear = node_named(graph, "conv2d"), node_named(graph, "linear")
    graph = edits.remove_nodes(graph, [conv])

    with pytest.raises(GraphError, match="two layers"):
        edits.connect(graph, End(conv, "y"), End(linear, "x"))


def test_connecting_in_fifty_residual_blocks_looks_at_each_node_once() -> None:
    graph = _residual_chain(50)
    first, last = next(iter(graph.nodes)), list(graph.nodes)[-1]

    with pytest.raises(GraphError):
        edits.connect(graph, End(last, "y"), End(first, "x"))


def _residual_chain(blocks: int) -> Graph:
    drawing = Drawing()
    last = drawing.add("Linear")
    for _ in range(blocks):
        inner = drawing.add("Linear", after=last)
        add = drawing.add("Add", after=inner)
        drawing.wire(last, add)
        last = add
    return drawing.graph


def test_moving_changes_places_and_nothing_else() -> None:
    graph = a_chain(12)
    node = next(iter(graph.nodes))

    moved = edits.move(graph, {node: (5.0, 6.0)})

    assert moved.nodes[node].position == (5.0, 6.0)
    assert moved.links is graph.links


def test_a_frame_takes_its_nodes_out_of_other_frames() -> None:
    graph = a_residual_cnn()
    add = node_named(graph, "add")

    graph = edits.add_frame(graph, "Sum", [add])

    assert [frame.title for frame in graph.frames if add in frame.nodes] == ["Sum"]
    assert edits.remove_frame(graph, graph.frames[-1].id).frames[-1].title == "Residual block"
