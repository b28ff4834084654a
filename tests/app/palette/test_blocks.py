"""Blocks in the library: listed, found, dropped on the canvas, saved, renamed and deleted."""

from pathlib import Path

import pytest
from builders import a_nested_cnn, a_project, a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, canvas_of, steps
from own_texts import SCALED
from PySide6.QtCore import QMimeData, QPointF
from pytestqt.qtbot import QtBot

from app.blocks import key_of
from app.canvas import composing
from app.canvas.dropping import LAYER_MIME, kind_in
from app.canvas.view import CanvasView
from app.document import Document
from app.palette import LibraryPanel, library
from app.palette.entries import DAMAGED
from app.theme import theme_manager
from engine.graph.definitions import rename_definition
from engine.graph.elements import End
from engine.project.blocks import (
    Blocks,
    blocks_folder,
    load_blocks,
    ready_made_blocks,
    save_block,
)
from engine.project.layer_files import layer_block


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def _library(qtbot: QtBot) -> LibraryPanel:
    panel = LibraryPanel(Document(a_project()), theme_manager())
    qtbot.addWidget(panel)
    panel.resize(240, 900)
    panel.show()
    panel.show_blocks()
    return panel


def test_a_layer_of_a_package_is_found_by_the_name_of_the_package(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = layer_block(SCALED, Path("acme-layers"))
    monkeypatch.setattr(library, "own_layers", lambda: Blocks((one,)))
    panel = _library(qtbot)

    for words in ("acme", "acme-layers", "Acme layers"):
        panel.search.setText(words)
        assert [row.text for row in panel.tree.entries.tops] == ["Scaled"]


def _shelf(panel: LibraryPanel, title: str) -> list[str]:
    entries = panel.tree.entries
    tops = entries.tops
    shelf = next(top for top in tops if top.text == title)
    return [row.text for row in shelf.rows]


def test_ready_made_blocks_and_ones_own_are_shelves_of_the_library(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    save_block(graph, node_named(graph, "residual"))
    blocks_folder().joinpath("broken.loom").write_text("{")

    panel = _library(qtbot)

    assert _shelf(panel, "Blocks") == [block.name for block in ready_made_blocks()]
    assert _shelf(panel, "My blocks") == ["Residual", "broken.loom"]
    entries = panel.tree.entries
    own = entries.tops[-1]
    damaged = own.rows[1]
    assert damaged.told(DAMAGED)


def test_what_the_drawing_has_of_its_own_is_a_shelf_that_follows_it(qtbot: QtBot) -> None:
    panel = _library(qtbot)
    document = panel._document
    assert "In this drawing" not in [row.text for row in panel.tree.entries.tops]

    document.edit_model("Draw", lambda _: a_nested_cnn())
    assert _shelf(panel, "In this drawing") == ["Residual"]
    document.edit_model("Rename", lambda graph: rename_definition(graph, "residual", "Skip"))
    assert _shelf(panel, "In this drawing") == ["Skip"]
    document.show_level((node_named(document.graph, "residual"),))

    assert "In this drawing" not in [row.text for row in panel.tree.entries.tops]


def test_what_the_drawing_has_just_as_a_file_has_is_found_once(qtbot: QtBot) -> None:
    graph = a_nested_cnn()
    save_block(graph, node_named(graph, "residual"))
    panel = _library(qtbot)
    panel._document.edit_model("Draw", lambda _: graph)

    panel.search.setText("residual")

    assert [row.text for row in panel.tree.entries.tops].count("Residual") == 1


def test_the_search_finds_blocks_by_name_and_purpose(qtbot: QtBot) -> None:
    panel = _library(qtbot)
    panel.search.setText("squeeze")
    entries = panel.tree.entries
    titles = [row.text for row in entries.tops]
    assert any("queeze" in title for title in titles)


def test_a_block_is_added_behind_the_selected_layer_with_what_it_is_made_of(qtbot: QtBot) -> None:
    graph = a_small_cnn()
    view = canvas_of(graph)
    qtbot.addWidget(view)
    conv = node_named(graph, "conv2d")
    (onward,) = graph.links_from(conv)
    block = next(b for b in ready_made_blocks() if b.file.stem == "residual-block")
    view.document.select([conv])

    view.add_layer(key_of(block))

    (use,) = view.document.selection
    now = view.document.graph
    assert now.definitions[now.nodes[use].definition].name == block.name
    assert next(now.links_into(use)).source == End(conv, onward.source.port)
    assert next(now.links_from(use)).target == onward.target
    assert steps(view) == 1
    view.document.undo()
    assert view.document.graph == graph


def test_a_dragged_block_lands_where_it_is_let_go(qtbot: QtBot) -> None:
    view = canvas_of(a_small_cnn())
    qtbot.addWidget(view)
    block = ready_made_blocks()[0]
    data = QMimeData()
    data.setData(LAYER_MIME, key_of(block).encode())
    assert kind_in(data, view.document) == key_of(block)
    view._drop.enter(kind_in(data, view.document))
    view._drop.drop(QPointF(700, 200))
    (use,) = view.document.selection
    assert view.document.graph.nodes[use].position == (550, 200)
    data.setData(LAYER_MIME, b"block:own/../../secret")
    assert kind_in(data, view.document) == ""


def test_save_as_block_keeps_a_composite_and_asks_before_it_replaces(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = a_nested_cnn()
    view = canvas_of(graph)
    qtbot.addWidget(view)
    asked: list[str] = []
    monkeypatch.setattr(composing, "may_replace", lambda name, _window: asked.append(name))
    view.document.select([node_named(graph, "residual")])
    with qtbot.waitSignal(view.blocks_changed):
        view.composing.save_block()
    assert [block.name for block in load_blocks().blocks] == ["Residual"] and not asked
    view.composing.save_block()
    assert asked == ["Residual"]


def test_ones_own_blocks_are_renamed_and_deleted(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = a_nested_cnn()
    save_block(graph, node_named(graph, "residual"))
    panel = _library(qtbot)
    (block,) = load_blocks().blocks
    monkeypatch.setattr(library, "new_name", lambda _name, _window: "Skip")
    panel.tree.rename_requested.emit(key_of(block))
    assert _shelf(panel, "My blocks") == ["Skip"]
    (block,) = load_blocks().blocks
    monkeypatch.setattr(library, "may_delete", lambda _name, _window: False)
    panel.tree.delete_requested.emit(key_of(block))
    assert _shelf(panel, "My blocks") == ["Skip"]
    monkeypatch.setattr(library, "may_delete", lambda _name, _window: True)
    panel.tree.delete_requested.emit(key_of(block))
    assert _shelf(panel, "My blocks") == [] and not load_blocks().blocks


def _beside(panel: LibraryPanel, view: CanvasView) -> QPointF:
    """Return a place of the library as the canvas sees it; the two stand apart on the screen."""
    middle = panel.mapToGlobal(panel.rect().center())
    return QPointF(view.viewport().mapFromGlobal(middle))


def test_layers_dragged_onto_the_library_become_a_block_and_stay_where_they_are(
    qtbot: QtBot,
) -> None:
    graph = a_residual_cnn()
    view, panel = canvas_of(graph), _library(qtbot)
    qtbot.addWidget(view)
    view.set_shelf(panel)
    hands = Hands(view)
    frame = graph.frames[0]
    view.document.select(frame.nodes)
    start = hands.card(frame.nodes[0])

    hands.press(start)
    hands.move(start + QPointF(30, 0))
    hands.move(_beside(panel, view))
    assert panel._ring is not None and panel._ring.marked is panel
    with qtbot.waitSignal(view.blocks_changed):
        hands.release(_beside(panel, view))

    (block,) = load_blocks().blocks
    assert block.name == "Residual block"
    assert {node.kind for node in block.definitions[block.use.definition].graph.nodes.values()} == {
        *("Input", "Conv2d", "Add", "Output")
    }
    assert view.document.graph is graph and steps(view) == 0
    assert panel._ring.marked is None


def test_what_can_be_no_block_is_refused_in_words(qtbot: QtBot) -> None:
    graph = a_residual_cnn()
    view, panel = canvas_of(graph), _library(qtbot)
    qtbot.addWidget(view)
    view.set_shelf(panel)
    hands = Hands(view)
    start = hands.card(node_named(graph, "data"))

    hands.press(start)
    hands.move(start + QPointF(30, 0))
    hands.move(_beside(panel, view))
    with qtbot.waitSignal(view.document.refused) as refused:
        hands.release(_beside(panel, view))

    assert "cannot stand in a composite" in refused.args[0].title
    assert not load_blocks().blocks


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("unet", "U-Net level, down"),
        ("squeeze-excite", "Squeeze and excite"),
        ("dense block", "Dense layer"),
        ("pre-norm", "Transformer block"),
        ("post-norm", "Transformer block, norm after"),
        ("tcn", "Temporal block"),
    ],
)
def test_a_block_is_found_by_what_the_field_calls_it(qtbot: QtBot, words: str, title: str) -> None:
    panel = _library(qtbot)

    panel.search.setText(words)

    assert title in [row.text for row in panel.tree.entries.tops]
