"""The Try it panel, by pointer and by events."""

import json
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.theme import current_theme
from app.tryout import TryPanel
from app.tryout.answer import AnswerView
from app.tryout.choosing import pads_for
from app.tryout.date_field import DateField
from app.tryout.form_pad import FormPad, form_columns
from app.tryout.image_pad import ImagePad
from app.tryout.series_pad import SeriesPad
from app.tryout.sketch_pad import SketchPad
from app.tryout.text_pad import TextPad
from app.widgets import ChoiceField, NumberField
from engine.compile.plan import project_plan
from engine.data.opening import open_data
from engine.data.preparation import (
    CategoryColumn,
    DateColumn,
    Features,
    NumberColumn,
    Plain,
    Tokens,
    Windows,
)
from engine.probes.subjects import input_fields
from engine.project.templates import open_template
from engine.training.events import EpochEnded, ProbeTaken, RunEnded, SamplesChosen
from engine.training.insight import InputExplained, InputField, InputRefused, Subject
from engine.training.texts import TextWritten

IMAGE = InputField(name="image", kind="image", sizes=(1, 28, 28))
TEXT = InputField(
    name="text",
    kind="tokens",
    sizes=(6,),
    prepare=Tokens(column="review", unit="word", vocabulary=("good", "film"), length=6),
)
TABLE = InputField(
    name="features",
    kind="vector",
    sizes=(3,),
    prepare=Features(
        columns=(
            NumberColumn(name="age", fill=40, mean=41, deviation=9),
            CategoryColumn(name="job", values=("baker", "nurse")),
        )
    ),
)


SERIES = InputField(
    name="window",
    kind="sequence",
    sizes=(5, 1),
    prepare=Windows(columns=("spots",), mean=(50.0,), deviation=(10.0,), length=5),
)


def pick(choice: ChoiceField, value: str) -> None:
    """Choose as a person does."""
    choice.setCurrentIndex(choice.findData(value))
    choice.activated.emit(choice.currentIndex())


def explained(hands: "Hands", shape: tuple[int, ...], *, target: int) -> InputExplained:
    """Explain the newest question by the gradient; nothing adds anything."""
    subject = hands.asked[-1]
    assert subject is not None
    return InputExplained(
        subject=subject.key,
        sample=-1,
        method="gradient",
        target=target,
        shape=shape,
        parts=bytes(int(np.prod(shape))),
        largest=1.0,
    )


def _away(one: QColor, other: QColor) -> int:
    pairs = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
    return sum(abs(a - b) for a, b in pairs)


def samples(field: InputField, shape: tuple[int, ...] = (1, 28, 28)) -> SamplesChosen:
    many = int(np.prod(shape))
    return SamplesChosen(
        shape=shape,
        pixels=bytes(8 * many),
        labels=tuple("52738094"),
        classes=tuple("0123456789"),
        inputs=(field,),
    )


class Hands:
    """A panel, what it asked for, and answers to it."""

    def __init__(self, qtbot: QtBot, *events: SamplesChosen) -> None:
        self.panel = TryPanel()
        qtbot.addWidget(self.panel)
        qtbot.addWidget(self.panel.weights)
        self.panel.resize(900, 800)
        self.panel.show()
        self.asked: list[Subject | None] = []
        self.panel.subject_changed.connect(self.asked.append)
        self.panel.show_events(events)
        self._bot = qtbot

    def draw(self, *points: tuple[int, int]) -> None:
        """Draw one stroke and wait until it is asked about."""
        assert isinstance(self.panel.pad, SketchPad)
        pad, left = self.panel.pad.pad, Qt.MouseButton.LeftButton
        before = len(self.asked)
        QTest.mousePress(pad, left, pos=QPoint(*points[0]))
        for point in points[1:]:
            QTest.mouseMove(pad, QPoint(*point))
        QTest.mouseRelease(pad, left, pos=QPoint(*points[-1]))
        self._bot.waitUntil(lambda: len(self.asked) > before and not pad._timer.isActive())

    def answer(self, best: int = 7, share: float = 0.91) -> None:
        """Answer the newest question."""
        subject = self.asked[-1]
        assert subject is not None
        rest = (1 - share) / 9
        prediction = tuple(share if k == best else rest for k in range(10))
        taken = ProbeTaken(
            step=1,
            epoch=1.0,
            sample=-1,
            subject=subject.key,
            layers=(),
            prediction=prediction,
            answer_kind="classes",
        )
        self.panel.show_events([taken])


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


def test_before_a_run_the_panel_offers_to_train(qtbot: QtBot) -> None:
    hands = Hands(qtbot)

    assert hands.panel._empty.isVisible()
    with qtbot.waitSignal(hands.panel.train_requested):
        hands.panel._empty.acted.emit()


def test_each_change_of_a_drawing_asks_about_what_the_model_receives(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))

    hands.draw((60, 60), (200, 60), (120, 240))

    subject = hands.asked[-1]
    assert subject is not None and len(subject.pixels) == 784 and max(subject.pixels) == 255
    shown = hands.panel.received._pixels
    assert shown is not None and shown.tobytes() == subject.pixels


def test_the_answer_is_shown_and_kept_for_the_course(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))

    hands.draw((60, 60), (200, 60))
    hands.answer(best=1, share=0.6)
    hands.draw((200, 60), (120, 240))
    hands.answer(best=7)

    assert hands.panel.answer.bars.accessibleDescription().startswith("7")
    assert [max(m.prediction) for m in hands.panel.course.moments] == pytest.approx([0.6, 0.91])
    assert hands.panel.course.shown_classes()[-1] == 7
    assert hands.panel.why.title.text() == "Why 7?"


