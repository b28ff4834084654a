"""The strip of samples where it is narrower than its samples."""

import itertools

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.plots.sample_strip import SampleStrip


@pytest.fixture
def strip(qtbot: QtBot) -> SampleStrip:
    made = SampleStrip()
    qtbot.addWidget(made)
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    made.show_samples([image] * 8, [])
    return made


def test_all_samples_are_shown_where_there_is_room(strip: SampleStrip) -> None:
    strip.resize(strip.sizeHint())

    assert strip.shown == range(8)


@pytest.mark.parametrize("width", [40, 111, 150, 200, 280])
def test_no_sample_is_cut_and_the_chosen_one_is_there(strip: SampleStrip, width: int) -> None:
    strip.resize(width, 40)

    for sample in range(8):
        strip.show_chosen(sample)
        assert sample in strip.shown
        assert all(strip._cell(shown).right() <= width for shown in strip.shown)
        assert strip._sample_at(strip._cell(sample).center()) == sample


def test_samples_that_are_texts_show_how_they_begin(qtbot: QtBot) -> None:
    strip = SampleStrip()
    qtbot.addWidget(strip)
    bars = QImage(4, 4, QImage.Format.Format_RGB32)
    bars.fill(QColor("red"))

    strip.show_samples([bars] * 2, ["label good", "label bad"], ["I love this tea", "Stale"])
    strip.resize(strip.sizeHint())

    assert strip.shown == range(2)
    assert strip.accessibleDescription() == "Sample 1, label good: I love this tea"
    shown = strip.grab().toImage()
    places = itertools.product(range(shown.width()), range(shown.height()))
    inks = {QColor(shown.pixel(x, y)).name() for x, y in places}
    assert "#ff0000" not in inks and len(inks) > 3
