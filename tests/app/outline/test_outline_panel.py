from builders import a_chain, a_project, a_residual_cnn, a_small_cnn, node_named
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from app.document import Document
from app.outline import OutlinePanel
from app.outline.rows import FRAME, NODE, PARAMETERS, SEVERITY
from app.theme import theme_manager
from engine.graph.edits import add_frame, remove_nodes, set_params
from engine.graph.elements import EMPTY, Graph


def shown(qtbot: QtBot, graph: Graph) -> tuple[Document, OutlinePanel]:
    document = Document(a_project(graph))
    panel = OutlinePanel(document, theme_manager())
    qtbot.addWidget(panel)
    panel.resize(252, 800)
    panel.show()
    return document, panel


def rows(panel: OutlinePanel) -> list[QModelIndex]:
    """Return all rows from top to bottom, those in frames too."""
    model = panel.tree.model()
    found = []
    for row in range(model.rowCount()):
        index = model.index(row, 0)
        found.append(index)
        found += [model.index(inner, 0, index) for inner in range(model.rowCount(index))]
    return found


def titles(panel: OutlinePanel) -> list[str]:
    return [str(row.data()) for row in rows(panel)]


def row_called(panel: OutlinePanel, document: Document, name: str) -> QModelIndex:
    node = node_named(document.graph, name)
    return next(row for row in rows(panel) if row.data(NODE) == node)


def frame_row(panel: OutlinePanel) -> QModelIndex:
    return next(row for row in rows(panel) if row.data(FRAME))


def click(qtbot: QtBot, panel: OutlinePanel, row: QModelIndex, x: int = 120) -> None:
    place = panel.tree.visualRect(row).center()
    place.setX(x)
    qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)


def chosen(panel: OutlinePanel) -> list[str]:
    return [str(row.data()) for row in panel.tree.selectionModel().selectedIndexes()]


def test_layers_are_listed_in_the_order_of_the_data_flow_in_their_frames(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_residual_cnn())

    assert titles(panel)[:7] == [
        *("Data", "Conv2d", "MaxPool2d"),
        *("Residual block", "Conv2d", "Conv2d", "Add"),
    ]
    assert frame_row(panel).data(PARAMETERS) == 2 * (16 * 16 * 9 + 16)


def test_a_click_selects_on_the_drawing(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn())

    click(qtbot, panel, row_called(panel, document, "conv2d_3"))

    assert document.selection == {node_named(document.graph, "conv2d_3")}


def test_a_click_on_a_frame_selects_all_in_it(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn())

    click(qtbot, panel, frame_row(panel))

    assert document.selection == set(document.graph.frames[0].nodes)
    assert chosen(panel) == ["Residual block"]


def test_a_selection_on_the_drawing_is_selected_here(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn())

    document.select((node_named(document.graph, "linear"),))
    assert chosen(panel) == ["Linear"]

    document.select(())
    assert chosen(panel) == []


def test_a_folded_frame_opens_for_a_node_in_it_and_stands_for_all_of_them(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn())
    click(qtbot, panel, frame_row(panel), x=14)
    assert not panel.tree.isExpanded(frame_row(panel))

    document.select(document.graph.frames[0].nodes)
    assert chosen(panel) == ["Residual block"]
    assert not panel.tree.isExpanded(frame_row(panel))

    document.select((node_named(document.graph, "add"),))
    assert chosen(panel) == ["Add"]
    assert panel.tree.isExpanded(frame_row(panel))


def test_an_error_shows_at_its_row_and_at_the_frame_around_it(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn())
    node = node_named(document.graph, "conv2d_3")

    document.edit("Break", lambda graph: set_params(graph, node, {"out_channels": 32}))
    assert row_called(panel, document, "add").data(SEVERITY) == "error"
    assert frame_row(panel).data(SEVERITY) == "error"

    document.undo()
    assert not frame_row(panel).data(SEVERITY)


def test_a_row_says_all_that_the_card_shows(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_residual_cnn())

    said = row_called(panel, document, "conv2d_2").data(Qt.ItemDataRole.AccessibleTextRole)

    assert said == (
        "Conv2d, conv2d_2, convolution, 16 channels, 3 by 3 kernel, then ReLU, "
        "output 16 by 14 by 14, 4 of 9"
    )


def test_a_row_follows_a_parameter(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    node = node_named(document.graph, "conv2d")

    document.edit("Set", lambda graph: set_params(graph, node, {"out_channels": 8}))

    row = row_called(panel, document, "conv2d")
    assert row.data(PARAMETERS) == 8 * 9 + 8
    assert "8 channels" in row.data(Qt.ItemDataRole.AccessibleTextRole)


def test_the_filter_keeps_what_has_the_words_in_name_kind_or_frame(qtbot: QtBot) -> None:
    _, panel = shown(qtbot, a_residual_cnn())
    panel.focus_search()

    qtbot.keyClicks(panel.search, "conv")
    assert titles(panel) == ["Conv2d", "Residual block", "Conv2d", "Conv2d"]

    qtbot.keyClicks(panel.search, " residual")
    assert titles(panel) == ["Residual block", "Conv2d", "Conv2d"]

    panel.search.clear()
    assert len(titles(panel)) == 10


def test_enter_asks_to_show_the_node(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    row = row_called(panel, document, "linear")
    panel.tree.setCurrentIndex(row)

    with qtbot.waitSignal(panel.node_opened) as opened:
        qtbot.keyClick(panel.tree, Qt.Key.Key_Return)

    assert opened.args == [node_named(document.graph, "linear")]


def test_arrow_keys_select_along_the_flow(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    document.select((node_named(document.graph, "conv2d"),))

    qtbot.keyClick(panel.tree, Qt.Key.Key_Down)

    assert document.selection == {node_named(document.graph, "max_pool2d")}


def test_frames_that_come_and_go_regroup_the_rows(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())
    nodes = [node_named(document.graph, name) for name in ("conv2d", "max_pool2d")]

    document.edit("Frame", lambda graph: add_frame(graph, "Stem", nodes))
    assert titles(panel)[:4] == ["Data", "Stem", "Conv2d", "MaxPool2d"]

    document.undo()
    assert "Stem" not in titles(panel)


def test_an_empty_drawing_says_what_would_be_here(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_small_cnn())

    document.edit("Clear", lambda graph: remove_nodes(graph, tuple(graph.nodes)))

    assert not panel.tree.isVisible()
    assert document.graph.nodes == EMPTY.nodes


def test_an_edit_of_a_large_drawing_describes_only_what_changed(qtbot: QtBot) -> None:
    document, panel = shown(qtbot, a_chain(300))
    node = node_named(document.graph, "linear_200")
    model = panel._rows
    described: list[QModelIndex] = []
    model.dataChanged.connect(lambda first, *_: described.append(first))

    document.edit("Set", lambda graph: set_params(graph, node, {"bias": False}))

    assert 0 < len(described) < 10
