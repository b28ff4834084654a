"""How the events of a run come to the panels: all, in order, and a few panels in a turn."""

from collections.abc import Sequence
from itertools import count

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.run_events import Delivery
from engine.training.events import RunPaused, RunResumed, TrainingEvent

ONE, TWO = RunPaused(step=1), RunResumed(step=1)


class Clock:
    """A second passes with each event that a receiver takes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Receiver:
    """Notes what came, and which turn it was."""

    def __init__(self, clock: Clock, order: "count[int]") -> None:
        self.came: list[TrainingEvent] = []
        self.times: list[int] = []
        self._clock, self._order = clock, order

    def take(self, events: Sequence[TrainingEvent]) -> None:
        self.came.extend(events)
        self.times.append(next(self._order))
        self._clock.now += len(events)


def receivers(number: int) -> tuple[Delivery, list[Receiver], QObject]:
    clock, order, parent = Clock(), count(), QObject()
    made = [Receiver(clock, order) for _ in range(number)]
    return Delivery([each.take for each in made], parent, clock=clock), made, parent


def test_one_that_takes_long_ends_the_turn(qtbot: QtBot) -> None:
    delivery, made, _parent = receivers(3)

    delivery.take([ONE])
    delivery.take_turn()

    assert [each.came for each in made] == [[ONE], [], []]
    assert delivery.is_under_way
    qtbot.waitUntil(lambda: not delivery.is_under_way)
    assert [each.times for each in made] == [[0], [1], [2]]


def test_every_one_gets_every_event_in_order(qtbot: QtBot) -> None:
    delivery, made, _parent = receivers(4)

    delivery.take([ONE])
    delivery.take([TWO, ONE])
    delivery.take([TWO])
    qtbot.waitUntil(lambda: not delivery.is_under_way)

    assert all(each.came == [ONE, TWO, ONE, TWO] for each in made)


def test_what_a_person_waits_for_is_brought_at_once_to_the_first_alone(qtbot: QtBot) -> None:
    delivery, made, _parent = receivers(3)
    delivery.take([ONE])

    delivery.take([TWO], are_awaited=True)

    assert [each.came for each in made] == [[ONE, TWO], [], []]
    delivery.finish()
    assert [each.came for each in made] == [[ONE, TWO]] * 3


def test_nobody_is_passed_over_while_more_comes(qtbot: QtBot) -> None:
    delivery, made, _parent = receivers(3)

    for _ in range(6):
        delivery.take([ONE])
        delivery.take_turn()

    assert all(len(each.times) > 1 for each in made)


def test_all_that_waits_is_brought_where_that_is_asked_for() -> None:
    delivery, made, _parent = receivers(3)
    delivery.take([ONE, TWO])

    delivery.finish()

    assert all(each.came == [ONE, TWO] for each in made)
    assert not delivery.is_under_way
