import pytest
import torch

from engine.training.checkpoints import Place
from engine.training.reporting import REPORT_SECONDS, StepLog, Stopwatch
from engine.training.update import Figures


class Clock:
    """Goes forward when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_stopwatch_leaves_out_the_time_in_which_it_was_held() -> None:
    clock = Clock()
    watch = Stopwatch(5.0, clock)
    clock.now = 2.0
    watch.hold()
    clock.now = 100.0
    watch.hold()
    watch.go_on()
    watch.go_on()
    clock.now = 101.0

    assert watch.seconds == 8.0


def test_steps_are_told_at_once_first_and_then_in_blocks() -> None:
    clock = Clock()
    place = Place()
    log = StepLog(place, Stopwatch(0.0, clock))
    blocks = []
    for step in range(1, 101):
        clock.now += 0.01
        place.step = step
        log.add(Figures(float(step), torch.tensor(0.5), 2), 2, 0.1)
        if log.due():
            blocks.append(log.report(epoch=step / 100, steps=100, seconds_between=0.0))

    told = [block for block in blocks if block is not None]
    assert told[0].losses == (1.0,)
    assert [loss for block in told for loss in block.losses] == list(range(1, told[-1].step + 1))
    assert len(told) <= 1 + 1 / REPORT_SECONDS
    assert told[-1].steps_per_second == pytest.approx(100)
    assert told[-1].seconds_left == pytest.approx((100 - told[-1].step) / 100)


def test_samples_a_second_and_the_waiting_for_them_are_told() -> None:
    clock = Clock()
    place = Place()
    log = StepLog(place, Stopwatch(0.0, clock))
    for step in range(1, 101):
        clock.now += 0.01
        log.waited += 0.003
        place.step = step
        log.add(Figures(float(step), None, 8), 8, 0.1)

    block = log.report(epoch=1.0, steps=100, seconds_between=0.0)

    assert block is not None
    assert block.samples_per_second == pytest.approx(800)
    assert block.waiting == pytest.approx(0.3)


def test_sums_do_not_depend_on_when_they_are_told() -> None:
    losses = torch.rand(50).tolist()
    sums = []
    for every in (1, 7, 50):
        place = Place()
        log = StepLog(place, Stopwatch(0.0, Clock()))
        for number, loss in enumerate(losses, start=1):
            log.add(Figures(loss, torch.tensor(loss), number), number, 0.1)
            if number % every == 0:
                log.report(epoch=0.0, steps=50, seconds_between=0.0)
        log.report(epoch=0.0, steps=50, seconds_between=0.0)
        sums.append((place.loss_sum, place.metric_sum, place.samples))

    assert sums[0] == sums[1] == sums[2]


def test_nothing_is_told_where_nothing_happened() -> None:
    log = StepLog(Place(), Stopwatch())

    assert log.report(epoch=0.0, steps=1, seconds_between=0.0) is None
