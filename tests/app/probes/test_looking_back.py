import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.probes.layer_history import LayerHistory
from app.probes.looking_back import LookingBack
from engine.runs.moments import Moment
from engine.training.events import RunEnded, RunStarted
from engine.training.questions import LookBack, LookedBack, MomentsKept, NotAnswered, RunOpened

OPENED = RunOpened(run="r", step=20, epoch=2.0)
KEPT = MomentsKept(moments=tuple(Moment(step=10 * k, epoch=float(k)) for k in range(3)))


@pytest.fixture
def owner(qapp: QApplication) -> QObject:
    del qapp
    return QObject()


def looking(owner: QObject, *events: RunOpened | MomentsKept) -> tuple[LookingBack, list[LookBack]]:
    back, asked = LookingBack(owner), list[LookBack]()
    back.asked.connect(asked.append)
    for event in events:
        back.take(event)
    return back, asked


def test_each_moment_is_asked_for_once_one_after_the_other(owner: QObject) -> None:
    back, asked = looking(owner, OPENED, KEPT)
    back.set_seen(seen=True)
    back.show_node("conv")

    for _ in range(5):
        back.take(LookedBack(node="conv", step=0, epoch=0.0))

    assert asked == [LookBack(node="conv", step=step) for step in (0, 10, 20)]
    back.show_node("linear")
    assert asked[-1] == LookBack(node="linear", step=0)


def test_nothing_is_asked_while_nobody_sees_it_or_a_run_trains(owner: QObject) -> None:
    back, asked = looking(owner, OPENED, KEPT)
    back.show_node("conv")
    assert not asked

    back.set_seen(seen=True)
    back.take(
        RunStarted(
            run="s",
            project="p",
            device="CPU",
            threads=1,
            parameters=1,
            epochs=1,
            steps=1,
            batch_size=1,
            training_samples=1,
            validation_samples=1,
        )
    )
    back.take(KEPT)
    assert len(asked) == 1
    back.take(RunEnded(run="s", outcome="finished", step=1, epoch=1.0, seconds=1.0))
    assert len(asked) == 2


def test_a_moment_that_is_gone_is_passed_over(owner: QObject) -> None:
    back, asked = looking(owner, OPENED, KEPT)
    back.show_node("conv")
    back.set_seen(seen=True)

    back.take(NotAnswered(question="look_back", title="This moment is not kept any more"))

    assert [question.step for question in asked] == [0, 10]


def test_what_was_seen_then_stays_and_the_rest_is_put_in_where_it_belongs() -> None:
    history, seen, later = LayerHistory(), (1.0,) * 7, (2.0,) * 7
    history.fill(2.0, seen)

    for epoch in (0.0, 3.0, 1.0, 2.0):
        history.fill(epoch, later)
    history.fill(1.5, ())

    assert history.epochs == [0.0, 1.0, 2.0, 3.0]
    assert history.quantiles == [later, later, seen, later]
