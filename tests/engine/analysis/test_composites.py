import pytest
from builders import Drawing, a_nested_cnn, a_residual_block, node_named
from msgspec.structs import replace

from engine.analysis.library import DEEPEST, MOST_LAYERS
from engine.analysis.report import ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.graph import edits
from engine.graph.composites import at, replace_at
from engine.graph.elements import Definition, End, Formula, Graph, Link, NodeId
from nodes.errors import GraphError


def _alone(key: str, **params: object) -> tuple[Drawing, NodeId]:
    """Return data → one use of a composite that is still to be defined."""
    drawing = Drawing()
    digits = drawing.add("Data")
    return drawing, drawing.use(key, after=digits, **params).id


def _errors(report: ShapeReport) -> list[str]:
    return [problem.title for problem in report.errors if problem.code != "LL-A003"]


def test_a_composite_gives_what_its_inside_gives_and_costs_what_it_costs() -> None:
    graph = a_nested_cnn()

    report = infer_shapes(graph)

    block = report.nodes[node_named(graph, "residual")]
    assert report.problems == ()
    assert str(block.outputs["y"]) == "16×28×28"
    assert block.parameters == 2 * (16 * 16 * 9 + 16)
    assert block.layers == 3 and report.totals.layers == 2 * 3 + 5
    assert [port.name for port in block.input_ports] == ["x"]


def test_the_card_of_a_composite_says_what_is_in_it_and_how_often() -> None:
    drawing, use = _alone("residual", repeat=4)
    drawing.define("residual", a_residual_block(), channels=1)

    card = infer_shapes(drawing.graph).nodes[use].card
    block = infer_shapes(a_nested_cnn()).nodes.values()

    assert card == "3 layers · 20 · ×4"
    assert [found.card for found in block if found.title == "Residual"] == [
        "3 layers · 4.6\u202fk",
        "3 layers · 1.2\u202fk",
    ]


def test_the_inside_of_each_use_can_be_looked_into() -> None:
    graph = a_nested_cnn()
    report = infer_shapes(graph)

    inside = report.inside((node_named(graph, "residual_2"),))

    conv = node_named(inside.graph, "conv2d")
    assert str(inside.nodes[conv].outputs["y"]) == "8×14×14"
    with pytest.raises(GraphError, match="nothing inside"):
        report.inside((node_named(graph, "linear"),))


def test_equal_uses_are_looked_at_once() -> None:
    drawing = Drawing()
    drawing.define("residual", a_residual_block(), channels=1)
    digits = drawing.add("Data")
    first = drawing.use("residual", after=digits)
    second = drawing.use("residual", after=first)

    report = infer_shapes(drawing.graph)

    assert report.inside((first.id,)) is report.inside((second.id,))


def test_an_edit_outside_leaves_what_was_found_inside() -> None:
    graph = a_nested_cnn()
    before = infer_shapes(graph)
    block = node_named(graph, "residual")

    after = infer_shapes(edits.rename(graph, node_named(graph, "linear"), "Head"), before)

    assert after.nodes[block] is before.nodes[block]


def test_an_edit_inside_looks_only_at_what_it_concerns() -> None:
    graph = a_nested_cnn()
    before = infer_shapes(graph)
    path = (node_named(graph, "residual"),)
    inside = at(graph, path)
    changed = edits.set_params(inside, node_named(inside, "conv2d_2"), {"bias": False})

    after = infer_shapes(replace_at(graph, path, changed), before)

    anew = infer_shapes(after.graph)
    assert after.totals == anew.totals and after.totals.parameters < before.totals.parameters
    first = node_named(inside, "conv2d")
    assert after.inside(path).nodes[first] is before.inside(path).nodes[first]


def test_a_mistake_inside_is_told_once_and_mended_in_the_definition() -> None:
    drawing = Drawing()
    drawing.define("residual", a_residual_block(), channels=4)
    digits = drawing.add("Data")
    uses = [drawing.use("residual", after=digits) for _ in range(2)]

    report = infer_shapes(drawing.graph)

    (problem,) = [problem for problem in report.errors if problem.code != "LL-A003"]
    inside = at(drawing.graph, (uses[0].id,))
    assert problem.path == (uses[0].id, node_named(inside, "add"))
    assert problem.also == (uses[1].id,) and report.of_node(uses[1].id) == (problem,)
    assert "inside of Residual" in problem.text
    mended = problem.fixes[0].edit(drawing.graph)
    assert _errors(infer_shapes(mended, report)) == []
    assert problem.fixes[0].edit(Graph()) == Graph()


def test_uses_with_different_mistakes_are_told_each() -> None:
    drawing = Drawing()
    drawing.define("residual", a_residual_block(), channels=4)
    digits = drawing.add("Data")
    for channels in (2, 3):
        drawing.use("residual", after=digits, channels=channels)

    assert len(_errors(infer_shapes(drawing.graph))) == 2


