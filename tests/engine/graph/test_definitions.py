import pytest
from builders import a_nested_cnn, node_named

from engine.analysis.shapes import infer_shapes
from engine.graph import edits
from engine.graph.composites import (
    at,
    inputs_of,
    make_end,
    make_use,
    order_ends,
    outputs_of,
    replace_at,
)
from engine.graph.definitions import (
    add_parameter,
    detach,
    remove_parameter,
    rename_definition,
    rename_parameter,
    without_unused,
)
from engine.graph.difference import difference
from engine.graph.elements import Formula
from engine.graph.sharing import set_repeat, share, unshare
from nodes.errors import GraphError


def test_a_parameter_renamed_is_renamed_inside_and_in_all_uses() -> None:
    graph = a_nested_cnn()

    renamed = rename_parameter(graph, "residual", "channels", "width")

    assert infer_shapes(renamed).totals == infer_shapes(graph).totals
    assert renamed.nodes[node_named(graph, "residual_2")].params == {"width": 8}
    inside = renamed.definitions["residual"].graph
    assert inside.nodes[node_named(inside, "conv2d")].params["out_channels"] == Formula("width")
    assert rename_parameter(graph, "residual", "channels", "channels") == graph


def test_a_parameter_taken_away_leaves_its_default() -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual_2")
    graph = edits.remove_nodes(graph, [use])

    removed = remove_parameter(graph, "residual", "channels")

    inside = removed.definitions["residual"].graph
    assert inside.nodes[node_named(inside, "conv2d")].params["out_channels"] == 16
    assert removed.definitions["residual"].parameters == {}
    assert infer_shapes(removed).totals == infer_shapes(graph).totals


def test_a_parameter_within_a_longer_formula_is_replaced_as_text() -> None:
    graph = a_nested_cnn()
    inside = graph.definitions["residual"].graph
    conv = node_named(inside, "conv2d")
    changed = edits.set_params(inside, conv, {"out_channels": Formula("channels * 2")})
    definition = type(graph.definitions["residual"])(
        name="Residual", parameters={"channels": 16}, graph=changed
    )
    graph = type(graph)(nodes=graph.nodes, links=graph.links, definitions={"residual": definition})

    removed = remove_parameter(graph, "residual", "channels")

    found = removed.definitions["residual"].graph.nodes[conv].params["out_channels"]
    assert found == Formula("16 * 2")


@pytest.mark.parametrize("name", ["i", "n", "2x", "", "a b", "x" * 41])
def test_a_parameter_has_a_name_that_formulas_can_use(name: str) -> None:
    with pytest.raises(GraphError, match="cannot be called"):
        add_parameter(a_nested_cnn(), "residual", name, 1)


def test_two_parameters_need_two_names() -> None:
    graph = add_parameter(a_nested_cnn(), "residual", "depth", 2)

    with pytest.raises(GraphError, match="already"):
        rename_parameter(graph, "residual", "depth", "channels")


def test_a_use_with_a_definition_of_its_own_is_edited_apart() -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual_2")

    apart = detach(graph, use)

    assert apart.nodes[use].definition == "residual_2"
    assert [one.name for one in apart.definitions.values()] == ["Residual", "Residual 2"]
    assert infer_shapes(apart).totals == infer_shapes(graph).totals


def test_definitions_that_nothing_uses_can_be_dropped() -> None:
    graph = a_nested_cnn()
    alone = edits.remove_nodes(
        graph, [node_named(graph, "residual"), node_named(graph, "residual_2")]
    )

    assert without_unused(alone).definitions == {}
    assert without_unused(graph) is graph


def test_a_definition_is_renamed_and_used_again() -> None:
    graph = rename_definition(a_nested_cnn(), "residual", "  Skip block ")

    use = make_use(graph, "residual", params={"channels": 3})

    assert graph.definitions["residual"].name == "Skip block"
    assert (use.kind, use.definition, use.name) == ("Composite", "residual", "skip_block")
    assert rename_definition(graph, "residual", " ") == graph


def test_a_difference_sees_inside() -> None:
    before = a_nested_cnn()
    use = node_named(before, "residual")
    conv = node_named(at(before, (use,)), "conv2d")
    after = remove_parameter(before, "residual", "channels")

    found = difference(before, after)

    assert found.definitions == ("residual",) and found.concerns_model
    assert conv in found.inside["residual"].changed


def test_layers_share_weights_and_part_again() -> None:
    graph = a_nested_cnn()
    first, second = node_named(graph, "residual"), node_named(graph, "residual_2")

    shared = share(graph, second, first)

    assert shared.nodes[second].shares == first
    parted = unshare(shared, second)
    assert parted.nodes[second].shares is None
    assert parted.nodes[second].params == graph.nodes[first].params
    with pytest.raises(GraphError, match="one kind"):
        share(graph, second, node_named(graph, "linear"))
    with pytest.raises(GraphError, match="circle"):
        share(shared, first, second)


def test_layers_are_repeated() -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual")

    repeated = set_repeat(graph, [use], 3, share_weights=True)

    assert infer_shapes(repeated).totals.parameters == infer_shapes(graph).totals.parameters
    assert infer_shapes(set_repeat(graph, [use], 3)).totals.layers == 6 + 14 - 3


def test_ports_are_added_and_put_in_order() -> None:
    graph = a_nested_cnn()
    path = (node_named(graph, "residual"),)
    inside = at(graph, path)
    for kind in ("Input", "Output"):
        inside = edits.add_node(inside, make_end(inside, kind))

    assert [end.port for end in inputs_of(inside)] == ["x", "x_2"]
    assert [end.port for end in outputs_of(inside)] == ["y", "y_2"]
    ordered = order_ends(inside, [end.node for end in reversed(inputs_of(inside))])
    assert [end.port for end in inputs_of(ordered)] == ["x_2", "x"]
    made = replace_at(graph, path, ordered)
    report = infer_shapes(made)
    assert [port.name for port in report.nodes[path[0]].input_ports] == ["x_2", "x"]


def test_a_composite_without_a_title_is_named_for_what_it_is() -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual_2")

    assert edits.rename(graph, use, "").nodes[use].name == "residual_2"
