"""What a person is offered where a layer of their own stops."""

from own_texts import SCALED, with_own_layer

from engine.analysis.own_layers import settled
from engine.own_layers.trust import trust
from nodes.own_layer import Answer, Failed, Question

STOPPED = SCALED.replace("Weighs each channel", "Stops")


def stops(question: Question) -> Answer:
    return Failed(title=f"{question.name} fails when it runs", why="Too warm.", line=9)


def test_a_layer_that_stops_says_what_it_got_and_is_bypassed_by_a_quick_fix() -> None:
    project, node = with_own_layer(STOPPED, "Scaled")
    trust([STOPPED])

    (problem,) = settled(project.graph, stops).errors
    fix, removing = problem.fixes
    mended = fix.edit(project.graph)

    assert problem.text == "Line 9: Too warm. It receives 16×28×28 from Conv2d."
    assert fix.label == "Bypass it" and mended.nodes[node].bypassed
    assert not settled(mended, stops).errors
    assert removing.label == "Remove and rejoin"
    assert not settled(removing.edit(project.graph), stops).errors
