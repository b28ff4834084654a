"""Ctrl+F1 shows by key what hovering shows."""

import pytest
from builders import a_project, a_residual_cnn, node_named
from window_hands import Windows, wait_until

from app.inspector.form import Row
from app.main_window import MainWindow
from app.shell.focus_tip import show_focus_tip, words_for


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(a_residual_cnn()), with_panels=False)


def test_the_tip_of_the_selected_card_and_wire_is_shown_by_key(window: MainWindow) -> None:
    window.canvas.setFocus()
    wait_until(window.canvas.hasFocus)
    graph = window.document.graph
    window.document.select([node_named(graph, "conv2d_2")])

    assert "Conv2d" in show_focus_tip(window)
    window.document.select((), link=graph.links[0])
    assert "1×28×28" in show_focus_tip(window)
    window.document.select(())
    assert show_focus_tip(window) == ""


def test_a_button_says_its_tooltip_and_a_field_its_help(window: MainWindow) -> None:
    window.document.select([node_named(window.document.graph, "conv2d_2")])
    rows = window.properties.findChildren(Row)
    fields = [(row.editor.focusProxy() or row.editor, row.editor.toolTip()) for row in rows]

    assert words_for(window.header.train.device) == "Where to train"
    assert fields
    for field, tip in fields:
        assert tip and words_for(field) == tip
