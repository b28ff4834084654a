"""A Try it panel with hands that draw and answer."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.tryout import TryPanel
from app.tryout.sketch_pad import SketchPad
from engine.data.preparation import (
    CategoryColumn,
    Features,
    NumberColumn,
    Tokens,
)
from engine.training.events import ProbeTaken, SamplesChosen
from engine.training.insight import InputField, Subject

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
