"""The samples that are most alike: when they are asked for, how they read, what a click does."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tryout_hands import IMAGE, TEXT, Hands, samples

from engine.training.alike import AlikeFound, FindAlike
from engine.training.events import EpochEnded
from engine.training.questions import NotAnswered

LEFT = Qt.MouseButton.LeftButton


class AlikeHands(Hands):
    """A panel that is asked of a layer called ``second``, and what it asks of the worker."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__(qtbot, samples(IMAGE))
        self.questions: list[FindAlike] = []
        self.panel.asked.connect(self.questions.append)
        self.panel.alike.show_layer("n2", "second")
        self.panel.alike._rest.setInterval(60)

    def ask(self, qtbot: QtBot) -> FindAlike:
        """Draw, and rest until the worker is asked."""
        before = len(self.questions)
        self.draw((60, 60), (200, 60), (120, 240))
        qtbot.waitUntil(lambda: len(self.questions) > before)
        return self.questions[-1]

    def find(
        self, question: FindAlike, *, texts: Sequence[str] = (), by_difference: bool = False
    ) -> None:
        """Answer with three samples."""
        self.panel.show_events(
            [
                AlikeFound(
                    subject=question.subject.key,
                    node="n2",
                    name="Conv2d",
                    step=3,
                    epoch=1.0,
                    places=(41, 7, 230),
                    distances=(0.02, 0.11, 0.3),
                    labels=("7", "7", "1"),
                    by_difference=by_difference,
                    texts=tuple(texts),
                    sample_shape=(1, 28, 28),
                    pixels=b"" if texts else bytes(3 * 784),
                )
            ]
        )


def epoch_ended() -> EpochEnded:
    return EpochEnded(epoch=1, step=3, training_loss=1.0, seconds=1.0)


def test_an_input_that_rests_is_compared_in_the_layer_that_is_chosen(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)

    question = hands.ask(qtbot)

    assert question.node == "n2" and question.subject == hands.asked[-1]
    assert len(hands.questions) == 1
    assert not hands.panel.alike.isVisible(), "there is nothing to show yet"


def test_each_sample_is_told_by_its_label_and_its_distance(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)
    hands.find(hands.ask(qtbot))

    shown = hands.panel.alike.samples.samples

    assert [(one.label, one.distance) for one in shown] == [
        ("7", "0.020"),
        ("7", "0.11"),
        ("1", "0.30"),
    ]
    assert shown[2].sentence == "Validation sample 230, label 1, distance 0.30"
    assert all(sample.picture is not None for sample in shown)
    assert "second" in hands.panel.alike._title.accessibleName()


def test_the_distance_that_is_used_is_said(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)
    question = hands.ask(qtbot)
    title = hands.panel.alike._title

    hands.find(question)
    assert "by cosine distance" in title.accessibleName()

    hands.find(question, by_difference=True)
    assert "by difference" in title.accessibleName()


def test_a_click_opens_the_sample(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)
    hands.find(hands.ask(qtbot))
    view = hands.panel.alike.samples

    QTest.mouseClick(view, LEFT, pos=view.box(1).center().toPoint())

    subject = hands.asked[-1]
    assert subject is not None and subject.place == 7
    assert hands.panel.subject_name == "Validation sample 7"


def test_the_right_button_opens_no_sample(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)
    hands.find(hands.ask(qtbot))
    view = hands.panel.alike.samples

    with qtbot.assertNotEmitted(view.chosen):
        QTest.mouseClick(view, Qt.MouseButton.RightButton, pos=view.box(1).center().toPoint())


def test_keys_mark_a_sample_and_open_it(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)
    hands.find(hands.ask(qtbot))
    view = hands.panel.alike.samples

    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(view, key)

    subject = hands.asked[-1]
    assert subject is not None and subject.place == 230


def test_texts_are_read_and_looked_at_beside_the_input(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)
    hands.find(hands.ask(qtbot), texts=("good film", "a film", "dull"))
    before = list(hands.asked)

    with qtbot.waitSignal(hands.panel.kept_aside_chosen) as chosen:
        hands.panel.alike.samples.chosen.emit(0)

    assert hands.panel.alike.samples.samples[0].text == "good film"
    assert chosen.args == [41] and hands.asked == before


def test_newer_weights_are_asked_once_the_answer_before_is_there(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)
    question = hands.ask(qtbot)

    hands.panel.show_events([epoch_ended()])
    qtbot.waitUntil(lambda: not hands.panel.alike._rest.isActive())
    asked_meanwhile = len(hands.questions)
    hands.find(question)

    assert asked_meanwhile == 1
    assert len(hands.questions) == 2


def test_a_slow_model_is_not_asked_after_each_epoch(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)
    hands.find(hands.ask(qtbot))
    hands.panel.alike._is_slow = True

    hands.panel.show_events([epoch_ended()])

    assert not hands.panel.alike._rest.isActive()


def test_why_there_are_none_is_said_where_they_would_stand(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)
    hands.ask(qtbot)

    hands.panel.show_events(
        [
            NotAnswered(
                question="find_alike",
                title="There are no validation samples",
                hint="Hold some out.",
            )
        ]
    )

    assert hands.panel.alike.isVisible() and not hands.panel.alike.samples.isVisible()
    assert hands.panel.alike._problem.text() == "There are no validation samples. Hold some out."


def test_without_an_input_there_is_nothing_alike(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)
    hands.find(hands.ask(qtbot))

    hands.panel.pad.pad.clear()  # type: ignore[union-attr]

    qtbot.waitUntil(lambda: not hands.panel.alike.isVisible())
    assert not hands.panel.alike.samples.samples


def test_another_model_begins_with_nothing_alike(qtbot: QtBot) -> None:
    hands = AlikeHands(qtbot)
    hands.find(hands.ask(qtbot))

    hands.panel.show_events([samples(TEXT, (6,))])

    assert not hands.panel.alike.isVisible()
