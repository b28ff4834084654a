import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.plots.channels import ChannelGrid
from app.plots.images import map_image, sample_image
from app.theme import load_theme


def a_grid(qtbot: QtBot, channels: int = 16) -> ChannelGrid:
    grid = ChannelGrid()
    qtbot.addWidget(grid)
    grid.resize(360, 400)
    maps = np.zeros((channels, 4, 4), dtype=np.uint8)
    maps[:, 0, 0] = 255
    grid.show_maps(maps, -1.0, 1.0, dead=[3])
    return grid


@pytest.mark.parametrize(
    ("channels", "shape", "pages"),
    [
        (1, (1, 1), 1),
        (6, (4, 2), 1),
        (16, (4, 4), 1),
        (32, (8, 4), 1),
        (64, (8, 8), 1),
        (200, (8, 8), 4),
    ],
)
def test_the_grid_fits_the_number_of_channels(
    qtbot: QtBot, channels: int, shape: tuple[int, int], pages: int
) -> None:
    grid = a_grid(qtbot, channels)

    assert grid.columns_and_rows == shape
    assert grid.pages == pages


def test_a_click_selects_the_channel_under_it(qtbot: QtBot) -> None:
    grid = a_grid(qtbot)

    with qtbot.waitSignal(grid.channel_chosen) as chosen:
        qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell(6).center().toPoint())

    assert chosen.args == [6]
    assert grid.line == "Channel 6 selected · mean −0.875 · max 1.00"


def test_asking_for_a_menu_selects_no_channel(qtbot: QtBot) -> None:
    grid = a_grid(qtbot)

    with qtbot.assertNotEmitted(grid.channel_chosen):
        qtbot.mouseClick(grid, Qt.MouseButton.RightButton, pos=grid.cell(6).center().toPoint())


def test_arrows_walk_over_the_grid_and_its_pages(qtbot: QtBot) -> None:
    grid = a_grid(qtbot, 130)
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_PageDown):
        qtbot.keyClick(grid, key)

    assert grid.chosen == 1 + 8 + 64
    assert grid.page == 1
    qtbot.keyClick(grid, Qt.Key.Key_End)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.chosen == 129


def test_enter_shows_the_channel_large_and_escape_goes_back(qtbot: QtBot) -> None:
    grid = a_grid(qtbot)
    grid.choose(2)

    qtbot.keyClick(grid, Qt.Key.Key_Return)
    was_large = grid.is_large
    qtbot.keyClick(grid, Qt.Key.Key_Escape)

    assert was_large
    assert not grid.is_large


def test_a_dead_channel_is_said_to_be_dead(qtbot: QtBot) -> None:
    grid = a_grid(qtbot)

    grid.choose(3)

    assert "zero for every sample" in grid.accessibleDescription()


def test_fewer_channels_than_the_selected_one_unselect_it(qtbot: QtBot) -> None:
    grid = a_grid(qtbot)
    grid.choose(15)

    grid.show_maps(np.zeros((4, 2, 2), dtype=np.uint8), 0, 1)
    grid.grab()

    assert grid.chosen == -1


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_map_runs_from_the_first_to_the_last_colour_of_the_theme(name: str) -> None:
    theme = load_theme("dark" if name == "dark" else "light")

    image = map_image(np.array([[0, 255]], dtype=np.uint8), theme)

    assert image.pixelColor(0, 0) == theme.activation_map[0]
    assert image.pixelColor(1, 0) == theme.activation_map[-1]


def test_samples_are_in_the_ink_of_the_theme_and_colour_stays() -> None:
    theme = load_theme("light")

    grey = sample_image(np.array([[[0, 255]]], dtype=np.uint8), theme)
    colour = sample_image(np.array([[[10]], [[20]], [[30]]], dtype=np.uint8), theme)
    vector = sample_image(np.array([0, 128, 255], dtype=np.uint8), theme)

    assert (grey.pixelColor(0, 0), grey.pixelColor(1, 0)) == (
        theme.colours.canvas,
        theme.colours.text,
    )
    assert colour.pixelColor(0, 0).getRgb() == (10, 20, 30, 255)
    assert vector.width() == 3
