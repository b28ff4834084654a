"""Texts, tables and series in the Try it panel."""

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tryout_hands import SERIES, TABLE, TEXT, Hands, samples

from app.tryout.answer import AnswerView
from app.tryout.choosing import pads_for
from app.tryout.date_field import DateField
from app.tryout.form_pad import FormPad, form_columns
from app.tryout.series_pad import SeriesPad
from app.tryout.text_pad import TextPad
from app.widgets import NumberField
from engine.data.preparation import (
    DateColumn,
    Features,
    Plain,
    Standard,
    Tokens,
    Windows,
)
from engine.training.events import ProbeTaken
from engine.training.insight import InputField
from engine.training.texts import TextWritten


def test_a_date_is_written_and_what_is_none_is_taken_back(qtbot: QtBot) -> None:
    when = DateColumn(name="when", fill=18_000.5, mean=18_000, deviation=90, has_hours=True)
    field = InputField(
        name="features", kind="vector", sizes=(7,), prepare=Features(columns=(when,))
    )
    pad = FormPad(form_columns([field]) or [], raw=True)
    qtbot.addWidget(pad)
    written = pad.fields["when"]
    assert isinstance(written, DateField) and written.value == "2019-04-14 12:00"

    for text in ("tomorrow", "2021-05-06"):
        written.setText(text)
        written.editingFinished.emit()

    given = pad.given()
    assert given is not None and given.subject.columns == '{"when": ["2021-05-06"]}'


@pytest.mark.parametrize(
    ("mean", "deviation", "start"),
    [(0.1504479996, 1.2, 0.15), (1234.5678, 0.04, 1234.5678), (52_318.4, 40_000.0, 52_300.0)],
)
def test_a_field_begins_with_no_more_digits_than_make_a_difference(
    mean: float, deviation: float, start: float
) -> None:
    how = Standard(columns=("x",), mean=(mean,), deviation=(deviation,))

    (column,) = form_columns([InputField(name="x", kind="vector", sizes=(1,), prepare=how)]) or []

    assert column.start == start


def test_numbers_that_are_taken_as_they_are_are_asked_for_by_their_names(qtbot: QtBot) -> None:
    field = InputField(name="point", kind="vector", sizes=(2,), prepare=Plain(columns=("x", "y")))
    (pad,) = (make() for make in pads_for([field]).values())
    qtbot.addWidget(pad)
    assert isinstance(pad, FormPad) and list(pad.fields) == ["x", "y"]

    up = pad.fields["y"]
    assert isinstance(up, NumberField)
    up.set_value(0.25)

    given = pad.given()
    assert given is not None
    assert json.loads(given.subject.columns) == {"x": [0.0], "y": [0.25]}


def test_a_long_answer_in_words_is_shown_whole_and_may_break_behind_a_gap(qtbot: QtBot) -> None:
    view = AnswerView()
    qtbot.addWidget(view)
    words = "she␣was␣not␣good␣enough"

    for text, is_long in ((words, True), ("1998-03-03", False)):
        taken = ProbeTaken(
            step=1, epoch=1.0, sample=-1, subject="", layers=(), prediction=(), text=text
        )
        view.show_answer(taken, ("nothing", "␣"))
        assert view.text.isVisibleTo(view) is is_long
        assert view.number.isVisibleTo(view) is not is_long

    assert view.text.accessibleName().replace("\u200b", "") == words
    assert view.number.text() == "1998-03-03"


def test_a_text_is_asked_about_in_the_column_of_the_data(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(TEXT, (6,)))
    assert isinstance(hands.panel.pad, TextPad)

    hands.panel.pad.text.setPlainText("A good film")
    qtbot.waitUntil(lambda: bool(hands.asked))

    subject = hands.asked[-1]
    assert subject is not None and subject.columns == '{"review": ["A good film"]}'
    assert hands.panel.pad.chips._tokens == ("a", "good", "film")


def test_a_table_begins_with_a_typical_row(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(TABLE, (3,)))

    subject = hands.asked[-1]

    assert subject is not None and subject.columns == '{"age": [40.0], "job": ["baker"]}'


@pytest.mark.parametrize(
    "text", ["year,spots\n" + "\n".join(f"{n},{n}" for n in range(9)), "4 5 6 7 8", "4\n5\n6\n7\n8"]
)
def test_the_latest_rows_of_what_is_pasted_are_the_series(qtbot: QtBot, text: str) -> None:
    hands = Hands(qtbot, samples(SERIES, (5, 1)))
    assert isinstance(hands.panel.pad, SeriesPad)
    QApplication.clipboard().setText(text)

    hands.panel.pad.paste()

    subject = hands.asked[-1]
    assert subject is not None and json.loads(subject.columns) == {"spots": [4, 5, 6, 7, 8]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 2 3", "it has 3 rows, the model reads the latest 5"),
        ("1 2\n3 4", "A row is to hold 1 numbers: spots"),
        ("many spots", "no rows with named columns"),
        ("", "Give rows of numbers"),
    ],
)
def test_what_is_no_series_is_told(qtbot: QtBot, text: str, said: str) -> None:
    hands = Hands(qtbot, samples(SERIES, (5, 1)))
    assert isinstance(hands.panel.pad, SeriesPad)
    asked = len(hands.asked)
    QApplication.clipboard().setText(text)

    with qtbot.waitSignal(hands.panel.pad.problem) as told:
        hands.panel.pad.paste()

    assert told.args is not None and said in told.args[0] and len(hands.asked) == asked


