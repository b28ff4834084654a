"""The window as a whole: names, layouts, panels, problems, closing."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from builders import a_project, a_residual_cnn, node_named
from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication
from window_hands import Windows, answering, button_of, wait_until

from app.main_window import MainWindow
from app.theme import theme_manager
from engine.graph.edits import set_params
from engine.project.files import load, save
from engine.project.recovery import Autosave
from engine.training.requests import WatchLayers
from nodes.errors import LoomError


def break_it(window: MainWindow) -> None:
    """Set a stride after which the two ways of the residual block differ."""
    node = node_named(window.document.graph, "conv2d_2")
    window.document.edit("Stride", lambda graph: set_params(graph, node, {"stride": 2}))
    assert window.document.report.errors


def shown(window: MainWindow) -> set[str]:
    return {name for name, dock in window.docks.items() if not dock.isHidden()}


def edit(window: MainWindow) -> None:
    node = node_named(window.document.graph, "conv2d")
    window.document.edit("Widen", lambda graph: set_params(graph, node, {"out_channels": 2}))


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(a_residual_cnn()), with_panels=False)


def test_the_window_is_named_after_project_and_file(window: MainWindow, tmp_path: Path) -> None:
    assert window.windowTitle() == "A test project[*] – Layerloom"
    assert not window.isWindowModified()

    window.document.set_about(name="Mine")
    assert window.windowTitle().startswith("Mine[*]") and window.isWindowModified()
    window.files.path = tmp_path / "own.loom"
    window.save_project()

    assert window.windowTitle() == "Mine · own.loom[*] – Layerloom"
    assert not window.isWindowModified()


def test_saving_leaves_the_view_as_it_is(window: MainWindow, tmp_path: Path) -> None:
    window.files.path = tmp_path / "own.loom"
    window.canvas.zoom_to_100()
    window.canvas.zoom_in()
    zoom = window.canvas.zoom

    window.save_project()

    assert window.canvas.zoom == zoom


def test_opening_shows_the_whole_drawing(window: MainWindow, tmp_path: Path) -> None:
    save(tmp_path / "own.loom", a_project(a_residual_cnn()))
    window.canvas.zoom_to_100()
    window.canvas.zoom_in()

    window.files.open(tmp_path / "own.loom")

    assert window.canvas.zoom < 1


def test_undo_and_redo_name_what_they_would_do(window: MainWindow) -> None:
    undo, redo = window.actions_by_key["undo"], window.actions_by_key["redo"]
    assert (undo.text(), undo.isEnabled()) == ("Undo", False)

    edit(window)
    assert (undo.text(), undo.isEnabled(), redo.isEnabled()) == ("Undo Widen", True, False)
    undo.trigger()

    assert (redo.text(), redo.isEnabled(), undo.isEnabled()) == ("Redo Widen", True, False)


def test_build_shows_library_and_properties_and_train_its_two_docks(window: MainWindow) -> None:
    assert shown(window) == {"left", "right"}

    window.show_layout("train")

    assert shown(window) == {"training", "inspection"}
    assert window.header.layouts.current == "train"


def test_a_layer_is_looked_into_once_another_layout_brings_it_into_sight(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = windows(a_project(a_residual_cnn()))
    asked: list[WatchLayers] = []
    monkeypatch.setattr(window.control, "watch", asked.append)

    window.show_layout("train")

    assert asked and asked[-1].detail == window.late.panels().activations.node != ""


def test_each_layout_is_left_as_it_was_arranged(window: MainWindow) -> None:
    window.docks["right"].hide()
    window.show_layout("train")
    window.docks["inspection"].hide()

    window.show_layout("build")
    assert shown(window) == {"left"}
    window.show_layout("train")
    assert shown(window) == {"training"}
    window.reset_layout()

    assert shown(window) == {"training", "inspection"}


def test_cards_show_previews_from_some_way_off_while_an_input_is_tried(window: MainWindow) -> None:
    window.canvas.zoom_to(0.5)
    assert not window.canvas.canvas.shared.shows_previews

    window.show_layout("try")
    window.canvas.zoom_to(0.5)
    assert window.canvas.canvas.shared.shows_previews

    window.show_layout("build")
    window.canvas.zoom_to(0.5)
    assert not window.canvas.canvas.shared.shows_previews


def test_layouts_are_there_at_the_next_start(windows: Windows, window: MainWindow) -> None:
    window.docks["right"].hide()
    window.show_layout("train")
    window.docks["inspection"].hide()
    windows.close(window)

    again = windows(a_project(a_residual_cnn()), with_panels=False)

    assert shown(again) == {"left"}
    again.show_layout("train")
    assert shown(again) == {"training"}


def test_a_reset_arranges_the_other_layout_anew_as_well(window: MainWindow) -> None:
    window.show_layout("train")
    window.docks["inspection"].hide()
    window.show_layout("build")

    window.reset_layout()
    window.show_layout("train")

    assert shown(window) == {"training", "inspection"}


def test_hiding_all_docks_and_again_brings_back_what_was_there(window: MainWindow) -> None:
    window.docks["right"].hide()

    window.hide_docks()
    assert shown(window) == set()
    window.hide_docks()

    assert shown(window) == {"left"}


def test_problems_open_for_an_error_and_close_once_it_is_gone(window: MainWindow) -> None:
    break_it(window)
    assert "bottom" in shown(window)
    assert window.header.train._train.text().split() == ["Train"]
    assert window.header.train._train.accessibleName() == "Train, 1"

    window.undo()

    assert "bottom" not in shown(window)


def test_problems_that_a_person_closed_stay_closed_until_there_is_a_new_one(
    window: MainWindow,
) -> None:
    break_it(window)
    window.docks["bottom"].hide()
    edit(window)
    assert "bottom" not in shown(window)

    window.undo()
    window.undo()
    break_it(window)

    assert "bottom" in shown(window)


def test_problems_that_a_person_opened_stay_open(window: MainWindow) -> None:
    window.toggle_panel("problems")

    break_it(window)
    window.undo()

    assert "bottom" in shown(window)


def test_problems_that_were_mended_in_the_train_layout_are_gone_in_build(
    window: MainWindow,
) -> None:
    break_it(window)
    window.show_layout("train")
    assert "bottom" not in shown(window)
    window.undo()

    window.show_layout("build")

    assert "bottom" not in shown(window)


def test_an_error_made_in_the_train_layout_is_listed_in_build(window: MainWindow) -> None:
    window.show_layout("train")
    break_it(window)
    assert "bottom" not in shown(window)

    window.show_layout("build")

    assert "bottom" in shown(window)


def test_problems_that_stood_open_are_closed_at_the_next_start(
    windows: Windows, window: MainWindow
) -> None:
    break_it(window)
    windows.close(window)

    again = windows(a_project(a_residual_cnn()), with_panels=False)

    assert "bottom" not in shown(again)


def test_train_with_an_error_shows_the_error_instead(window: MainWindow) -> None:
    break_it(window)
    window.canvas.overlays.card.dismiss()
    window.docks["bottom"].hide()

    window.train()

    assert "bottom" in shown(window) and not window.control.is_running
    assert window.canvas.overlays.card.problem is window.document.report.errors[0]


def test_quick_fix_opens_the_card_of_the_selected_layer(window: MainWindow) -> None:
    break_it(window)
    window.canvas.overlays.card.dismiss()
    window.document.select([node_named(window.document.graph, "add")])

    window.quick_fix()

    card = window.canvas.overlays.card
    assert card.problem is not None and card.problem.node in window.document.selection


def test_a_refused_edit_is_told_on_the_canvas(window: MainWindow) -> None:
    def refuse(graph: object) -> object:
        raise LoomError("A loss has no output")

    window.document.edit("Connect", refuse)  # type: ignore[arg-type]

    assert "A loss has no output" in window.canvas.overlays.notice.text()


@pytest.mark.parametrize("key", ["library", "properties", "problems"])
def test_a_panel_is_opened_brought_to_the_front_and_closed(window: MainWindow, key: str) -> None:
    dock = next(dock for dock in window.docks.values() if key in dock._panels)
    dock.hide()

    window.toggle_panel(key)
    assert not dock.isHidden() and dock.current == key
    window.toggle_panel(key)

    assert dock.isHidden()


def test_the_rail_shows_which_panel_is_open(window: MainWindow) -> None:
    buttons = window.rail._buttons
    assert buttons["library"].isChecked()

    buttons["outline"].click()
    assert (buttons["library"].isChecked(), buttons["outline"].isChecked()) == (False, True)
    buttons["outline"].click()

    assert not buttons["outline"].isChecked() and "left" not in shown(window)


def test_all_panels_are_made_and_stand_in_their_docks(windows: Windows) -> None:
    window = windows(a_project())

    for key in ("outline", "data", "runs", "code", "docs", "training", "log", "activations"):
        window.open_panel(key)
        dock = next(dock for dock in window.docks.values() if key in dock._panels)
        assert dock._stack.currentWidget() is window.late._made[key], key
    assert window.properties.findChild(type(window.late.panels().training.form)) is not None


def test_a_window_that_was_closed_at_once_starts_no_worker(windows: Windows) -> None:
    window = MainWindow(a_project(), windows.settings)
    window.show()
    window.close()

    window._after_first_frame()

    assert window.control._session is None
    window.deleteLater()


def test_closing_with_unsaved_work_asks_and_cancel_stays(window: MainWindow) -> None:
    edit(window)

    with answering("Cancel"):
        assert not window.close()

    assert window.isVisible()


def test_closing_with_save_writes_and_closes(windows: Windows, tmp_path: Path) -> None:
    window = windows(a_project())
    edit(window)
    window.files.path = tmp_path / "own.loom"

    with answering("Save"):
        assert window.close()

    assert load(tmp_path / "own.loom").project == window.document.project
    assert window.control._session is None


@pytest.mark.parametrize(
    ("answer", "is_back", "is_kept"),
    [("Bring it back", True, False), ("Delete the copy", False, False), ("Ask later", False, True)],
)
def test_lost_work_is_offered_and_the_canvas_keeps_its_keys(
    window: MainWindow, tmp_path: Path, answer: str, is_back: bool, is_kept: bool
) -> None:
    lost = a_project(a_residual_cnn(), epochs=77)
    copy = _left_behind(tmp_path, lost)
    window.files._recovery_folder = tmp_path
    window.canvas.setFocus()

    window.recovery.offer()

    card = window.recovery.card
    assert card is not None and "A test project" in card.accessibleName()
    assert QApplication.focusWidget() is window.canvas

    button_of(card, answer).setFocus()
    button_of(card, answer).click()

    assert (window.document.project == lost) is is_back
    assert copy.exists() is is_kept
    assert window.recovery.card is None and QApplication.focusWidget() is window.canvas


def test_the_chip_that_says_edited_lies_on_no_card_that_came_back(
    window: MainWindow, tmp_path: Path
) -> None:
    named = replace(a_project(a_residual_cnn()), name="A name that ends beside the first card")
    _left_behind(tmp_path, named)
    window.files._recovery_folder = tmp_path
    canvas = window.canvas
    window.recovery.offer()
    assert window.recovery.card is not None

    window.recovery.card.action.click()

    assert not window.document.history.is_saved and not canvas.overlays.covers_cards()


def test_what_was_drawn_meanwhile_is_asked_about_before_lost_work_comes_back(
    window: MainWindow, tmp_path: Path
) -> None:
    _left_behind(tmp_path, a_project(a_residual_cnn(), epochs=77))
    window.files._recovery_folder = tmp_path
    window.recovery.offer()
    window.canvas.add_layer("ReLU")
    drawn = window.document.project
    assert window.recovery.card is not None

    with answering("Cancel"):
        window.recovery.card.action.click()

    assert window.document.project is drawn and window.recovery.card is not None


def test_after_a_deleted_copy_the_next_one_is_offered(window: MainWindow, tmp_path: Path) -> None:
    for number in (1, 2):
        _left_behind(tmp_path, a_project(), name=f"99999999{number}")
    window.files._recovery_folder = tmp_path
    window.recovery.offer()
    first = window.recovery.card
    assert first is not None

    button_of(first, "Delete the copy").click()

    assert window.recovery.card not in (None, first)


def test_a_card_over_the_canvas_is_reached_by_key(window: MainWindow, tmp_path: Path) -> None:
    _left_behind(tmp_path, a_project())
    window.files._recovery_folder = tmp_path
    window.recovery.offer()
    card = window.recovery.card
    assert card is not None
    window.canvas.setFocus()

    window.next_pane()
    assert card.isAncestorOf(QApplication.focusWidget() or window)
    window.previous_pane()

    assert QApplication.focusWidget() is window.canvas


def test_problems_open_once_pasted_cards_are_put_down(window: MainWindow) -> None:
    window.show()
    window.document.select([node_named(window.document.graph, "linear")])
    window.canvas.copy()
    middle = window.canvas.viewport().rect().center()
    QCursor.setPos(window.canvas.viewport().mapToGlobal(middle))

    window.canvas.paste()
    wait_until(lambda: window.document.model_report.errors, "a layer without an input is told")
    assert window.canvas.carries and window.docks["bottom"].isHidden()
    window.canvas.put_down()

    assert not window.docks["bottom"].isHidden()


def test_themes_change_while_the_window_stands(windows: Windows) -> None:
    window = windows(a_project())
    for choice in ("light", "dark"):
        theme_manager().choose(choice)  # type: ignore[arg-type]
        colour = theme_manager().theme.colours.window
        assert window.grab().toImage().pixelColor(2, 20) == colour


def test_the_rail_keeps_its_place_in_every_theme(windows: Windows) -> None:
    window = windows(a_project(), with_panels=False)
    places = []
    for choice in ("light", "dark", "contrast", "light"):
        theme_manager().choose(choice)  # type: ignore[arg-type]
        QApplication.processEvents()
        places.append((window.rail.mapTo(window, QPoint()).x(), window.rail.width()))

    assert set(places) == {(0, theme_manager().theme.size.rail)}


def test_the_main_menu_does_what_it_says(windows: Windows, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every entry reaches the window or the canvas: none raises, whatever is selected."""
    window = windows(a_project(a_residual_cnn()))
    monkeypatch.setattr("app.beginning.QFileDialog.getOpenFileName", lambda *_: ("", ""))
    monkeypatch.setattr("app.pictures.QFileDialog.getSaveFileName", lambda *_: ("", ""))
    monkeypatch.setattr("app.project_files.QFileDialog.getSaveFileName", lambda *_: ("", ""))
    monkeypatch.setattr("app.project_files.QFileDialog.getOpenFileName", lambda *_: ("", ""))
    # A window of its own would outlive the test.
    opened: list[bool] = []
    program = SimpleNamespace(startDetached=lambda: opened.append(True))
    monkeypatch.setattr("app.another_window.another_window", lambda: program)
    left_out = {"quit", "train", "new", "export", "full_screen"}
    of_a_run = {"pause", "step", "step_ten", "step_some", "finish_epoch", "finish", "stop"}
    of_a_run.add("reset_layer")
    tried: list[str] = []
    for select in (lambda: None, window.canvas.select_all, _one(window)):
        with answering():
            for key, action in window.actions_by_key.items():
                select()
                if key not in left_out and action.isEnabled():
                    action.trigger()
                    tried.append(key)

    assert set(window.actions_by_key) - left_out - of_a_run == set(tried)
    assert len(opened) == 3


def test_going_on_without_a_run_asks_for_one(windows: Windows) -> None:
    window = windows(a_project(a_residual_cnn()))
    told: list[str] = []
    window.canvas.status.connect(told.append)

    window.go_on()

    assert told == ["Choose a run: it goes on from its last checkpoint."]
    assert not window.control.is_running


def _one(window: MainWindow) -> Callable[[], None]:
    return lambda: window.document.select(list(window.document.graph.nodes)[1:2])


def _left_behind(folder: Path, project: object, name: str = "999999999") -> Path:
    """Leave the copy of a window that is gone."""
    keeper = Autosave(folder)
    keeper.keep(project, None)  # type: ignore[arg-type]
    written = keeper._file
    lost = folder / f"{name}-lost.recovery"
    lost.write_text(written.read_text().replace(f'"pid": {os.getpid()}', '"pid": 999999999'))
    written.unlink()
    return lost
