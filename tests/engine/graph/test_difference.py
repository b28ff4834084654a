from builders import a_residual_cnn, node_named
from hypothesis import given
from msgspec.structs import replace
from strategies import apply_all, edit_lists

from engine.graph import edits
from engine.graph.difference import difference
from engine.graph.elements import EMPTY, Definition, Graph


@given(edit_lists)
def test_the_difference_of_a_graph_and_itself_is_empty(changes: list) -> None:
    graph = apply_all(EMPTY, changes)
    copy = replace(graph, nodes=dict(graph.nodes), links=tuple(graph.links))

    assert difference(graph, graph).is_empty
    assert difference(graph, copy).is_empty


@given(edit_lists)
def test_the_difference_holds_what_is_needed_to_get_from_one_graph_to_the_other(
    changes: list,
) -> None:
    before = a_residual_cnn()
    after = apply_all(before, changes)

    change = difference(before, after)

    kept = set(before.nodes) - set(change.removed)
    assert kept | set(change.added) == set(after.nodes)
    assert (set(before.links) - set(change.links_removed)) | set(change.links_added) == set(
        after.links
    )
    same = kept - set(change.changed) - set(change.moved)
    assert all(before.nodes[node] == after.nodes[node] for node in same)


def test_a_move_is_no_change_of_the_model() -> None:
    before = a_residual_cnn()
    node = node_named(before, "add")

    change = difference(before, edits.move(before, {node: (1.0, 2.0)}))

    assert change.moved == (node,) and not change.changed
    assert not change.concerns_model


def test_the_order_of_wires_into_a_list_input_concerns_the_model() -> None:
    before = a_residual_cnn()
    after = replace(before, links=tuple(reversed(before.links)))

    change = difference(before, after)

    assert change.links_reordered and change.concerns_model


def test_a_changed_parameter_names_its_node() -> None:
    before = a_residual_cnn()
    node = node_named(before, "linear")

    change = difference(before, edits.set_params(before, node, {"out_features": 3}))

    assert change.changed == (node,) and not change.moved


def test_frames_and_definitions_are_compared_too() -> None:
    before = a_residual_cnn()
    without = edits.remove_frame(before, before.frames[0].id)
    defined = replace(before, definitions={"block": Definition(name="Block", graph=Graph())})

    assert difference(before, without).frames
    assert difference(before, defined).definitions == ("block",)
