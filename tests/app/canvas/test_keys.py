"""What the keys and the window's actions do."""

from collections.abc import Callable

import pytest
from builders import Drawing, a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, steps, undo_label
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from app.canvas.view import CanvasView
from engine.graph.edits import move
from engine.graph.elements import End, Graph, Link, NodeId

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_Held = Qt.KeyboardModifier


def test_arrows_walk_along_the_wires_and_shift_extends(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    graph = view.document.graph

    hands.key(Qt.Key.Key_Down)
    assert view.document.selection == {node_named(graph, "data")}
    hands.key(Qt.Key.Key_Down)
    assert view.document.selection == {node_named(graph, "conv2d")}
    hands.key(Qt.Key.Key_Down, _Held.ShiftModifier)
    assert view.document.selection == {
        node_named(graph, "conv2d"),
        node_named(graph, "max_pool2d"),
    }
    hands.key(Qt.Key.Key_Up)
    assert view.document.selection == {node_named(graph, "conv2d")}


def test_alt_and_arrows_nudge_and_count_as_one_step(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    conv = node_named(view.document.graph, "conv2d")
    view.document.select([conv])

    for _ in range(3):
        hands.tap(Qt.Key.Key_Right, _Held.AltModifier)
    hands.tap(Qt.Key.Key_Down, _Held.AltModifier | _Held.ShiftModifier)

    assert view.document.graph.nodes[conv].position == (30, 95)
    assert steps(view) == 1


def test_delete_takes_the_wires_along_and_ctrl_delete_joins_the_neighbours(
    open_canvas: Open,
) -> None:
    view, hands = open_canvas(a_small_cnn())
    graph = view.document.graph
    pool, flat = node_named(graph, "max_pool2d"), node_named(graph, "flatten")
    view.document.select([pool])

    hands.key(Qt.Key.Key_Delete)
    assert not list(view.document.graph.links_into(flat))
    view.document.undo()
    view.document.select([pool])
    hands.key(Qt.Key.Key_Delete, _Held.ControlModifier)

    (link,) = view.document.graph.links_into(flat)
    assert link.source.node == node_named(graph, "conv2d")
    assert undo_label(view) == "Delete MaxPool2d and rejoin"


def test_a_selected_wire_is_deleted_alone(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    pool = node_named(view.document.graph, "max_pool2d")

    hands.click(hands.at(150, 170))
    assert view.document.selected_link is not None
    hands.key(Qt.Key.Key_Backspace)

    assert not list(view.document.graph.links_into(pool))
    assert undo_label(view) == "Disconnect"


def test_copy_and_paste_bring_a_part_with_its_inner_wires(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    graph = view.document.graph
    view.document.select([node_named(graph, "conv2d_2"), node_named(graph, "conv2d_3")])

    hands.key(Qt.Key.Key_C, _Held.ControlModifier)
    hands.key(Qt.Key.Key_V, _Held.ControlModifier)

    pasted = view.document.selection
    assert len(pasted) == 2 and pasted.isdisjoint(graph.nodes)
    inner = [link for link in view.document.graph.links if link.source.node in pasted]
    assert len(inner) == 1 and inner[0].target.node in pasted
    assert steps(view) == 1


def test_pasting_anything_else_is_refused_with_words(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())
    said: list[str] = []
    view.document.refused.connect(lambda error: said.append(error.title))
    QGuiApplication.clipboard().setText("rm -rf /")

    view.paste()

    assert said == ["The clipboard holds no layers"]
    assert steps(view) == 0


def test_cut_and_duplicate_are_one_step_each(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())
    view.document.select([node_named(view.document.graph, "max_pool2d")])

    view.duplicate()
    assert len(view.document.graph.nodes) == 7
    view.cut()

    assert len(view.document.graph.nodes) == 6
    assert steps(view) == 2


def test_m_and_l_bypass_and_freeze_and_take_it_back(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    conv = node_named(view.document.graph, "conv2d")
    view.document.select([conv])

    hands.key(Qt.Key.Key_M)
    hands.key(Qt.Key.Key_L)
    node = view.document.graph.nodes[conv]
    assert node.bypassed and node.frozen
    assert view.canvas.nodes[conv].facts.bypassed
    hands.key(Qt.Key.Key_M)
    assert not view.document.graph.nodes[conv].bypassed


def test_f2_renames_the_card_and_esc_keeps_its_name(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    conv = node_named(view.document.graph, "conv2d")
    view.document.select([conv])

    hands.key(Qt.Key.Key_F2)
    field = view._renaming.field
    assert field.isVisible() and field.text() == "Conv2d"
    field.setText("Edges")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert view.document.graph.nodes[conv].title == "Edges"
    assert view.canvas.nodes[conv].facts.title == "Edges"

    hands.key(Qt.Key.Key_F2)
    field.setText("Nothing")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert view.document.graph.nodes[conv].title == "Edges"
    assert steps(view) == 1


def test_tab_opens_quick_add_and_enter_puts_the_layer_into_the_chain(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    graph = view.document.graph
    conv, pool = node_named(graph, "conv2d"), node_named(graph, "max_pool2d")
    view.document.select([conv])

    hands.key(Qt.Key.Key_Tab)
    popup = view.adding.list
    assert popup.isVisible()
    popup._field.setText("conv2d 32 5x5 s2")
    assert popup.rows()[0].prediction.text == "32×14×14"
    QTest.keyClick(popup._field, Qt.Key.Key_Return)

    (added,) = view.document.selection
    params = view.document.graph.nodes[added].params
    assert params == {"out_channels": 32, "kernel_size": 5, "stride": 2}
    (link,) = view.document.graph.links_into(pool)
    assert link.source.node == added
    assert popup.isHidden() and steps(view) == 1


def test_shift_enter_adds_without_connecting(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    view.document.select([node_named(view.document.graph, "conv2d")])

    hands.key(Qt.Key.Key_A, _Held.ShiftModifier)
    view.adding.list._field.setText("dropout .3")
    QTest.keyClick(view.adding.list._field, Qt.Key.Key_Return, _Held.ShiftModifier)

    (added,) = view.document.selection
    assert view.document.graph.nodes[added].params == {"p": 0.3}
    assert not list(view.document.graph.links_into(added))


def test_quick_add_opens_wholly_inside_the_view(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())

    hands.double_click(hands.at(870, 900))

    assert view.rect().contains(view.adding.list.geometry())


def test_esc_closes_quick_add_and_gives_the_focus_back(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())

    hands.key(Qt.Key.Key_Tab)
    QTest.keyClick(view.adding.list._field, Qt.Key.Key_Escape)

    assert view.adding.list.isHidden()
    assert steps(view) == 0


def test_a_double_click_on_empty_canvas_adds_where_it_was(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())

    hands.double_click(hands.at(600, 203))
    view.adding.list._field.setText("relu")
    QTest.keyClick(view.adding.list._field, Qt.Key.Key_Return)

    (added,) = view.document.selection
    assert view.document.graph.nodes[added].position == (450, 200)


def test_a_loss_added_behind_a_layer_gets_the_label_too(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, _ = open_canvas(graph)
    view.document.select([node_named(graph, "cross_entropy_loss")])
    view.delete_selected()
    view.document.select([node_named(graph, "linear")])

    view.add_layer("CrossEntropyLoss")

    (loss,) = view.document.selection
    assert {link.source.port for link in view.document.graph.links_into(loss)} == {"y", "label"}
    assert not view.document.report.errors


def test_a_loss_that_asks_for_a_teacher_is_not_given_the_label(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, _ = open_canvas(graph)
    view.document.select([node_named(graph, "linear")])

    view.add_layer("DistillationLoss")

    (loss,) = view.document.selection
    assert {link.target.port for link in view.document.graph.links_into(loss)} == {"x"}


def test_arrange_straightens_the_spine_in_one_step(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    graph = view.document.graph
    conv = node_named(graph, "conv2d")
    view.document.select([conv])
    view.editing.nudge(70, 5)

    view.arrange()

    axes = {node.position[0] for node in view.document.graph.nodes.values()}
    assert len(axes) == 1
    assert undo_label(view) == "Arrange" and steps(view) == 2


def test_the_canvas_tells_a_screen_reader_what_is_selected(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())

    view.document.select([node_named(view.document.graph, "conv2d")])

    spoken = view.accessibleDescription()
    assert spoken.startswith("Conv2d, conv2d, convolution, 4 channels, 3 by 3")
    assert "output 4 by 28 by 28" in spoken


def test_arrows_to_the_side_lead_to_siblings(open_canvas: Open) -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    left, right = drawing.add("Conv2d", after=data), drawing.add("MaxPool2d", after=data)
    graph = move(drawing.graph, {right.id: (340.0, 94.0)})
    view, hands = open_canvas(graph)
    view.document.select([left.id])

    hands.key(Qt.Key.Key_Right)
    assert view.document.selection == {right.id}
    hands.key(Qt.Key.Key_Left)
    assert view.document.selection == {left.id}


def test_the_right_button_opens_the_menu_of_what_is_there(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())
    conv = node_named(view.document.graph, "conv2d")
    node, canvas = QMenu(view), QMenu(view)
    node.addAction("Rename")
    canvas.addAction("Paste")
    view.set_menus({"node": node, "canvas": canvas})

    hands.click(hands.card(conv), Qt.MouseButton.RightButton)
    assert view.document.selection == {conv}
    assert node.isVisible()
    node.close()
    hands.click(hands.at(600, 600), Qt.MouseButton.RightButton)
    assert canvas.isVisible()
    canvas.close()


@pytest.mark.parametrize("act", ["zoom_in", "zoom_out", "fit_all", "fit_selection"])
def test_looking_around_is_no_edit(open_canvas: Open, act: str) -> None:
    view, _ = open_canvas(a_small_cnn())

    getattr(view, act)()

    assert steps(view) == 0


def test_wires_are_walked_to_and_from_and_say_what_they_carry(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    pool, add = node_named(graph, "max_pool2d"), node_named(graph, "add")
    view.document.select([pool])

    hands.key(Qt.Key.Key_W)
    assert view.accessibleDescription() == "from MaxPool2d to Conv2d, 16 by 14 by 14"
    hands.key(Qt.Key.Key_Right)
    assert view.accessibleDescription() == "from Conv2d to Conv2d, 16 by 14 by 14"
    hands.key(Qt.Key.Key_Left)
    hands.key(Qt.Key.Key_Up)
    assert view.document.selection == {pool}

    view.document.select((), link=Link(End(pool, "y"), End(add, "x")))
    hands.key(Qt.Key.Key_Down)
    assert view.document.selection == {add}


def test_a_wire_that_was_walked_to_is_removed_by_key(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    view.document.select([node_named(graph, "flatten")])

    hands.key(Qt.Key.Key_W)
    hands.key(Qt.Key.Key_W)
    chosen = view.document.selected_link
    hands.key(Qt.Key.Key_Delete)

    assert chosen is not None and chosen not in view.document.graph.links
    assert len(view.document.graph.links) == len(graph.links) - 1


def test_data_and_losses_are_neither_bypassed_nor_frozen(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, hands = open_canvas(graph)
    ends = [node.id for node in graph.nodes.values() if node.kind in ("Data", "CrossEntropyLoss")]
    told: list[str] = []
    view.status.connect(told.append)
    view.document.select(ends)

    hands.key(Qt.Key.Key_M)
    hands.key(Qt.Key.Key_L)

    assert view.document.graph is graph and len(told) == 2
    view.select_all()
    hands.key(Qt.Key.Key_M)
    bypassed = {node.id for node in view.document.graph.nodes.values() if node.bypassed}
    assert len(ends) == 2 and bypassed == set(graph.nodes) - set(ends)


def test_arrows_follow_the_spine_whichever_wire_was_drawn_first(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(replace(graph, links=graph.links[::-1]))
    top = next(node.id for node in graph.nodes.values() if node.kind == "Data")
    view.document.select([top])

    walked = [_walk(view, hands, Qt.Key.Key_Down) for _ in graph.nodes][:-1]
    back = [_walk(view, hands, Qt.Key.Key_Up) for _ in graph.nodes][:-1]

    assert len(set(walked)) == len(graph.nodes) - 1 and back == [*walked[-2::-1], top]


def _walk(view: CanvasView, hands: Hands, key: Qt.Key) -> NodeId:
    hands.key(key)
    (at,) = view.document.selection
    return at
