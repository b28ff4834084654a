"""A Try it panel with hands that draw and answer."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.tryout.panel import TryPanel
from app.tryout.sketch_pad import SketchPad
from app.widgets import ChoiceField
from engine.data.preparation import (
    CategoryColumn,
    Features,
    NumberColumn,
    Tokens,
    Windows,
)
from engine.training.events import ProbeTaken, SamplesChosen
from engine.training.insight import InputExplained, InputField, Subject

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
