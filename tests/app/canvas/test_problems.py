"""Problems on the canvas: badge, wire, card, fix."""

from collections.abc import Callable

import pytest
from builders import a_residual_cnn, node_named
from canvas_hands import Hands, steps
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.canvas.items import NodeItem
from app.canvas.view import CanvasView
from app.fix_choices import FixChoices
from engine.analysis.report import Fix
from engine.graph.edits import remove_nodes, set_params
from engine.graph.elements import Graph

Open = Callable[[Graph], tuple[CanvasView, Hands]]


def _broken(view: CanvasView) -> None:
    conv = node_named(view.document.graph, "conv2d_2")
    view.document.edit("Stride", lambda graph: set_params(graph, conv, {"stride": 2}))


def test_a_new_error_opens_its_card_and_never_takes_the_focus(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    view.setFocus()

    _broken(view)

    card = view.overlays.card
    assert not card.isHidden()
    assert card.problem is not None and card.problem.title == "Add needs two equal shapes"
    focused = QApplication.focusWidget()
    assert focused is None or not card.isAncestorOf(focused)


def test_the_error_is_on_the_card_and_on_the_wire_that_a_fix_would_change(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(a_residual_cnn())
    graph = view.document.graph
    add, pool = node_named(graph, "add"), node_named(graph, "max_pool2d")

    _broken(view)

    facts = view.canvas.nodes[add].facts
    assert (facts.badge, facts.reason) == ("error", "shapes differ")
    looks = {link.source.node: view.canvas.wires[link].look for link in graph.links_into(add)}
    assert looks[pool].state == "error"
    assert looks[pool].label == "16×14×14"
    assert looks[node_named(graph, "conv2d_3")].state == "normal"
    below = view.canvas.nodes[node_named(graph, "flatten")].facts
    assert (below.state, below.badge) == ("waiting", "")


def test_the_first_button_mends_it_in_one_step_and_the_card_goes(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    _broken(view)
    button = next(
        b for b in view.overlays.card.findChildren(QPushButton) if b.property("kind") == "primary"
    )

    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    assert not view.document.report.errors
    assert view.overlays.card.isHidden()
    assert steps(view) == 2
    boxes = [item.box() for item in view.canvas.nodes.values()]
    assert not any(a.meets(b) for a in boxes for b in boxes if a is not b)


def test_a_missing_loss_is_chosen_in_a_menu_and_shown_before(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    loss = node_named(view.document.graph, "cross_entropy_loss")
    view.document.edit("Delete", lambda graph: remove_nodes(graph, [loss]))
    (button,) = view.overlays.card.findChildren(FixChoices)
    dice = next(one for one in button.choices.actions() if "Dice" in one.text())
    shown: list[Fix | None] = []
    view.overlays.card.fix_pointed_at.connect(shown.append)

    dice.hover()
    assert [fix.label for fix in shown if fix] == ["Add Dice loss"]
    dice.trigger()

    assert [node.kind for node in view.document.graph.nodes.values()][-1] == "DiceLoss"
    assert view.overlays.card.isHidden() and not view.document.report.errors
    assert view.document.history.undo_label == "Add Dice loss"


def test_esc_closes_the_card_and_the_badge_opens_it_again(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    _broken(view)

    hands.key(Qt.Key.Key_Escape)
    assert view.overlays.card.isHidden()
    box = view.canvas.nodes[node_named(view.document.graph, "add")].box()
    hands.click(hands.at(box.right - 2, box.top + 2))

    assert not view.overlays.card.isHidden()


@pytest.mark.parametrize("zoom", [0.45, 0.2])
def test_a_badge_is_met_however_small_its_card_is(open_canvas: Open, zoom: float) -> None:
    view, hands = open_canvas(a_residual_cnn())
    _broken(view)
    view.overlays.card.dismiss()
    view.zoom_to(zoom)
    box = view.canvas.nodes[node_named(view.document.graph, "add")].box()

    hands.click(hands.at(box.right, box.top) + QPointF(4, -4))

    assert not view.overlays.card.isHidden()


def test_undo_closes_the_card_of_a_problem_that_is_gone(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    _broken(view)

    view.document.undo()

    assert view.overlays.card.isHidden()


def test_the_card_of_an_error_leaves_its_layer_in_sight_and_covers_no_map(
    open_canvas: Open,
) -> None:
    graph = a_residual_cnn()
    view, _ = open_canvas(graph)
    view.resize(760, 700)
    view.fit_all()

    _broken(view)

    card, add = view.overlays.card, view.canvas.nodes[node_named(graph, "add")]
    assert not card.isHidden()
    assert not card.geometry().intersects(view.view_rect(add.far_rect()))
    minimap = view.overlays.minimap
    assert minimap.isHidden() or not minimap.geometry().intersects(card.geometry())


def test_the_card_of_an_error_at_the_border_covers_no_other_layer(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    box = view.canvas.nodes[node_named(view.document.graph, "conv2d")].box()

    view.editing.add("ReLU", {}, at=(box.right + 170, box.top))
    (added,) = view.document.selection
    item = view.canvas.nodes[added]
    view.pan_by(view.viewport().width() - 8 - view.view_rect(item.far_rect()).right(), 0)
    (problem,) = view.document.report.of_node(added)
    view.show_problem(problem)

    card = view.overlays.card.geometry()
    covered = [key for key, one in view.canvas.nodes.items() if _lies_below(view, one, card)]
    assert covered == [] and view.viewport().rect().contains(card)


def test_the_drawing_gives_way_to_the_chips_when_an_error_makes_them_wider(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(a_residual_cnn())
    view.resize(760, 700)
    view.zoom_to(0.5)
    content = view.view_rect(view.canvas.content_rect())
    view.pan_by(16 - content.left(), 16 - content.top())
    assert view.overlays.covers_cards()

    _broken(view)

    assert not view.overlays.card.isHidden()
    assert not view.overlays.covers_cards()


def _lies_below(view: CanvasView, item: NodeItem, card: QRect) -> bool:
    return view.view_rect(item.far_rect()).intersects(card)
