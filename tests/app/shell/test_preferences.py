"""Each preference does what it says, at once and after a restart."""

from collections.abc import Iterator

import pytest
from builders import a_project, a_residual_cnn
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontInfo, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton
from window_hands import Windows, wait_until

from app.dialogs.preferences import PreferencesDialog
from app.main_window import MainWindow
from app.shell.preferences import PREFERENCES
from app.theme import current_theme, font, theme_manager


@pytest.fixture
def window(windows: Windows) -> Iterator[MainWindow]:
    theme_manager().choose("light")
    yield windows(a_project(a_residual_cnn()), with_panels=False)
    theme_manager().choose_text_size(100)
    theme_manager().choose("light")


def turn_wheel(window: MainWindow) -> None:
    viewport = window.canvas.viewport()
    centre = QPointF(viewport.rect().center())
    event = QWheelEvent(
        centre,
        viewport.mapToGlobal(centre),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def test_the_wheel_zooms_or_scrolls(window: MainWindow) -> None:
    window.canvas.zoom_to(0.8)
    turn_wheel(window)
    zoomed, seen = window.canvas.zoom, window.canvas.seen_rect()
    assert zoomed > 0.8

    window.preferences.choose("wheel", "scroll")
    turn_wheel(window)

    assert window.canvas.zoom == zoomed
    assert window.canvas.seen_rect().top() < seen.top()


def test_tab_adds_a_layer_or_moves_on(window: MainWindow) -> None:
    window.preferences.choose("tab", "focus")
    window.canvas.setFocus()
    wait_until(window.canvas.hasFocus)

    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)

    assert window.canvas.adding.list.isHidden() and not window.canvas.hasFocus()


def test_what_was_chosen_holds_in_the_next_window(windows: Windows, window: MainWindow) -> None:
    chosen = {key: each.choices[-1][0] for key, each in PREFERENCES.items()}

    for key, last in chosen.items():
        window.preferences.choose(key, last)

    later = windows(a_project(), with_panels=False)
    assert {key: later.preferences.value(key) for key in chosen} == chosen


def test_high_contrast_draws_on_plain_ground(window: MainWindow) -> None:
    window.preferences.choose("theme", "contrast")

    theme = current_theme()
    assert theme.has_high_contrast and theme.colours.canvas == theme.colours.panel
    assert window.canvas.style_now().colours.canvas == theme.colours.canvas


def test_larger_text_grows_words_bars_and_fields_but_not_the_cards(window: MainWindow) -> None:
    label = window.properties.findChildren(QLabel)[0]
    button = window.header.train.findChildren(QPushButton)[0]
    before = (label.fontInfo().pixelSize(), window.header.height(), button.sizeHint().height())
    card = window.canvas.canvas.content_rect()

    window.preferences.choose("text_size", "200")
    QApplication.processEvents()

    after = (label.fontInfo().pixelSize(), window.header.height(), button.sizeHint().height())
    assert [new / old for new, old in zip(after, before, strict=True)] == pytest.approx(
        [2, 2, 2], abs=0.12
    )
    assert font("body").pixelSize() == 2 * font("body", scaled=False).pixelSize()
    assert window.canvas.canvas.content_rect() == card


def test_text_comes_back_to_its_size(window: MainWindow) -> None:
    wait_until(lambda: window.run_view.has_panels, "all that is written on is there")
    labels = [*window.findChildren(QLabel), *window.findChildren(QLineEdit)]
    before = [QFontInfo(label.font()).pointSizeF() for label in labels]

    for size in ("115", "150", "200", "130", "100"):
        window.preferences.choose("text_size", size)

    after = [QFontInfo(label.font()).pointSizeF() for label in labels]
    assert after == pytest.approx(before, abs=0.02)


def test_dialog_menu_and_palette_show_one_and_the_same_choice(window: MainWindow) -> None:
    dialog = PreferencesDialog(window.preferences, window.keymap, window.actions_by_key, window)

    palette = window.search.open_palette()
    QTest.keyClicks(palette.field, "theme dark")
    assert palette.commands[0].title == "Theme: Dark"
    palette.commands[0].run()

    menu = window.preferences.menu("theme", window)
    assert [a.text() for a in menu.actions() if a.isChecked()] == ["Dark"]
    assert dialog.field("theme").value == "dark"
    assert current_theme().name == "dark"
    dialog.deleteLater()
    menu.deleteLater()