def _deep(levels: int, *, closed: bool = False) -> Graph:
    """Return a composite that holds one that holds one, and so on."""
    drawing, _ = _alone("level_0")
    for level in range(levels):
        inside = Drawing()
        last = inside.add("Input")
        if level < levels - 1 or closed:
            last = inside.use(f"level_{(level + 1) % levels}", after=last)
        else:
            last = inside.add("ReLU", after=last)
        inside.add("Output", after=last)
        drawing.define(f"level_{level}", inside)
    return drawing.graph


def test_composites_may_stand_within_each_other_but_not_without_end() -> None:
    assert _errors(infer_shapes(_deep(DEEPEST))) == []
    assert "nested too deeply" in _errors(infer_shapes(_deep(DEEPEST + 1)))[0]
    assert "nested too deeply" in _errors(infer_shapes(_deep(300)))[0]
    assert "holds itself" in _errors(infer_shapes(_deep(1, closed=True)))[0]
    assert "holds itself" in _errors(infer_shapes(_deep(300, closed=True)))[0]


def _doubling(levels: int) -> Graph:
    """Return a drawing of 2 to the power of ``levels`` layers, in a few lines."""
    drawing, _ = _alone("level_0")
    for level in range(levels):
        inside = Drawing()
        last = inside.add("Input")
        for _ in range(2):
            inner = level < levels - 1
            last = (
                inside.use(f"level_{level + 1}", after=last)
                if inner
                else inside.add("ReLU", after=last)
            )
        inside.add("Output", after=last)
        drawing.define(f"level_{level}", inside)
    return drawing.graph