def test_frames_of_a_file_are_filled_up_in_front(qtbot: QtBot, tmp_path: Path) -> None:
    how = Windows(columns=("a", "b"), mean=(0.0, 0.0), deviation=(1.0, 1.0), length=4, fills=True)
    field = InputField(name="sound", kind="sequence", sizes=(4, 2), prepare=how)
    hands = Hands(qtbot, samples(field, (4, 2)))
    assert isinstance(hands.panel.pad, SeriesPad)
    np.save(tmp_path / "frames.npy", np.array([[1.0, 2.0], [3.0, 4.0]]))

    hands.panel.pad.read_file(tmp_path / "frames.npy")

    subject = hands.asked[-1]
    assert subject is not None
    assert json.loads(subject.columns) == {"a": [0, 0, 1, 3], "b": [0, 0, 2, 4]}


def test_the_right_button_draws_no_series(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(SERIES, (5, 1)))
    assert isinstance(hands.panel.pad, SeriesPad)
    curves = hands.panel.pad.curves
    before = curves.values.copy()

    QTest.mouseClick(curves, Qt.MouseButton.RightButton, pos=QPoint(60, 8))

    assert np.array_equal(curves.values, before)


def test_a_series_is_drawn_step_by_step(qtbot: QtBot) -> None:
    windows = Windows(columns=("spots",), mean=(80.0,), deviation=(40.0,), length=24)
    field = InputField(name="window", kind="sequence", sizes=(24, 1), prepare=windows)
    hands = Hands(qtbot, samples(field, (24, 1)))
    assert isinstance(hands.panel.pad, SeriesPad)
    curves, many = hands.panel.pad.curves, len(hands.asked)

    top_left, top_right = (QPoint(x, 8) for x in (46, curves.width() - 8))
    QTest.mousePress(curves, Qt.MouseButton.LeftButton, pos=top_left)
    move = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(top_right),
        curves.mapToGlobal(QPointF(top_right)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(curves, move)
    qtbot.waitUntil(lambda: len(hands.asked) > many)

    subject = hands.asked[-1]
    assert subject is not None
    spots = json.loads(subject.columns)["spots"]
    assert len(spots) == 24 and min(spots) > 190 and max(spots) <= 200


LETTERS = InputField(
    name="text",
    kind="tokens",
    sizes=(9,),
    prepare=Tokens(
        column="text",
        unit="character",
        vocabulary=tuple(" abc"),
        length=9,
        keeps_end=True,
        fills_end=True,
    ),
)


def test_a_model_that_foresees_letters_writes_on(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(LETTERS, (9,)))
    pad, written = hands.panel.pad, hands.panel.written
    assert isinstance(pad, TextPad) and written.isVisible() and not written.button.isEnabled()
    pad.text.setPlainText("ab <b>")
    qtbot.waitUntil(lambda: bool(hands.asked))

    written.temperature.set_value(0.3)
    written.button.click()
    subject = hands.asked[-1]
    assert subject is not None and subject.writing is not None
    told = TextWritten(subject=subject.key, text="c & <i>", is_whole=True)
    hands.panel.show_events([told])

    assert subject.writing.temperature == 0.3 and subject.columns == '{"text": ["ab <b>"]}'
    assert written.text.accessibleName() == "ab <b>c & <i>"
    assert "<i>" not in written.text.text() and "<b>" not in written.text.text()
    written.button.click()
    again = hands.asked[-1]
    assert again is not None and again.writing is not None
    assert again.writing.seed != subject.writing.seed


def test_another_beginning_takes_what_was_written_away(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(LETTERS, (9,)))
    pad, written = hands.panel.pad, hands.panel.written
    assert isinstance(pad, TextPad)
    pad.text.setPlainText("ab")
    qtbot.waitUntil(lambda: bool(hands.asked))
    written.button.click()
    subject = hands.asked[-1]
    assert subject is not None
    hands.panel.show_events([TextWritten(subject=subject.key, text="cc")])
    many = len(hands.asked)

    pad.text.setPlainText("b")
    qtbot.waitUntil(lambda: len(hands.asked) > many)

    assert not written.text.isVisible() and hands.asked[-1].writing is None  # type: ignore[union-attr]


def test_a_text_that_is_only_read_offers_no_writing(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(TEXT, (6,)))

    assert not hands.panel.written.isVisible()


def test_an_answer_in_words_stands_in_the_place_of_bars(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(TEXT, (6,)))
    assert isinstance(hands.panel.pad, TextPad)
    hands.panel.pad.text.setPlainText("good")
    qtbot.waitUntil(lambda: bool(hands.asked))
    subject = hands.asked[-1]
    assert subject is not None

    taken = ProbeTaken(
        step=1, epoch=1, sample=-1, subject=subject.key, layers=(), text="1998-03-03"
    )
    hands.panel.show_events([taken])

    assert hands.panel.answer.number.text() == "1998-03-03"
    assert not hands.panel.answer.bars.isVisible()


def test_a_number_is_told_with_its_band(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(TABLE, (3,)))
    subject = hands.asked[-1]
    assert subject is not None

    taken = ProbeTaken(
        step=1,
        epoch=1,
        sample=-1,
        subject=subject.key,
        layers=(),
        answer=(98.0,),
        answer_kind="numbers",
        band=(80.0, 120.0),
        coverage=0.8,
    )
    hands.panel.show_events([taken])

    assert hands.panel.answer.band.isVisible()
    assert hands.panel.answer.band.text() == "80.00 to 120.0 in 80\u202f% of cases"
