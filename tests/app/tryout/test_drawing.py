"""Strokes as the picture of a model, judged by the figures of MNIST's own making."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication, QSlider, QWidget
from pytestqt.qtbot import QtBot
from tryout_hands import IMAGE

from app.tryout.drawing import Stroke, drawn_pixels
from app.tryout.sketch_pad import SketchPad
from app.widgets import Button

places = st.tuples(st.floats(20, 260), st.floats(20, 260))


def test_nothing_drawn_is_a_blank_picture() -> None:
    assert not drawn_pixels((), (1, 28, 28)).any()


@given(st.lists(places, min_size=1, max_size=6))
def test_no_ink_is_lost_and_it_fills_five_sevenths(points: list[tuple[float, float]]) -> None:
    pixels = drawn_pixels((Stroke(tuple(points), 26.0),), (1, 28, 28))[0]

    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    longest = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    assert 20 <= longest <= 21
    assert pixels.max() > 200


def test_where_on_the_pad_it_was_drawn_makes_no_difference() -> None:
    shape = [(0.0, 0.0), (40.0, 60.0), (10.0, 80.0)]
    here, there = (
        Stroke(tuple((x + dx, y + dy) for x, y in shape), 20.0) for dx, dy in ((30, 40), (180, 170))
    )

    first, second = (drawn_pixels((stroke,), (1, 28, 28)) for stroke in (here, there))

    assert np.abs(first.astype(int) - second.astype(int)).max() <= 2


def test_the_ink_is_centred_by_its_mass() -> None:
    heavy_below = (Stroke(((140, 60), (140, 220)), 24.0), Stroke(((90, 220), (190, 220)), 24.0))

    pixels = drawn_pixels(heavy_below, (1, 28, 28))[0].astype(float)

    middle = (pixels.sum(1) * (np.arange(28) + 0.5)).sum() / pixels.sum()
    assert middle == pytest.approx(14, abs=0.3)


def test_a_model_of_colour_pictures_gets_the_ink_in_every_channel(qapp: QApplication) -> None:
    pixels = drawn_pixels((Stroke(((50, 50), (200, 200)), 26.0),), (3, 32, 24))

    assert pixels.shape == (3, 32, 24)
    assert (pixels[0] == pixels[1]).all() and (pixels[0] == pixels[2]).all()


@pytest.mark.parametrize("width", [180, 240, 280, 320])
def test_what_draws_has_room_below_a_narrow_pad(qtbot: QtBot, width: int) -> None:
    dock = QWidget()
    qtbot.addWidget(dock)
    pad = SketchPad(IMAGE, dock)
    pad.resize(width, 420)
    dock.show()
    QApplication.processEvents()

    parts = [part for part in pad.findChildren(QWidget) if isinstance(part, Button | QSlider)]
    assert len(parts) == 3
    buttons = [part for part in parts if isinstance(part, Button)]
    assert all(button.width() >= button.sizeHint().width() for button in buttons)
    assert all(pad.rect().contains(part.geometry()) for part in parts)
    boxes = [part.geometry() for part in parts]
    assert not any(one.intersects(other) for one, other in itertools.combinations(boxes, 2))
