"""The canvas as a screen reader reads it, asked by the interfaces that Qt hands to one."""

import gc
from collections.abc import Callable

from builders import a_nested_cnn, a_residual_cnn, node_named
from canvas_hands import Hands
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from engine.graph.edits import remove_nodes, set_params
from engine.graph.elements import Graph

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Name = QAccessible.Text.Name


def tree_of(view: CanvasView) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(view)


def children(around: QAccessibleInterface) -> list[QAccessibleInterface]:
    return [around.child(number) for number in range(around.childCount())]


def card(view: CanvasView, name: str) -> QAccessibleInterface:
    return next(one for one in children(tree_of(view)) if f", {name}," in one.text(_Name))


def test_layers_are_read_in_the_order_of_the_data_flow(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())

    said = [one.text(_Name) for one in children(tree_of(view))]

    assert [text.partition(",")[0] for text in said][:3] == ["Data", "Conv2d", "MaxPool2d"]
    assert said[1] == (
        "Conv2d, conv2d, convolution, 16 channels, 3 by 3 kernel, then ReLU, "
        "output 16 by 28 by 28, 2 of 9"
    )
    assert tree_of(view).role() == QAccessible.Role.List


def test_ports_say_what_passes_and_where_it_comes_from_or_goes_to(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())

    add, pool = card(view, "add"), card(view, "max_pool2d")

    assert [one.text(_Name) for one in children(add)] == [
        "input x, 16 by 14 by 14, from Conv2d",
        "input x, 16 by 14 by 14, from MaxPool2d",
        "output y, 16 by 14 by 14, to Flatten",
    ]
    assert children(pool)[1].text(_Name) == "output y, 16 by 14 by 14, to Conv2d and Add"
    assert children(add)[0].parent().text(_Name) == add.text(_Name)


def test_a_card_lies_where_it_is_seen_and_its_ports_on_its_edges(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    conv = card(view, "conv2d_2")
    item = view.canvas.nodes[node_named(view.document.graph, "conv2d_2")]
    seen = view.view_rect(item.far_rect())

    assert conv.rect().topLeft() == view.viewport().mapToGlobal(seen.topLeft())
    for port in children(conv):
        assert conv.rect().adjusted(-20, -20, 20, 20).contains(port.rect())
    middle = conv.rect().center()
    assert tree_of(view).childAt(middle.x(), middle.y()).text(_Name) == conv.text(_Name)
    assert tree_of(view).indexOfChild(conv) == 3


def test_the_layer_that_the_keyboard_is_on_has_the_focus(open_canvas: Open, qtbot: QtBot) -> None:
    view, hands = open_canvas(a_residual_cnn())
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    hands.key(Qt.Key.Key_Down)
    hands.key(Qt.Key.Key_Down)

    focused = tree_of(view).focusChild()

    assert focused.text(_Name) == card(view, "conv2d").text(_Name)
    assert focused.state().focused and focused.state().selected
    assert not card(view, "add").state().selected


def test_an_error_is_part_of_what_a_card_and_its_wires_say(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    node = node_named(view.document.graph, "conv2d_3")

    view.document.edit("Break", lambda graph: set_params(graph, node, {"out_channels": 32}))

    assert "error: Add needs" in card(view, "add").text(_Name)
    link = next(view.document.graph.links_into(node_named(view.document.graph, "add")))
    view.document.select((), link=link)
    assert "does not fit: Add needs" in view.accessibleDescription()


def test_what_is_gone_is_no_longer_valid_and_another_level_is_read(open_canvas: Open) -> None:
    graph = a_nested_cnn()
    view, _ = open_canvas(graph)
    linear = card(view, "linear")
    gone = node_named(graph, "linear")

    view.document.edit("Delete", lambda graph: remove_nodes(graph, [gone]))
    gc.collect()
    assert not linear.isValid() and linear.text(_Name) == ""

    view.document.show_level((node_named(graph, "residual"),))
    said = [one.text(_Name).partition(",")[0] for one in children(tree_of(view))]
    assert said == ["Input", "Conv2d", "Conv2d", "Add", "Output"]
