"""The Window menu: a panel becomes a window of its own, and stands in its place again."""

from builders import a_project, node_named
from PySide6.QtGui import QAction
from window_hands import Windows

from app.outline import OutlinePanel
from app.shell.submenus import float_menu
from app.theme import current_theme


def entry_of(menu: object, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)  # type: ignore[attr-defined]


def test_a_panel_floats_and_is_put_back_by_the_entry_with_its_name(windows: Windows) -> None:
    window = windows(a_project(), with_panels=False)
    dock, menu = window.docks["right"], float_menu(window, window.docks)

    for wanted in (True, False):
        menu.aboutToShow.emit()
        entry_of(menu, "Properties").trigger()
        assert dock.isFloating() == wanted


def test_a_panel_that_floats_has_a_border_all_around(windows: Windows) -> None:
    window = windows(a_project(), with_panels=False)
    dock = window.docks["right"]
    line = current_theme().colours.line2.name()

    def border() -> set[str]:
        seen = dock.grab().toImage()
        right, bottom = seen.width() - 1, seen.height() - 1
        middle = ((right // 2, 0), (right // 2, bottom), (0, bottom // 2), (right, bottom // 2))
        return {seen.pixelColor(*place).name() for place in middle}

    assert border() != {line}
    dock.float_aside(True)
    assert border() == {line}
    dock.resize(dock.width() + 40, dock.height() - 60)
    assert border() == {line}


def test_only_panels_that_are_open_can_float(windows: Windows) -> None:
    window = windows(a_project(), with_panels=False)
    menu = float_menu(window, window.docks)
    for dock in window.docks.values():
        dock.hide()

    menu.aboutToShow.emit()

    assert [action.isEnabled() for action in menu.actions()] == [False]


def test_what_is_asked_for_the_project_opens_it_from_inside_a_selection(windows: Windows) -> None:
    window = windows(a_project(), with_panels=False)
    window.canvas.select_all()

    window.actions_by_key["project_settings"].trigger()

    assert not window.document.selection
    assert window.docks["right"].current == "properties"


def test_how_weights_begin_is_asked_for_where_there_are_weights(windows: Windows) -> None:
    window = windows(a_project(), with_panels=False)
    window.canvas.setFocus()

    window.document.select([node_named(window.document.graph, "flatten")])
    window.actions_by_key["initialise"].trigger()
    assert not window.properties.isAncestorOf(window.focusWidget())
    window.document.select([node_named(window.document.graph, "conv2d")])
    window.actions_by_key["initialise"].trigger()

    assert window.properties.isAncestorOf(window.focusWidget())


def test_the_keys_of_the_outline_lead_into_its_tree_and_back_to_the_canvas(
    windows: Windows,
) -> None:
    window = windows(a_project())
    outline = window.findChild(OutlinePanel)
    assert outline is not None
    window.canvas.setFocus()

    window.actions_by_key["panel_outline"].trigger()
    assert outline.tree.hasFocus()
    window.actions_by_key["panel_outline"].trigger()

    assert window.canvas.hasFocus()
