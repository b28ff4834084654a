from builders import Drawing, a_residual_cnn
from hypothesis import given, settings
from hypothesis import strategies as st
from own_texts import SCALED, with_own_layer

from engine.analysis.report import Problem
from engine.analysis.shapes import infer_shapes
from engine.graph.edits import disconnect
from engine.graph.elements import Graph
from engine.own_layers.trust import trust


def open_problem(graph: Graph) -> Problem:
    return next(p for p in infer_shapes(graph).problems if p.code == "LL-S010")


@settings(max_examples=20, deadline=None)
@given(number=st.integers(0, 20))
def test_every_offered_wire_closes_the_input_and_brings_no_new_error(number: int) -> None:
    whole = a_residual_cnn()
    cut = disconnect(whole, whole.links[number % len(whole.links)])
    before = infer_shapes(cut)
    for problem in before.errors:
        for fix in problem.fixes if problem.code == "LL-S010" else ():
            if not fix.label.startswith("Connect"):
                continue
            after = infer_shapes(fix.edit(cut))
            known = {(each.code, each.node) for each in before.errors}
            assert (problem.code, problem.node) not in {(p.code, p.node) for p in after.errors}
            assert not [p for p in after.errors if p.node == problem.node], fix.label
            assert {(p.code, p.node) for p in after.errors if p.code == "LL-S020"} <= known


def test_the_wire_that_was_cut_is_the_first_that_is_offered() -> None:
    whole = a_residual_cnn()
    flat = next(node for node in whole.nodes.values() if node.kind == "Flatten")
    cut = disconnect(whole, next(link for link in whole.links if link.source.node == flat.id))

    fixes = open_problem(cut).fixes

    assert fixes[0].label == "Connect Flatten"
    assert set(fixes[0].edit(cut).links) == set(whole.links)


def test_a_loss_without_labels_is_offered_the_labels() -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    flat = drawing.add("Flatten", after=(data, "image"))
    linear = drawing.add("Linear", after=flat)
    drawing.add("CrossEntropyLoss", after=linear)

    problem = open_problem(drawing.graph)

    assert problem.fixes[0].label == "Connect Data, label"
    assert not infer_shapes(problem.fixes[0].edit(drawing.graph)).problems


def test_layers_of_one_title_are_told_apart_by_their_names() -> None:
    drawing = Drawing()
    first = drawing.add("Conv2d", after=drawing.add("Data"))
    drawing.add("Conv2d", after=first)
    drawing.add("BatchNorm2d")

    labels = [fix.label for fix in open_problem(drawing.graph).fixes]

    assert labels[:2] == ["Connect conv2d_2", "Connect conv2d"]


def test_what_would_not_fit_is_not_offered() -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    drawing.add("Flatten", after=(data, "image"))
    drawing.add("Conv2d")

    labels = [fix.label for fix in open_problem(drawing.graph).fixes]

    assert labels == ["Connect Data, image", "Remove the layer"]


def test_a_layer_of_ones_own_is_offered_what_it_may_take() -> None:
    trust([SCALED])
    project, node = with_own_layer(SCALED, "Scaled")
    link = next(project.graph.links_into(node))

    problem = open_problem(disconnect(project.graph, link))

    assert problem.fixes[0].label.startswith("Connect ")
