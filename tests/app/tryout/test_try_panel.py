"""The Try it panel, by pointer and by events."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tryout_hands import IMAGE, TABLE, Hands, samples

from app.tryout.choosing import pads_for
from app.tryout.image_pad import ImagePad
from app.tryout.sketch_pad import SketchPad
from engine.compile.plan import project_plan
from engine.data.opening import open_data
from engine.probes.subjects import input_fields
from engine.project.templates import open_template
from engine.training.events import EpochEnded, ProbeTaken, RunEnded
from engine.training.insight import InputRefused
from engine.training.questions import RunOpened


def test_before_a_run_the_panel_offers_to_train(qtbot: QtBot) -> None:
    hands = Hands(qtbot)

    assert hands.panel._empty.isVisible()
    with qtbot.waitSignal(hands.panel.train_requested):
        hands.panel._empty.acted.emit()


def test_the_first_touch_of_the_pen_is_asked_about_at_once(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    assert isinstance(hands.panel.pad, SketchPad)

    QTest.mousePress(hands.panel.pad.pad, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))

    assert len(hands.asked) == 1


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
    assert hands.panel._page.course_box.isHidden()


def test_what_the_model_draws_is_its_answer(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    subject = hands.asked[-1]
    assert subject is not None
    drawn = np.arange(784, dtype=np.uint16).astype(np.uint8).reshape(1, 28, 28)

    hands.panel.show_events(
        [
            ProbeTaken(
                step=1,
                epoch=1.0,
                sample=-1,
                subject=subject.key,
                layers=(),
                answer_kind="numbers",
                drawn=drawn.tobytes(),
                drawn_size=drawn.shape,
            )
        ]
    )

    shown = hands.panel.answer.drawn
    assert shown.pixels is not None and (shown.pixels == drawn).all()
    assert shown.isVisible() and hands.panel.answer.number.isHidden()
    assert hands.panel._page.course_box.isHidden()


def test_what_was_drawn_for_one_model_is_not_looked_at_in_another(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    before = len(hands.asked)

    hands.panel.show_events([samples(TABLE, (3,))])

    assert hands.asked[before] is None


def test_another_run_begins_another_course(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    hands.answer(best=1)

    hands.panel.show_events([RunOpened(run="another", step=3, epoch=1.0)])

    assert hands.panel.course.moments == ()
    assert hands.panel.weights.text() == "Weights of epoch 1"


def test_a_moment_of_the_course_brings_its_drawing_back(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    hands.answer(best=1)
    first = hands.asked[-1]
    hands.draw((200, 60), (120, 240))
    hands.answer(best=7)
    asked = len(hands.asked)

    box = hands.panel.course._thumb_box(0)
    QTest.mouseClick(hands.panel.course, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    qtbot.waitUntil(lambda: len(hands.asked) > asked)

    again = hands.asked[-1]
    assert first is not None and again is not None and again.pixels == first.pixels


def test_the_right_button_chooses_no_moment_of_the_course(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    hands.answer(best=1)
    course = hands.panel.course

    with qtbot.assertNotEmitted(course.moment_chosen):
        at = course._thumb_box(0).center().toPoint()
        QTest.mouseClick(course, Qt.MouseButton.RightButton, pos=at)


def test_clear_takes_the_subject_away(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))

    assert isinstance(hands.panel.pad, SketchPad)
    hands.panel.pad._clear.click()
    qtbot.waitUntil(lambda: hands.asked[-1] is None)

    assert hands.panel.subject is None and hands.panel.course.moments == ()
    assert not hands.panel.strip.keep.isEnabled() and hands.panel.strip.keep.toolTip()


def test_an_input_is_let_go_where_another_project_is_opened(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    assert hands.asked[-1] is not None

    hands.panel.let_go()

    assert hands.asked[-1] is None and hands.panel.subject is None


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


def test_only_the_left_button_asks_for_a_picture(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.panel.choose_pad("image")
    assert isinstance(hands.panel.pad, ImagePad)
    opened: list[bool] = []
    monkeypatch.setattr(hands.panel.pad, "open_file", lambda: opened.append(True))

    QTest.mouseClick(hands.panel.pad.place, Qt.MouseButton.RightButton)
    assert not opened

    QTest.mouseClick(hands.panel.pad.place, Qt.MouseButton.LeftButton)
    assert opened == [True]


def test_a_file_that_is_no_picture_is_explained(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("not a picture")
    hands = Hands(qtbot, samples(IMAGE))
    hands.panel.choose_pad("image")
    assert isinstance(hands.panel.pad, ImagePad)

    hands.panel.pad.read_file(tmp_path / "notes.png")

    assert hands.panel._page._problem.isVisible() and "PNG" in hands.panel._page._problem.text()
    assert hands.panel.subject is None


def test_what_the_model_refuses_is_said(qtbot: QtBot) -> None:
    hands = Hands(qtbot, samples(IMAGE))
    hands.draw((60, 60), (200, 60))
    subject = hands.asked[-1]
    assert subject is not None

    refused = InputRefused(
        subject=subject.key, title="No", why="It has 9 numbers.", hint="Give 784."
    )
    hands.panel.show_events([refused])

    assert hands.panel._page._problem.text() == "It has 9 numbers. Give 784."
    hands.panel.why.ways.committed.emit("gradcam")
    assert not hands.panel._page._problem.isVisible(), "another way may do"


@pytest.mark.parametrize(
    "template", ["digits", "bank-credit", "novels", "letters-gpt", "dates", "ratings", "sunspots"]
)
def test_every_kind_of_template_has_a_pad(template: str) -> None:
    plan = project_plan(open_template(template))
    spec = open_data(plan.data).spec

    assert pads_for(input_fields(plan, spec))
