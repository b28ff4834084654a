"""Driving: each picture that the model sees follows from its own last answer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.tryout.pad import OF_PICTURES, Given, Pad
from app.tryout.road_view import RoadView
from app.widgets import Button, FlowText
from engine.data import road
from engine.training.events import ProbeTaken
from engine.training.insight import InputField, Subject

_PUSH_METRES, _PUSH_RADIANS = 0.5, 0.06
_FIRST_ROAD = 1000


def is_camera(field: InputField) -> bool:
    """Say whether a model takes what the camera of the computed car sees."""
    return field.kind == "image" and field.sizes == (3, road.HEIGHT, road.WIDTH)


class DrivePad(Pad):
    """Lets the model steer a car on a computed road; the person may push the car aside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ways = OF_PICTURES
        self.title = self.tr("Drive")
        self.note = self.tr("a computed road")
        self._number = _FIRST_ROAD
        self._is_driving = False
        self._since_look = QElapsedTimer()
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self.changed)
        self.view = RoadView()
        self.view.pushed.connect(self.push)
        self._drive = Button(self.tr("Drive"), icon_name="play", extent="small")
        self._drive.clicked.connect(self.toggle)
        self._other = Button(self.tr("Another road"), icon_name="refresh", extent="small")
        self._other.clicked.connect(self.take_another_road)
        self._figures = FlowText("", "small")
        self._words = FlowText(
            self.tr("The left and right arrow keys push the car aside."), "small", "text3"
        )
        tools = QHBoxLayout()
        tools.setSpacing(8)
        tools.addWidget(self._drive)
        tools.addWidget(self._other)
        tools.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.view)
        column.addLayout(tools)
        column.addWidget(self._figures)
        column.addWidget(self._words)
        self._road = road.make_road(self._number)
        self._car = road.start(self._road)
        self._place, self._angle = 0, 0.0
        self._begin()

    @property
    def is_driving(self) -> bool:
        """Whether the car moves."""
        return self._is_driving

    @property
    def metres(self) -> float:
        """How far the car has come."""
        return road.metres_done(self._place)

    @property
    def subject_name(self) -> str:
        return self.tr("What the camera sees")

    def given(self) -> Given | None:
        return Given(Subject(key="", pixels=self._pixels.tobytes()), self._pixels)

    def take(self, given: Given) -> None:
        """A kept picture is looked at; the car stays where it is."""
        self._stop()
        if given.pixels is not None:
            self._pixels = given.pixels

    def rest(self) -> None:
        self._stop()

    def take_answer(self, answer: ProbeTaken) -> None:
        if answer.answer_kind != "numbers" or len(answer.answer) != 1:
            self._stop()
            self.problem.emit(self.tr("This model does not steer: it answers no single number."))
            return
        if self._is_driving:
            self._move(answer.answer[0])

    def toggle(self) -> None:
        """Drive, or stop; after the end of a road it begins again."""
        if self._is_driving:
            self._stop()
            return
        if self._is_over:
            self._begin()
        self._is_driving = True
        self._drive.setText(self.tr("Stop"))
        self._drive.set_icon_name("stop")
        self.view.setFocus()
        self._since_look.start()
        self.changed.emit()

    def take_another_road(self) -> None:
        """Put the car on another road."""
        self._number += 1
        self._begin()
        self.changed.emit()

    def push(self, left: float) -> None:
        """Push the car to the left (1) or to the right (−1)."""
        car, aside = self._car, left * _PUSH_METRES
        self._car = road.Car(
            car.x - float(np.sin(car.heading)) * aside,
            car.y + float(np.cos(car.heading)) * aside,
            car.heading + left * _PUSH_RADIANS,
        )
        self.view.show_car(self._car, self._angle)
        if not self._is_driving:
            self._look()
            self.changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt override
        super().hideEvent(event)
        self._stop()

    def _begin(self) -> None:
        self._road = road.make_road(self._number)
        self._noise = np.random.Generator(np.random.Philox(self._number))
        self._car, self._place, self._angle = road.start(self._road), 0, 0.0
        self._offsets = [0.0]
        self._is_over = False
        self.view.show_road(self._road, self._car)
        self._look()
        self._write()

    def _move(self, angle: float) -> None:
        self._angle = angle
        self._car = road.driven(self._car, angle)
        self._place, aside = road.nearest(self._road, self._car)
        self._offsets.append(abs(aside))
        self.view.show_car(self._car, angle)
        self._look()
        if abs(aside) > road.HALF_ROAD:
            self._end(self.tr("It left the road after {0} m.").format(f"{self.metres:.0f}"))
        elif self.metres >= road.LENGTH:
            self._end(self.tr("It drove the whole road."))
        else:
            # No faster than a clock on the wall.
            left = road.TICK * 1000 - self._since_look.elapsed()
            self._next.start(max(0, round(left)))
            self._since_look.start()
        self._write()

    def _look(self) -> None:
        self._pixels = road.seen(self._road, self._car, self._noise)

    def _end(self, words: str) -> None:
        self._is_over = True
        self._stop()
        self._words.set_words(words)

    def _stop(self) -> None:
        self._is_driving = False
        self._next.stop()
        self._drive.setText(self.tr("Drive"))
        self._drive.set_icon_name("play")

    def _write(self) -> None:
        if not self._is_over:
            self._words.set_words(self.tr("The left and right arrow keys push the car aside."))
        offset = sum(self._offsets) / len(self._offsets)
        text = self.tr("{0} of {1} m, on average {2} m off")
        self._figures.set_words(
            text.format(f"{self.metres:.0f}", f"{road.LENGTH:.0f}", f"{offset:.2f}")
        )
