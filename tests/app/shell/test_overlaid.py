"""The docks in a narrow window: over the canvas, and gone with a press on it."""

import pytest
from builders import a_project, a_residual_cnn, node_named
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from window_hands import Windows, wait_until

from app.main_window import MainWindow
from app.theme import theme_manager


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(a_residual_cnn()), with_panels=False)


def narrow(window: MainWindow) -> None:
    window.resize(1024, 640)
    wait_until(lambda: window.overlaid.is_overlaid)
    QTest.qWait(1)


def test_a_narrow_window_gives_the_room_of_the_left_dock_to_the_canvas(window: MainWindow) -> None:
    narrow(window)

    left = window.rail.mapTo(window, window.rail.rect().topRight()).x() + 1
    assert window.docks["left"].isHidden()
    wait_until(lambda: abs(window.canvas.mapTo(window, QPoint()).x() - left) <= 2)


def test_the_dock_opens_over_the_canvas_and_goes_with_a_press_on_it(window: MainWindow) -> None:
    narrow(window)
    before = window.canvas.width()

    window.actions_by_key["panel_library"].trigger()

    dock = window.docks["left"]
    assert dock.isVisible() and window.canvas.width() == before
    assert dock.geometry().left() <= window.canvas.mapTo(window, QPoint()).x() + 2
    assert dock.height() == window.rail.height()
    port = window.canvas.viewport()
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=QPoint(port.width() - 20, 60))
    assert dock.isHidden()


def test_a_wider_window_has_it_beside_the_canvas_again(window: MainWindow) -> None:
    narrow(window)

    window.resize(1500, 950)

    wait_until(lambda: window.docks["left"].isVisible())
    assert window.docks["right"].isVisible() and not window.right_rail.isVisible()
    dock = window.docks["left"]
    assert window.dockWidgetArea(dock) == Qt.DockWidgetArea.LeftDockWidgetArea
    wait_until(lambda: dock.geometry().right() < window.canvas.mapTo(window, QPoint()).x())


def test_layouts_change_around_it(window: MainWindow) -> None:
    narrow(window)

    window.show_layout("train")
    window.show_layout("build")

    assert window.docks["left"].isHidden() and window.docks["right"].isHidden()
    assert window.right_rail.isVisible()


def test_between_the_two_widths_only_the_left_dock_gives_way(window: MainWindow) -> None:
    window.resize(1200, 800)

    wait_until(lambda: window.overlaid.is_overlaid)

    assert window.docks["right"].isVisible() and not window.right_rail.isVisible()
    assert not window.overlaid_right.is_overlaid


def _press_on(window: MainWindow, place: QPoint) -> None:
    QTest.mouseClick(window.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_properties_open_over_the_canvas_and_stay_while_layers_are_chosen(
    window: MainWindow,
) -> None:
    narrow(window)
    dock, before = window.docks["right"], window.canvas.width()
    wait_until(window.right_rail.isVisible)

    window.right_rail.asked.emit("properties")

    assert dock.isVisible() and window.canvas.width() == before
    assert dock.geometry().right() + 1 == window.right_rail.mapTo(window, QPoint()).x()
    node = node_named(window.document.graph, "max_pool2d")
    item = window.canvas.canvas.nodes[node]
    window.canvas.pan_by(20 - window.canvas.view_rect(item.far_rect()).left(), 0)
    _press_on(window, window.canvas.view_rect(item.far_rect()).center())
    assert window.document.selection == {node} and dock.isVisible()
    window.edit_parameters()
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Escape)
    assert dock.isHidden() and QApplication.focusWidget() is window.canvas
    assert window.document.selection == {node}


def test_the_icon_and_the_empty_canvas_close_it_too(window: MainWindow) -> None:
    narrow(window)
    dock = window.docks["right"]
    for _ in range(2):
        window.right_rail.asked.emit("code")
    assert dock.isHidden()
    window.right_rail.asked.emit("code")
    assert dock.isVisible()

    _press_on(window, QPoint(30, 300))

    assert dock.isHidden()


def test_a_narrow_window_forgets_no_layout(windows: Windows, window: MainWindow) -> None:
    window.docks["right"].hide()
    narrow(window)
    windows.close(window)

    later = windows(a_project(), with_panels=False)

    later.resize(1500, 950)
    wait_until(lambda: not later.overlaid.is_overlaid)
    assert later.docks["left"].isVisible()


def test_menus_fold_into_one_button_where_large_text_leaves_them_no_room(
    window: MainWindow,
) -> None:
    narrow(window)
    header = window.header
    assert header.menu_bar.isVisible() and header.menu_button.isHidden()
    theme_manager().choose_text_size(200)
    try:
        wait_until(header.menu_button.isVisible)
        wait_until(lambda: header.layouts.geometry().right() < header._undo.x())
        header.menu_button.click()
        popup = QApplication.activePopupWidget()

        assert isinstance(popup, QMenu)
        assert [a.text() for a in popup.actions()] == [a.text() for a in header.menu_bar.actions()]
        popup.close()
    finally:
        theme_manager().choose_text_size(100)
    wait_until(header.menu_bar.isVisible)
