"""The values of a row beside the numbers that stand for them."""

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.data.value_rows import ValueRows
from app.theme import current_theme
from engine.data.sample_steps import SampleStep


def shown(qtbot: QtBot, *steps: SampleStep) -> ValueRows:
    rows = ValueRows()
    qtbot.addWidget(rows)
    rows.resize(300, 40 + 24 * len(steps))
    rows.show_values(steps)
    rows.show()
    qtbot.waitUntil(lambda: rows.lines.height() == rows.lines.sizeHint().height())
    return rows


def accents(rows: ValueRows) -> list[float]:
    """Return the middle of what is drawn in the accent along each line; NaN where nothing is."""
    image = rows.lines.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    accent = current_theme().colours.accent
    wanted = (accent.blue(), accent.green(), accent.red())
    is_accent = np.abs(pixels[..., :3].astype(int) - wanted).max(axis=-1) < 12
    height = rows.lines.sizeHint().height() // len(rows.lines.accessibleName().splitlines())
    places = [np.nonzero(line.any(axis=0))[0] for line in np.split(is_accent, [height, 2 * height])]
    return [float(place.mean()) if len(place) else float("nan") for place in places]


def number(name: str, value: float) -> SampleStep:
    return SampleStep(name, "8", f"{value:g}", (value,))


def test_each_value_is_told_with_what_it_becomes_and_all_are_counted(qtbot: QtBot) -> None:
    rows = shown(
        qtbot, number("age", 0.5), SampleStep("home", "rent", "0 1 0", (0.0, 1.0, 0.0), "cells")
    )

    assert rows.lines.accessibleName() == "age: 8 → 0.5\nhome: rent → 0 1 0"
    assert rows.findChildren(QLabel)[0].accessibleName() == "2 values as stored → 4 numbers"
    rows.show_values(())
    assert rows.isHidden()


def test_a_bar_goes_to_the_side_of_its_sign_and_a_place_in_a_list_has_none(qtbot: QtBot) -> None:
    place = SampleStep("kind", "b", "2", (2.0,), "place")

    above, below, none = accents(shown(qtbot, number("a", 2.0), number("b", -2.0), place))

    assert above > below and np.isnan(none)


def test_a_category_is_a_filled_cell_at_its_place(qtbot: QtBot) -> None:
    first, second, third = (
        SampleStep("home", "rent", "", tuple(float(cell == place) for cell in range(3)), "cells")
        for place in range(3)
    )

    places = accents(shown(qtbot, first, second, third))

    assert places[0] < places[1] < places[2]


def test_a_value_that_is_missing_is_marked_behind_its_number(qtbot: QtBot) -> None:
    there, missing = (SampleStep("a", "–", "0", (0.0, mark)) for mark in (0.0, 1.0))

    whole, gap, _ = accents(shown(qtbot, there, missing, number("b", 1.0)))

    assert np.isnan(whole) and gap > 280