def test_what_each_pixel_is_called_is_laid_over_the_picture(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    subject = hands.asked[-1]
    assert subject is not None
    mask = np.zeros((28, 28), np.uint8)
    mask[:7] = 2

    hands.panel.show_events(
        [
            ProbeTaken(
                step=1,
                epoch=1.0,
                sample=-1,
                subject=subject.key,
                layers=(),
                answer_kind="classes",
                mask=mask.tobytes(),
                mask_size=mask.shape,
            )
        ]
    )

    veil = hands.panel.received.overlay
    assert veil.pixelColor(3, 3).alpha() > 0 and veil.pixelColor(3, 20).alpha() == 0
    assert hands.panel.answer.bars.accessibleDescription() == "0, 75.0"
    assert hands.panel._course_box.isHidden()


def test_a_moment_of_the_course_brings_its_drawing_back(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    hands.answer(best=1)
    hands.draw((200, 60), (120, 240))
    hands.answer(best=7)
    first = hands.asked[0]

    box = hands.panel.course._thumb_box(0)
    QTest.mouseClick(hands.panel.course, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    qtbot.waitUntil(lambda: len(hands.asked) > 2)

    again = hands.asked[-1]
    assert first is not None and again is not None and again.pixels == first.pixels


def test_clear_takes_the_subject_away(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))

    assert isinstance(hands.panel.pad, SketchPad)
    hands.panel.pad._clear.click()
    qtbot.waitUntil(lambda: hands.asked[-1] is None)

    assert hands.panel.subject is None and hands.panel.course.moments == ()
    assert not hands.panel.strip.keep.isEnabled() and hands.panel.strip.keep.toolTip()


def test_an_input_is_kept_on_the_strip_and_comes_back(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    drawn = hands.asked[-1]
    hands.panel.strip.keep.click()
    assert isinstance(hands.panel.pad, SketchPad)
    hands.panel.pad._clear.click()
    qtbot.waitUntil(lambda: hands.asked[-1] is None)

    hands.panel.strip.strip.choose(0)
    qtbot.waitUntil(lambda: hands.asked[-1] is not None)

    again = hands.asked[-1]
    assert len(hands.panel.strip.strip._images) == 9
    assert drawn is not None and again is not None and again.pixels == drawn.pixels


def test_samples_behind_the_kept_ones_are_those_of_the_run(qtbot: QtBot) -> None:
    pixels = bytes(range(256)) * 25
    hands = Hands(qtbot, replace(samples(IMAGE), pixels=pixels[: 8 * 784]))
    hands.draw((60, 60), (200, 60))
    hands.panel.strip.keep.click()

    hands.panel.strip.strip.choose(4)

    subject = hands.asked[-1]
    assert subject is not None and subject.pixels == pixels[3 * 784 : 4 * 784]
    assert hands.panel.subject_name == "Sample 4"
    assert hands.panel.strip.strip.chosen == 4 and not hands.panel.strip.keep.isEnabled()


def test_a_sample_that_is_no_picture_is_shown_by_the_canvas_alone(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(TABLE, (3,)))

    with qtbot.waitSignal(hands.panel.sample_chosen) as chosen:
        hands.panel.strip.strip.choose(3)

    assert chosen.args == [3]


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


def test_which_weights_answer_is_said(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))

    hands.panel.show_events([EpochEnded(epoch=8, step=1, training_loss=0.1, seconds=1)])
    during = hands.panel.weights.text()
    ended = RunEnded(
        run="r",
        outcome="finished",
        step=9,
        epoch=12.0,
        seconds=1,
        best_epoch=10,
        has_best_weights=True,
    )
    hands.panel.show_events([ended])

    assert during == "Newest weights, epoch 9"
    assert hands.panel.weights.text() == "Best weights, epoch 10"


def test_dark_ink_on_light_paper_is_inverted(qtbot: QtBot, tmp_path: Path) -> None:
    paper = np.full((64, 64), 240, np.uint8)
    paper[20:40, 30:34] = 10
    Image.fromarray(paper).save(tmp_path / "one.png")
    hands = Hands(qtbot, samples(IMAGE))
    hands.panel.choose_pad("image")
    assert isinstance(hands.panel.pad, ImagePad)

    hands.panel.pad.read_file(tmp_path / "one.png")

    subject = hands.asked[-1]
    assert subject is not None
    pixels = np.frombuffer(subject.pixels, np.uint8).reshape(28, 28)
    assert pixels[0, 0] < 30 and pixels[13, 14] > 150


def test_a_file_that_is_no_picture_is_explained(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("not a picture")
    hands = Hands(qtbot, samples(IMAGE))
    hands.panel.choose_pad("image")
    assert isinstance(hands.panel.pad, ImagePad)

    hands.panel.pad.read_file(tmp_path / "notes.png")

    assert hands.panel._problem.isVisible() and "PNG" in hands.panel._problem.text()
    assert hands.panel.subject is None


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


def test_what_the_model_refuses_is_said(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    subject = hands.asked[-1]
    assert subject is not None

    refused = InputRefused(
        subject=subject.key, title="No", why="It has 9 numbers.", hint="Give 784."
    )
    hands.panel.show_events([refused])

    assert hands.panel._problem.text() == "It has 9 numbers. Give 784."
    hands.panel.why.ways.committed.emit("gradcam")
    assert not hands.panel._problem.isVisible(), "another way may do"


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


@pytest.mark.parametrize(
    "template", ["digits", "bank-credit", "novels", "letters-gpt", "dates", "ratings", "sunspots"]
)
def test_every_kind_of_template_has_a_pad(template: str) -> None:
    plan = project_plan(open_template(template))
    spec = open_data(plan.data).spec

    assert pads_for(input_fields(plan, spec))


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
