from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.tryout.choosing import pads_for
from app.tryout.drive_pad import DrivePad
from engine.data import road
from engine.training.events import ProbeTaken
from engine.training.insight import InputField

CAMERA = InputField(name="image", kind="image", sizes=(3, road.HEIGHT, road.WIDTH))


def an_answer(*angles: float, kind: Any = "numbers") -> ProbeTaken:
    return ProbeTaken(step=1, epoch=1.0, sample=-1, layers=(), answer=angles, answer_kind=kind)


@pytest.fixture
def pad(qtbot: QtBot) -> DrivePad:
    made = DrivePad()
    qtbot.addWidget(made)
    made.show()
    return made


def pursue(pad: DrivePad) -> ProbeTaken:
    return an_answer(road.pursued_angle(pad._road, pad._car))


def test_a_model_that_takes_the_camera_can_drive() -> None:
    assert next(iter(pads_for([CAMERA]))) == "drive"


def test_each_answer_moves_the_car_and_asks_about_what_it_sees_then(
    pad: DrivePad, qtbot: QtBot
) -> None:
    pad.toggle()
    before = pad.given()
    with qtbot.waitSignal(pad.changed, timeout=2000):
        pad.take_answer(pursue(pad))

    after = pad.given()
    assert before is not None and after is not None
    assert before.subject.pixels != after.subject.pixels
    assert len(after.subject.pixels) == 3 * road.HEIGHT * road.WIDTH


def test_the_car_stands_while_something_else_is_looked_at(pad: DrivePad) -> None:
    pad.toggle()
    pad.rest()
    before = pad.given()
    pad.take_answer(pursue(pad))

    assert not pad.is_driving
    assert pad.given() == before


def test_a_good_driver_comes_to_the_end(pad: DrivePad) -> None:
    pad.toggle()
    for _ in range(1000):
        if not pad.is_driving:
            break
        pad.take_answer(pursue(pad))

    assert pad.metres >= road.LENGTH
    assert "whole road" in pad._words.accessibleName()
    pad.toggle()
    assert pad.is_driving and pad.metres < 5


def test_a_driver_that_leaves_the_road_is_stopped_and_told(pad: DrivePad) -> None:
    pad.toggle()
    for _ in range(40):
        pad.take_answer(an_answer(20.0))

    assert not pad.is_driving
    assert "left the road after" in pad._words.accessibleName()


def test_the_arrow_keys_push_the_car_aside(pad: DrivePad, qtbot: QtBot) -> None:
    pad.toggle()
    _, before = road.nearest(pad._road, pad._car)

    qtbot.keyClick(pad.view, Qt.Key.Key_Left)

    assert road.nearest(pad._road, pad._car)[1] == pytest.approx(before + 0.5, abs=0.05)


def test_a_model_that_steers_nothing_is_told(pad: DrivePad, qtbot: QtBot) -> None:
    pad.toggle()
    with qtbot.waitSignal(pad.problem):
        pad.take_answer(an_answer(kind="classes"))

    assert not pad.is_driving
