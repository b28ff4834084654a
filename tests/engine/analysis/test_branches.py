from builders import Drawing

from engine.analysis.report import Problem
from engine.analysis.shapes import infer_shapes
from engine.graph.elements import Graph
from engine.graph.topology import in_order


def a_network_with_a_branch() -> Graph:
    drawing = Drawing()
    data = drawing.add("Data")
    flat = drawing.add("Flatten", after=(data, "image"))
    wide = drawing.add("Linear", after=flat, out_features=8)
    aside = drawing.add("Linear", after=wide, out_features=3)
    drawing.add("Softmax", after=drawing.add("Tanh", after=aside))
    scores = drawing.add("Linear", after=wide, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=scores)
    drawing.wire((data, "label"), loss, "target")
    return drawing.graph


def loose(graph: Graph) -> list[Problem]:
    return [problem for problem in infer_shapes(graph).problems if problem.code == "LL-A006"]


def test_a_branch_that_nothing_uses_is_one_hint_and_goes_as_a_whole() -> None:
    graph = a_network_with_a_branch()

    (problem,) = loose(graph)
    fix = problem.fixes[0]

    assert problem.title == "Nothing uses Softmax"
    assert fix.label == "Remove the branch of 3 layers"
    kinds = [fix.edit(graph).nodes[node].kind for node in in_order(fix.edit(graph))]
    assert kinds == ["Data", "Flatten", "Linear", "Linear", "CrossEntropyLoss"]
    assert not infer_shapes(fix.edit(graph)).problems


def test_only_the_last_layer_of_a_branch_can_go_as_well() -> None:
    graph = a_network_with_a_branch()

    mended = loose(graph)[0].fixes[1].edit(graph)

    assert len(mended.nodes) == len(graph.nodes) - 1
    assert [problem.title for problem in loose(mended)] == ["Nothing uses Tanh"]