def test_a_few_lines_cannot_unfold_into_millions_of_layers() -> None:
    assert infer_shapes(_doubling(8)).totals.layers == 2**8
    assert "too large" in _errors(infer_shapes(_doubling(24)))[0]

    drawing = Drawing()
    digits = drawing.add("Data")
    inside = Drawing()
    last = inside.add("Input")
    for _ in range(MOST_LAYERS // 1000 + 1):
        last = inside.repeat(inside.add("ReLU", after=last), 1000)
    inside.add("Output", after=last)
    drawing.define("many", inside)
    drawing.use("many", after=digits)
    assert "too large" in _errors(infer_shapes(drawing.graph))[0]


def test_however_often_too_much_is_asked_it_is_told_at_once() -> None:
    inside = Drawing()
    conv = inside.repeat(
        inside.add("Conv2d", after=inside.add("Input"), out_channels=Formula("w + i")), 1000
    )
    inside.add("Output", after=conv)
    drawing = Drawing()
    drawing.define("row", inside, w=1)
    digits = drawing.add("Data")
    for number in range(60):
        drawing.use("row", after=digits, w=number + 1, repeat=1 + number % 2)

    report = infer_shapes(drawing.graph)

    assert _errors(report) == ["The drawing is too large"]
    assert sum(found.state == "ok" for found in report.nodes.values()) < 20


def test_a_large_drawing_that_unfolds_nothing_is_no_mistake() -> None:
    drawing = Drawing()
    digits = drawing.add("Data")
    relu = drawing.add("ReLU", after=digits)
    copies = {
        NodeId(f"n{number}"): replace(relu, id=NodeId(f"n{number}"), name=f"n{number}")
        for number in range(MOST_LAYERS + 5)
    }
    links = tuple(Link(End(digits.id, "image"), End(node, "x")) for node in copies)
    graph = replace(drawing.graph, nodes={digits.id: digits, **copies}, links=links)

    assert _errors(infer_shapes(graph)) == []


def test_a_definition_that_is_gone_is_one_problem_and_keeps_its_wires() -> None:
    drawing, use = _alone("gone")
    drawing.add("ReLU", after=drawing.graph.nodes[use])

    report = infer_shapes(drawing.graph)

    assert report.nodes[use].state == "unknown"
    assert _errors(report) == ["There is no composite “gone”"]


@pytest.mark.parametrize("kind", ["Data", "Target", "MSELoss"])
def test_data_and_losses_stand_outside(kind: str) -> None:
    inside = a_residual_block()
    inside.add(kind)
    drawing, _ = _alone("block", channels=1)
    drawing.define("block", inside, channels=1)

    assert any("outside of composites" in title for title in _errors(infer_shapes(drawing.graph)))


def test_ends_of_composites_stand_inside() -> None:
    drawing = Drawing()
    digits = drawing.add("Data")
    drawing.add("Output", after=digits)

    assert _errors(infer_shapes(drawing.graph)) == ["Output belongs inside of a composite"]


def test_two_ports_need_two_names() -> None:
    inside = a_residual_block()
    inside.add("Output", after=inside.graph.nodes[node_named(inside.graph, "conv2d")])
    drawing, _ = _alone("block")
    drawing.define("block", inside, channels=1)

    assert _errors(infer_shapes(drawing.graph)) == ["Two ports are called y"]


def test_a_composite_without_an_output_says_so() -> None:
    inside = Drawing()
    inside.add("ReLU", after=inside.add("Input"))
    drawing, use = _alone("block")
    drawing.define("block", inside)

    (problem,) = [p for p in infer_shapes(drawing.graph).errors if p.node == use]
    assert problem.title == "Block gives nothing back"


@pytest.mark.parametrize(
    ("params", "title"),
    [
        ({"width": 3}, "Residual has no parameter “width”"),
        ({"channels": "many"}, "channels cannot be many"),
        ({"channels": True}, "channels cannot be True"),
        ({"channels": Formula("width")}, "The formula “width” gives no number"),
    ],
)
def test_parameters_of_a_use_are_checked(params: dict, title: str) -> None:
    drawing, use = _alone("residual", **params)
    drawing.define("residual", a_residual_block(), channels=1)

    (problem,) = [p for p in infer_shapes(drawing.graph).errors if p.node == use]

    assert problem.title == title
    assert _errors(infer_shapes(problem.fixes[0].edit(drawing.graph))) == []


def test_what_leads_nowhere_inside_is_a_warning() -> None:
    inside = a_residual_block()
    inside.add("ReLU", after=inside.graph.nodes[node_named(inside.graph, "input")])
    drawing, use = _alone("residual")
    drawing.define("residual", inside, channels=1)

    (warning,) = [p for p in infer_shapes(drawing.graph).warnings if p.code == "LL-A009"]

    assert warning.node == use and warning.title == "Nothing uses ReLU"
    assert infer_shapes(warning.fixes[0].edit(drawing.graph)).warnings == ()


def test_a_port_that_is_renamed_inside_takes_its_wires_along() -> None:
    graph = a_nested_cnn()
    use = node_named(graph, "residual")
    inside = at(graph, (use,))
    inside = edits.set_params(inside, node_named(inside, "input"), {"port": "image"})

    renamed = replace_at(graph, (use,), inside)

    assert infer_shapes(renamed).problems == ()
    assert {link.target.port for link in renamed.links_into(use)} == {"image"}


def test_inside_of_a_composite_that_is_gone_is_told() -> None:
    graph = a_nested_cnn()

    with pytest.raises(GraphError, match="no longer there"):
        at(graph, (node_named(graph, "linear"),))
    with pytest.raises(GraphError, match="no longer there"):
        replace_at(graph, (NodeId("gone"),), Graph())
    assert replace_at(graph, (), Graph()) == Graph()


def _repeated(times: object, *, share_weights: bool = False, **params: object) -> ShapeReport:
    drawing = Drawing()
    digits = drawing.add("Data")
    conv = drawing.add("Conv2d", after=digits, **params)
    drawing.repeat(conv, times, share_weights=share_weights)
    return infer_shapes(drawing.graph)


def test_a_layer_repeated_grows_by_its_number_in_the_row() -> None:
    report = _repeated(3, out_channels=Formula("4 * 2**i"), stride=2)

    conv = report.nodes[node_named(report.graph, "conv2d")]
    assert str(conv.outputs["y"]) == "16×4×4"
    assert conv.parameters == 9 * (1 * 4 + 4 * 8 + 8 * 16) + 4 + 8 + 16


def test_shared_rounds_count_their_weights_once_and_must_fit() -> None:
    (conv,) = [
        found
        for found in _repeated(5, share_weights=True, out_channels=1).nodes.values()
        if found.title == "Conv2d"
    ]
    assert conv.parameters == 10

    assert _errors(_repeated(2, share_weights=True, out_channels=3)) == [
        "The rounds cannot share weights"
    ]


@pytest.mark.parametrize("times", [0, -1, 1001, 2.5, True, "3", None, [2], Formula("i")])
def test_repeats_are_a_whole_number(times: object) -> None:
    assert len(_errors(_repeated(times, out_channels=1))) == 1


def test_a_repeat_may_be_a_parameter_and_its_rounds_may_differ() -> None:
    stage = Drawing()
    start = stage.add("Input")
    conv = stage.add("Conv2d", after=start, out_channels=Formula("width * (i + 1)"))
    conv = stage.repeat(conv, Formula("depth"))
    stage.add("Output", after=conv)
    drawing, use = _alone("stage", depth=3)
    drawing.define("stage", stage, width=2, depth=1)

    report = infer_shapes(drawing.graph)

    assert _errors(report) == []
    assert str(report.nodes[use].outputs["y"]) == "6×28×28"


def test_the_number_of_a_round_is_known_inside_of_what_is_repeated() -> None:
    inside = Drawing()
    conv = inside.add("Conv2d", after=inside.add("Input"), out_channels=Formula("n - i"))
    inside.add("Output", after=conv)
    drawing, _ = _alone("shrink", repeat=4)
    drawing.define("shrink", inside)

    report = infer_shapes(drawing.graph)

    assert _errors(report) == []
    assert str(report.nodes[node_named(drawing.graph, "shrink")].outputs["y"]) == "1×28×28"


def test_a_round_that_does_not_fit_is_told_where_it_lies() -> None:
    drawing, use = _alone("residual", repeat=3, channels=Formula("1 + i // 2"))
    drawing.define("residual", a_residual_block(), channels=1)

    report = infer_shapes(drawing.graph)

    (problem,) = [p for p in report.errors if p.node == use]
    assert report.inside((use,)).errors[0].node == problem.path[1]


def test_lists_and_losses_are_not_repeated() -> None:
    drawing = Drawing()
    digits = drawing.add("Data")
    both = drawing.add("Concat", after=digits)
    drawing.wire(digits, both)
    drawing.repeat(both, 2)
    assert _errors(infer_shapes(drawing.graph)) == ["Concat cannot be repeated"]

    twice = Drawing()
    twice.repeat(twice.add("Data"), 2)
    assert "Data cannot be repeated" in _errors(infer_shapes(twice.graph))


def _sharing(owner_kind: str, kind: str, **params: object) -> tuple[Graph, NodeId, NodeId]:
    drawing = Drawing()
    digits = drawing.add("Data")
    flat = drawing.add("Flatten", after=digits)
    owner = drawing.add(owner_kind, after=flat, **params)
    sharer = drawing.add(kind, after=flat)
    graph = edits.change_node(drawing.graph, replace(sharer, shares=owner.id))
    return graph, owner.id, sharer.id


def test_a_layer_that_shares_has_the_owner_s_parameters_and_no_weights_of_its_own() -> None:
    graph, owner, sharer = _sharing("Linear", "Linear", out_features=5)

    report = infer_shapes(graph)

    assert _errors(report) == []
    assert str(report.nodes[sharer].outputs["y"]) == "5"
    assert (report.nodes[owner].parameters, report.nodes[sharer].parameters) == (3925, 0)
    assert report.nodes[sharer].multiply_adds == report.nodes[owner].multiply_adds


def test_layers_that_cannot_share_are_told() -> None:
    graph, _, sharer = _sharing("LayerNorm", "Linear")
    assert _errors(infer_shapes(graph)) == ["Only layers of one kind can share weights"]

    graph, owner, sharer = _sharing("Linear", "Linear", out_features=5)
    moved = [
        Link(End(owner, "y"), link.target) if link.target.node == sharer else link
        for link in graph.links
    ]
    moved_graph = replace(graph, links=tuple(moved))
    report = infer_shapes(moved_graph)
    assert _errors(report) == ["The weights do not fit here"]
    (problem,) = [one for one in report.errors if one.code == "LL-S034"]
    assert "Give it weights of its own." in problem.text and "comes from" not in problem.text
    assert _errors(infer_shapes(problem.fixes[0].edit(moved_graph))) == []

    circle = edits.change_node(graph, replace(graph.nodes[owner], shares=sharer))
    assert _errors(infer_shapes(circle)) == ["Layers share weights in a circle"] * 2
    gone = edits.remove_nodes(graph, [owner])
    assert _errors(infer_shapes(gone)) == ["The layer to share with is gone"]


def test_a_changed_owner_is_noticed_by_who_shares() -> None:
    graph, owner, sharer = _sharing("Linear", "Linear", out_features=5)
    before = infer_shapes(graph)

    after = infer_shapes(edits.set_params(graph, owner, {"out_features": 7}), before)

    assert str(after.nodes[sharer].outputs["y"]) == "7"


def test_the_inside_without_a_use_waits_for_what_arrives() -> None:
    drawing = Drawing()
    drawing.define("residual", a_residual_block(), channels=4)
    use = drawing.use("residual")

    report = infer_shapes(drawing.graph)

    assert report.nodes[use.id].state == "open"
    states = {found.state for found in report.inside((use.id,)).nodes.values()}
    assert states == {"waiting"}


def test_reports_of_equal_drawings_are_equal() -> None:
    graph = a_nested_cnn()

    one, other = infer_shapes(graph), infer_shapes(graph)

    for node, found in one.nodes.items():
        same = replace(found, inputs=None)
        assert same == replace(other.nodes[node], inputs=None)
    assert Definition(name="x", graph=Graph()) == Definition(name="x", graph=Graph())
