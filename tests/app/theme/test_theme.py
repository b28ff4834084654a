import subprocess
import sys

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.theme import current_theme, icon, load_theme, theme_manager, tile_icon
from app.theme.palette import palette


def ink(picture: QIcon) -> QColor:
    """The colour of the most opaque pixel."""
    image = picture.pixmap(QSize(16, 16), 2.0).toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(pixels, key=QColor.alpha)


def test_choosing_a_theme_dresses_the_application_and_its_windows(
    qapp: QApplication, qtbot: QtBot
) -> None:
    manager = theme_manager()
    manager.choose("light")
    window = QWidget()
    qtbot.addWidget(window)
    manager.dress(window)
    assert load_theme("light").colours.accent_fill.name() in window.styleSheet()

    manager.choose("dark")

    assert current_theme() is load_theme("dark")
    assert qapp.palette().color(QPalette.ColorRole.Window) == load_theme("dark").colours.window
    assert load_theme("dark").colours.accent_fill.name() in window.styleSheet()
    assert qapp.font().family() == "Inter"


def test_those_who_keep_pictures_hear_of_a_change(qtbot: QtBot) -> None:
    manager = theme_manager()
    manager.choose("light")

    with qtbot.waitSignal(manager.changed):
        manager.choose("dark")
    with qtbot.assertNotEmitted(manager.changed):
        manager.choose("dark")


def test_there_is_one_manager_for_the_application(qapp: QApplication) -> None:
    assert theme_manager() is theme_manager()
    assert theme_manager().parent() is qapp


def test_system_follows_what_the_desktop_says(qapp: QApplication) -> None:
    manager = theme_manager()
    manager.choose("dark")

    manager.choose("system")

    # Offscreen has no colour scheme, so its light palette speaks.
    assert manager.choice == "system"
    assert current_theme().name == "light"


def test_an_icon_changes_with_the_theme(qapp: QApplication) -> None:
    theme_manager().choose("dark")
    plus = icon("plus", "accent")
    dark = ink(plus)

    theme_manager().choose("light")

    assert dark == load_theme("dark").colours.accent
    assert ink(plus) == load_theme("light").colours.accent


def test_an_icon_is_as_sharp_as_the_screen(qapp: QApplication) -> None:
    picture = icon("plus").pixmap(QSize(16, 16), 2.0)

    assert picture.size() == QSize(32, 32)
    assert picture.devicePixelRatio() == 2


def test_a_disabled_icon_is_faint(qapp: QApplication) -> None:
    picture = icon("stop").pixmap(QSize(16, 16), 1.0, QIcon.Mode.Disabled)

    assert picture.toImage().pixelColor(8, 8).alphaF() == pytest.approx(0.45, abs=0.02)


def test_a_checked_icon_takes_its_own_colour(qapp: QApplication) -> None:
    theme_manager().choose("dark")

    picture = icon("stop", "text2", checked="text").pixmap(
        QSize(16, 16), 1.0, QIcon.Mode.Normal, QIcon.State.On
    )

    assert picture.toImage().pixelColor(8, 8) == load_theme("dark").colours.text


def test_a_tile_wears_its_category(qapp: QApplication) -> None:
    theme_manager().choose("light")

    tile = tile_icon("pool").pixmap(QSize(28, 28), 1.0).toImage()

    assert tile.pixelColor(14, 3) == load_theme("light").category["pool"]
    assert tile.pixelColor(0, 0).alpha() < 128


def test_the_palette_leaves_no_role_to_qt(qapp: QApplication) -> None:
    made = palette(load_theme("dark"))

    for role in QPalette.ColorRole:
        if role not in (QPalette.ColorRole.NoRole, QPalette.ColorRole.NColorRoles):
            assert made.isBrushSet(QPalette.ColorGroup.Active, role), role


def test_importing_the_look_loads_nothing_heavy() -> None:
    code = (
        "import sys, app.theme, app.widgets;"
        "print({'numpy', 'pyqtgraph', 'networkx', 'torch'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
