"""Pictures keep their form in any box; rows of values, waves and maps of sequences fill it."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.plots.forms import keeping_form, place_in
from app.plots.images import paint_squares, sample_image
from app.plots.picture_grid import PictureGrid
from app.theme import load_theme
from engine.data.showing import as_picture
from nodes.io import DataField

DARK = load_theme("dark")
BOX = QRectF(10, 20, 60, 60)


def sample(*shape: int) -> QImage:
    return sample_image(np.full(shape, 200, np.uint8), DARK)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_wide_and_a_high_picture_stand_in_the_middle_in_their_own_form(channels: int) -> None:
    assert place_in(BOX, sample(channels, 32, 96)) == QRectF(10, 40, 60, 20)
    assert place_in(BOX, sample(channels, 96, 32)) == QRectF(30, 20, 20, 60)
    assert place_in(BOX, sample(channels, 28, 28)) == BOX


def test_a_very_long_picture_can_still_be_seen() -> None:
    assert place_in(BOX, sample(3, 8, 800)).height() == BOX.height() / 4


@pytest.mark.parametrize("shape", [(12,), (1, 4800), (24, 3), (1, 1, 24)])
def test_what_is_no_picture_fills_its_box(shape: tuple[int, ...]) -> None:
    assert place_in(BOX, sample(*shape)) == BOX


def test_a_series_fills_its_box() -> None:
    field = DataField("window", "sequence", (24, 1))
    picture = as_picture(field, np.arange(24, dtype=np.float32)[:, None])

    assert place_in(BOX, sample_image(picture, DARK)) == BOX


def test_a_picture_is_painted_where_it_stands_and_nowhere_else() -> None:
    white = QImage(96, 32, QImage.Format.Format_RGBA8888)
    white.fill(Qt.GlobalColor.white)
    canvas = QImage(80, 100, QImage.Format.Format_RGBA8888)
    canvas.fill(Qt.GlobalColor.black)

    painter = QPainter(canvas)
    paint_squares(painter, keeping_form(white), BOX)
    painter.end()

    assert canvas.pixelColor(40, 50) == QColor(Qt.GlobalColor.white)
    assert canvas.pixelColor(40, 30) == canvas.pixelColor(40, 70) == QColor(Qt.GlobalColor.black)


def test_wide_pictures_of_a_grid_leave_no_room_between_rows(qtbot: QtBot) -> None:
    grid = PictureGrid()
    qtbot.addWidget(grid)
    grid.resize(300, 300)

    grid.show_groups([(np.zeros((3, 32, 96), np.uint8),)] * 8)

    boxes = [grid._box(number, 0) for number in range(8)]
    assert {round(box.width() / box.height(), 3) for box in boxes} == {3.0}
    below = boxes[grid.columns]
    assert 0 < below.top() - boxes[0].bottom() < 10
