"""Layers of one's own in the window: trust, new ones, the person's folder."""

import os
from pathlib import Path
from threading import Thread, current_thread, main_thread

import pytest
from builders import a_project
from own_texts import SCALED, hostile, with_own_layer
from PySide6.QtWidgets import QApplication
from window_hands import Windows, answering, button_of, wait_until, words_of

from app.blocks import may_change, rename_block
from app.commands.sources import from_blocks
from app.dialogs.preferences import PreferencesDialog
from app.dialogs.trust import TrustDialog, visible
from app.docs import DocsPanel
from app.main_window import MainWindow
from app.theme import theme_manager
from engine.graph.edits import remove_nodes
from engine.graph.elements import EMPTY
from engine.graph.fragments import to_fragment
from engine.graph.own_layers import own_layers_in
from engine.own_layers.trust import is_trusted, trust
from engine.project import blocks
from engine.project.blocks import Block, load_block, save_block
from engine.project.files import save
from engine.project.layer_files import layers_folder, load_layers, save_layer
from engine.project.recovery import Autosave, find_lost
from nodes.errors import CodeError
from nodes.own_layer import OWN_LAYER, Found


def _question(window: MainWindow) -> TrustDialog:
    wait_until(lambda: isinstance(QApplication.activeModalWidget(), TrustDialog), "it asks")
    found = QApplication.activeModalWidget()
    assert isinstance(found, TrustDialog)
    return found


def _problem(window: MainWindow) -> str:
    return next((one.code for one in window.document.model_report.errors), "")


