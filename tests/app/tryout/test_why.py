"""Why the model answers what it does, in the Try it panel."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot
from tryout_hands import IMAGE, SERIES, TABLE, TEXT, Hands, explained, pick, samples

from app.theme import current_theme
from app.tryout.choosing import pads_for
from app.tryout.series_pad import SeriesPad
from engine.training.insight import InputExplained, InputField


def _away(one: QColor, other: QColor) -> int:
    pairs = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
    return sum(abs(a - b) for a, b in pairs)


def test_an_explanation_is_laid_over_what_the_model_receives(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    hands.answer()
    with qtbot.waitSignal(hands.panel.why_changed) as asked:
        pick(hands.panel.why.ways, "occlusion")
    parts = np.zeros((28, 28), np.int8)
    parts[3, 4], parts[5, 6] = 127, -127
    subject = hands.asked[-1]
    assert subject is not None

    explained = InputExplained(
        subject=subject.key,
        sample=-1,
        method="occlusion",
        target=7,
        shape=(28, 28),
        parts=parts.tobytes(),
        largest=2.0,
    )
    hands.panel.show_events([explained])

    overlay = hands.panel.received.overlay
    assert asked.args == ["occlusion", None]
    assert overlay.pixelColor(4, 3).alpha() > 200 and overlay.pixelColor(0, 0).alpha() == 0
    assert overlay.pixelColor(4, 3).rgb() != overlay.pixelColor(6, 5).rgb()
    assert hands.panel.why.legend.isVisible()


def test_another_class_than_the_answer_is_explained(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    hands.answer(best=7)
    pick(hands.panel.why.ways, "gradient")
    assert hands.panel.why.title.text() == "Why 7?"

    with qtbot.waitSignal(hands.panel.why_changed) as asked:
        pick(hands.panel.why.classes, "3")
    hands.answer(best=9)

    assert asked.args == ["gradient", 3]
    assert hands.panel.why.title.text() == "Why 3?"
    of_the_answer = explained(hands, (28, 28), target=9)
    hands.panel.show_events([of_the_answer])
    assert not hands.panel.why.legend.isVisible(), "it was asked before"
    hands.panel.show_events([replace(of_the_answer, target=3)])
    assert hands.panel.why.legend.isVisible()


def test_what_each_column_of_a_row_adds_is_told_the_most_first(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(TABLE, (3,)))
    hands.answer(best=1)
    pick(hands.panel.why.ways, "gradient")

    told = replace(explained(hands, (2,), target=1), columns=("age", "job"), largest=2.54)
    hands.panel.show_events([replace(told, parts=np.array([-50, 127], np.int8).tobytes())])

    bars = hands.panel.why.columns
    assert bars.isVisible() and bars.rows == (("job", 2.54), ("age", pytest.approx(-1.0)))
    hands.panel.choose_pad("form")
    assert not bars.isVisible()


@pytest.mark.parametrize(
    ("field", "ways"),
    [(IMAGE, 5), (TEXT, 3), (TABLE, 4)],
    ids=["pictures", "texts", "tables"],
)
def test_only_ways_that_apply_to_the_input_are_offered(
    qtbot: QtBot, field: InputField, ways: int
) -> None:
    hands = Hands(qtbot, samples(field, field.sizes))

    assert hands.panel.why.ways.count() == ways


def test_what_the_steps_of_a_series_add_colours_them(qtbot: QtBot) -> None:
    (pad,) = (make() for make in pads_for([SERIES]).values())
    qtbot.addWidget(pad)
    assert isinstance(pad, SeriesPad)
    before = pad.curves.grab().toImage()
    first, last = (pad.curves.point(step, 0).toPoint() - QPoint(0, 40) for step in (1, 3))

    pad.show_parts(np.array([0, 127, 0, -127, 0], np.int8))

    after = pad.curves.grab().toImage()
    colours = current_theme().colours
    for place, colour in ((first, colours.train), (last, colours.val)):
        was, now = before.pixelColor(place), after.pixelColor(place)
        assert _away(now, colour) < _away(was, colour)
