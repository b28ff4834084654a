"""The time slider: which moment is asked for, by pointer, key and replay, and what it says."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.time_travel import TimeSlider
from engine.runs.moments import Moment
from engine.training.events import EpochEnded, ProbeTaken, RunEnded, RunStarted, StepEnded
from engine.training.questions import MomentsKept, RunOpened

MOMENTS = tuple(Moment(step=10 * k, epoch=float(k)) for k in range(5))
STARTED = RunStarted(
    run="r",
    project="digits",
    device="cpu",
    threads=1,
    parameters=1,
    epochs=4,
    steps=40,
    batch_size=64,
    training_samples=1,
    validation_samples=1,
)
ENDED = RunEnded(run="r", outcome="finished", step=40, epoch=4.0, seconds=1.0)


@pytest.fixture
def slider(qtbot: QtBot) -> TimeSlider:
    made = TimeSlider()
    qtbot.addWidget(made)
    made.resize(800, 64)
    steps = StepEnded(
        step=40, epoch=4.0, losses=(1.0, 0.5), learning_rate=0.1, steps_per_second=1, seconds_left=0
    )
    epoch = EpochEnded(epoch=4, step=40, training_loss=0.5, validation_loss=0.6, seconds=1)
    made.show_events([STARTED, steps, epoch, MomentsKept(moments=MOMENTS), ENDED])
    made.show()
    return made


def chosen(slider: TimeSlider) -> list[int | None]:
    found: list[int | None] = []
    slider.moment_chosen.connect(found.append)
    return found


def test_it_is_hidden_until_there_is_a_moment(qtbot: QtBot) -> None:
    slider = TimeSlider()
    qtbot.addWidget(slider)

    slider.show_events([STARTED])

    assert slider.isHidden()


def test_it_comes_into_sight_with_the_first_moment_of_a_run(qtbot: QtBot) -> None:
    slider = TimeSlider()
    qtbot.addWidget(slider)
    slider.show_events([STARTED])

    slider.show_events([MomentsKept(moments=MOMENTS[:1])])

    assert not slider.isHidden()


def test_moments_that_would_touch_have_one_mark(qtbot: QtBot) -> None:
    slider = TimeSlider()
    qtbot.addWidget(slider)
    slider.resize(800, 64)
    many = tuple(Moment(step=k, epoch=k / 1000) for k in range(5000))

    slider.show_events([STARTED, MomentsKept(moments=many)])

    marked = slider.track._stops()
    assert marked[0] == slider.track.x_of(0) and 2 < len(marked) < 800 / 4
    assert all(b - a >= 4 for a, b in pairwise(marked))


def test_what_layers_put_out_draws_nothing_in_it(
    slider: TimeSlider, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    monkeypatch.setattr(slider.track, "show_curves", lambda *_: drawn.append(1))

    slider.show_events([ProbeTaken(step=40, epoch=4.0, sample=0, layers=())])
    slider.show_events([])
    assert not drawn

    slider.show_events([ENDED])
    assert drawn


def test_the_arrow_keys_step_through_the_moments(slider: TimeSlider) -> None:
    asked = chosen(slider)

    for key in (
        Qt.Key.Key_Left,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    ):
        QTest.keyClick(slider.track, key)

    assert asked == [40, 30, 40, 0, None]


def test_a_press_on_the_track_goes_to_the_nearest_moment(slider: TimeSlider) -> None:
    asked = chosen(slider)
    place = QPoint(round(slider.track.x_of(2)) + 3, 26)

    QTest.mouseClick(slider.track, Qt.MouseButton.LeftButton, pos=place)

    assert asked == [20]
    assert slider.track.accessibleDescription() == "Epoch 2.00, step 20"


def test_replay_goes_from_the_first_moment_to_now(slider: TimeSlider, qtbot: QtBot) -> None:
    asked = chosen(slider)

    slider.replay()
    for _ in range(6):
        slider._replay_on()

    assert asked == [0, 10, 20, 30, 40, None]


def test_branching_is_offered_at_an_earlier_moment_of_a_run_that_is_over(
    slider: TimeSlider,
) -> None:
    branched: list[int] = []
    slider.branch_requested.connect(branched.append)
    assert not slider._branch.isEnabled() and slider._branch.toolTip()

    slider.go_to(20)
    slider._branch.click()
    slider.go_to(40)

    assert branched == [20]
    assert not slider._branch.isEnabled()


def test_while_it_trains_no_run_can_be_branched(slider: TimeSlider) -> None:
    slider.show_events([STARTED, MomentsKept(moments=MOMENTS)])

    slider.go_to(10)

    assert not slider._branch.isEnabled()
    assert "Stop" in slider._branch.toolTip()


def test_a_moment_that_made_room_for_others_stays_as_long_as_it_is_shown(
    slider: TimeSlider,
) -> None:
    slider.go_to(10)

    slider.show_events([MomentsKept(moments=MOMENTS[:1] + MOMENTS[2:])])

    assert (slider.step, slider.track.place) == (10, 1)
    slider.go_to(None)
    slider.show_events([MomentsKept(moments=MOMENTS[:1] + MOMENTS[2:])])
    assert [moment.step for moment in slider.moments] == [0, 20, 30, 40]


def test_a_run_that_stands_at_its_best_epoch_says_so(slider: TimeSlider) -> None:
    slider.show_events([RunOpened(run="r", step=20, epoch=2.0)])

    assert slider.track.words(5) == "Best weights, epoch 2"


def test_the_course_before_a_run_goes_on_is_drawn_from_its_first_steps(qtbot: QtBot) -> None:
    slider = TimeSlider()
    qtbot.addWidget(slider)
    # A run that goes on tells each epoch before as one block.
    losses = tuple(1.0 / (k + 1) for k in range(64))
    block = StepEnded(
        step=64, epoch=1.0, losses=losses, learning_rate=0.1, steps_per_second=1, seconds_left=0
    )

    slider.show_events([STARTED, block, MomentsKept(moments=MOMENTS[1:])])

    training, _ = slider.track.curves
    assert training[0] == (0.25, pytest.approx(sum(losses[:16]) / 16))
    assert [epoch for epoch, _ in training] == [0.25, 0.5, 0.75, 1.0]