def test_opening_shows_what_would_run_and_runs_none_of_it(windows: Windows, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = hostile(mark)
    window = windows(with_own_layer(text, "Harmless")[0], with_panels=False)

    question = _question(window)

    assert question.view.toPlainText() == text.rstrip()
    assert question.imports == "It imports pathlib, torch."
    assert "can do whatever you can do" in words_of(question)
    button_of(question, "Open without running").click()
    assert _problem(window) == "LL-T001"
    assert window.document.model_report.questions == ()
    assert not is_trusted(text)
    assert not mark.exists()


def test_it_asks_once_and_again_where_the_person_looks(windows: Windows, tmp_path: Path) -> None:
    project, node = with_own_layer(hostile(tmp_path / "mark"), "Harmless")
    window = windows(project, with_panels=False)
    button_of(_question(window), "Open without running").click()

    window.document.select([node])
    window.document.look_again()
    window.edit_code()

    _question(window).reject()
    assert not (tmp_path / "mark").exists()


def test_what_is_trusted_is_tried_outside_of_the_window(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = windows(with_own_layer(SCALED, "Scaled")[0], with_panels=False)
    image = window.document.model_report.nodes
    found = Found(types=(next(iter(image["digit02"].outputs.values())),), parameters=16)
    monkeypatch.setattr(window.own.finding._finder, "find", lambda question: found)

    button_of(_question(window), "Run it").click()
    wait_until(lambda: not window.document.model_report.questions, "it was tried")

    assert is_trusted(SCALED)
    assert window.document.model_report.errors == ()
    assert window.document.model_report.totals.complete


def test_trust_in_one_layer_is_taken_back_where_its_code_is_looked_at(windows: Windows) -> None:
    trust([SCALED])
    window = windows(with_own_layer(SCALED, "Scaled")[0], with_panels=False)
    assert _problem(window) == ""
    window.own.edit("Scaled")

    button_of(window.own.editors["Scaled"], "Stop trusting").click()

    wait_until(lambda: _problem(window) == "LL-T001", "it is not run any more")
    assert not is_trusted(SCALED) and window.own.editors["Scaled"].isHidden()
    assert not isinstance(QApplication.activeModalWidget(), TrustDialog)


def test_code_in_ones_own_folder_stays_trusted(windows: Windows) -> None:
    save_layer(SCALED)
    trust([SCALED])
    window = windows(with_own_layer(SCALED, "Scaled")[0], with_panels=False)
    told: list[str] = []
    window.own.told.connect(told.append)

    window.own.distrust("Scaled")

    assert is_trusted(SCALED) and "delete it there" in told[0]


def test_all_trust_is_taken_back_in_the_preferences(windows: Windows) -> None:
    trust([SCALED, SCALED + "\n"])
    window = windows(with_own_layer(SCALED, "Scaled")[0], with_panels=False)
    dialog = PreferencesDialog(window.preferences, window.keymap, window.actions_by_key, window)
    dialog.trusted.forgotten.connect(window.own.ask_again)
    assert "2 layers in Python may run" in words_of(dialog)

    dialog.trusted.forget.click()

    assert not is_trusted(SCALED) and not dialog.trusted.forget.isEnabled()
    _question(window).reject()
    assert _problem(window) == "LL-T001"


def test_a_layer_of_ones_own_is_renamed_in_its_code_and_deleted(windows: Windows) -> None:
    save_layer(SCALED)
    window = windows(a_project(), with_panels=False)
    window.library.show_blocks()
    block = window.library.tree.entries.block("block:layer/Scaled")
    assert block is not None and may_change("block:layer/Scaled")

    renamed = rename_block(block, "Weighed")

    assert "class Weighed(" in renamed.code["Weighed"]
    assert [one.name for one in load_layers().blocks] == ["Weighed"]
    with pytest.raises(CodeError):
        rename_block(renamed, "no name")
    assert [file.name for file in layers_folder().iterdir()] == ["Weighed.py"]
    window.library.show_blocks()
    with answering("Delete"):
        window.library.tree.delete_requested.emit("block:layer/Weighed")
    assert load_layers().blocks == ()


def test_layers_of_ones_own_are_found_by_the_command_palette_and_have_a_page(
    windows: Windows,
) -> None:
    save_layer(SCALED)
    window = windows(a_project(), with_panels=False)
    added: list[str] = []
    (command,) = (
        one
        for one in from_blocks(added.append, window.document)("scaled")
        if one.note == "My layers"
    )
    command.run()
    docs = DocsPanel(window.document, theme_manager())

    docs.show_kind(added[0])

    assert (command.title, docs.kind) == ("Scaled", "Scaled")
    docs.deleteLater()


def test_a_stranger_runs_nothing_by_any_way_into_the_window(
    windows: Windows, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    project, node = with_own_layer(hostile(mark), "Harmless")
    window = windows(a_project(), with_panels=False)
    file = tmp_path / "stranger.loom"
    save(file, project)
    autosave = Autosave(tmp_path / "lost")
    autosave.keep(project, None)
    (kept,) = (tmp_path / "lost").iterdir()
    head, _, rest = kept.read_text().partition("\n")
    kept.write_text(head.replace(str(os.getpid()), "999999999") + "\n" + rest)

    window.beginning.open_file(file)
    _question(window).reject()
    window.files.recover(find_lost(tmp_path / "lost")[0])
    QApplication.clipboard().setText(to_fragment(project.graph, [node]))
    window.document.open(a_project())
    window.canvas.paste()
    assert list(own_layers_in(window.document.graph.nodes.values()))

    assert _problem(window) == "LL-T001"
    assert window.document.model_report.questions == ()
    assert not mark.exists()


def test_a_block_with_code_is_not_run_either(windows: Windows, tmp_path: Path) -> None:
    from engine.graph.composing import make_composite

    mark = tmp_path / "mark"
    project, node = with_own_layer(hostile(mark), "Harmless")
    graph, use = make_composite(project.graph, [node], "Part")
    save_block(graph, use)
    window = windows(a_project(), with_panels=False)
    window.library.show_blocks()

    window.canvas.add_layer("block:own/part")

    assert window.document.project.graph.code
    _question(window).reject()
    assert not mark.exists()


def test_a_new_layer_is_added_and_opened_to_be_written(windows: Windows) -> None:
    window = windows(a_project(), with_panels=False)

    window.library.new.click()
    window.new_layer()

    graph = window.document.project.graph
    assert list(graph.code) == ["MyLayer", "MyLayer2"]
    assert window.own.editors["MyLayer2"].isVisible()
    assert all(is_trusted(text) for text in graph.code.values())
    window.document.undo()
    assert list(window.document.project.graph.code) == ["MyLayer"]


def test_code_that_is_not_saved_is_asked_about_before_another_project_opens(
    windows: Windows, tmp_path: Path
) -> None:
    trust([SCALED])
    save(tmp_path / "other.loom", a_project())
    window = windows(with_own_layer(SCALED, "Scaled")[0], with_panels=False)
    window.own.edit("Scaled")
    editor = window.own.editors["Scaled"]
    changed = SCALED.replace("math.tau", "math.pi")
    editor.text.setPlainText(changed)

    with answering("Cancel"):
        window.beginning.open_file(tmp_path / "other.loom")
    assert editor.isVisible() and window.document.project.graph.code
    with answering("Save", "Discard changes") as answers:
        window.beginning.open_file(tmp_path / "other.loom")

    assert "Scaled" in answers.asked[0]
    assert not editor.isVisible() and window.document.project.graph.code == {}


def test_quick_add_offers_a_new_layer_to_whoever_looks_for_one(windows: Windows) -> None:
    window = windows(a_project(), with_panels=False)
    window.canvas.open_quick_add()
    listed = window.canvas.adding.list

    listed._field.setText("python")
    assert [row.kind for row in listed.rows()] == [OWN_LAYER]
    listed._field.setText("conv2d")

    assert OWN_LAYER not in [row.kind for row in listed.rows()]


def test_a_folder_of_layers_that_is_made_while_the_window_is_open_is_seen(
    windows: Windows,
) -> None:
    layers_folder().parent.mkdir(parents=True, exist_ok=True)
    window = windows(a_project(), with_panels=False)
    seen: list[list[str]] = []
    window.own.library_changed.connect(
        lambda: seen.append([one.name for one in load_layers().blocks])
    )

    layers_folder().mkdir()
    wait_until(lambda: seen, "the folder is seen")
    (layers_folder() / "Scaled.py").write_text(SCALED)

    wait_until(lambda: seen[-1] == ["Scaled"], "the file is seen")


def test_the_blocks_that_come_along_are_read_beside_the_window(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: set[Thread] = set()

    def seen_reading(file: Path) -> Block:
        readers.add(current_thread())
        return load_block(file)

    monkeypatch.setattr(blocks, "load_block", seen_reading)
    blocks.ready_made_blocks.cache_clear()
    listed: list[bool] = []
    window = windows(a_project(), with_panels=False)
    window.own.library_changed.connect(lambda: listed.append(True))

    wait_until(lambda: listed, "the library lists them")

    assert readers
    assert main_thread() not in readers


def test_a_file_in_the_folder_of_layers_is_in_the_library_and_followed(windows: Windows) -> None:
    save_layer(SCALED)
    window = windows(a_project(), with_panels=False)
    window.library.show_blocks()
    assert [one.name for one in load_layers().blocks] == ["Scaled"]

    window.canvas.add_layer("block:layer/Scaled")
    assert window.document.project.graph.code == {"Scaled": SCALED}
    wait_until(lambda: is_trusted(SCALED), "it lies in the person's own folder")
    changed = SCALED.replace("math.tau", "math.pi")
    (layers_folder() / "Scaled.py").write_text(changed)
    wait_until(lambda: window.document.project.graph.code == {"Scaled": changed}, "it is read")

    assert window.document.history.undo_label == "Reload Scaled"
    assert is_trusted(changed)


def test_a_file_that_is_no_layer_is_told_in_the_library(windows: Windows) -> None:
    layers_folder().mkdir(parents=True)
    (layers_folder() / "odd.py").write_text("x = 1\n")
    (layers_folder() / "bytes.py").write_bytes(b"\xff\xfe\x00")

    found = load_layers()

    assert found.blocks == ()
    assert [(Path(one.where).name, one.title) for one in found.problems] == [
        ("bytes.py, line 1", "This is no text"),
        ("odd.py, line 1", "There is no layer yet"),
    ]


def test_removing_the_last_layer_takes_its_code_with_it(windows: Windows) -> None:
    trust([SCALED])
    project, node = with_own_layer(SCALED, "Scaled")
    window = windows(project, with_panels=False)

    window.document.edit("Remove", lambda graph: remove_nodes(graph, [node]))

    assert window.document.project.graph.code == {}
    assert EMPTY.code == {}


def test_letters_that_hide_others_are_named() -> None:
    assert visible("a\u202eb") == "a\\u202eb"
