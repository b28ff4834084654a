"""The left dock in a narrow window: over the canvas, and gone with a press on it."""

import pytest
from builders import a_project, a_residual_cnn
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
    dock = window.docks["left"]
    assert window.dockWidgetArea(dock) == Qt.DockWidgetArea.LeftDockWidgetArea
    wait_until(lambda: dock.geometry().right() < window.canvas.mapTo(window, QPoint()).x())


def test_layouts_change_around_it(window: MainWindow) -> None:
    narrow(window)

    window.show_layout("train")
    window.show_layout("build")

    assert window.docks["left"].isHidden() and window.docks["right"].isVisible()


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
