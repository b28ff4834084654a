"""How far answers are told to be, and what becomes of those that nobody waits for."""

from collections.abc import Iterator

import pytest

from engine.training.config import TrainingConfig
from engine.training.insight import LayerMapped, Subject
from engine.training.messages import Request
from engine.training.open_questions import OpenQuestions, hear
from engine.training.questions import (
    CompareLayers,
    FindExciting,
    LayersCompared,
    NotAnswered,
    ShowMoment,
)
from engine.training.requests import Quit, StartRun, StopRun, WatchLayers
from engine.training.waiting import PREPARING, GivenUp, GivenUpError, GiveUp, Telling, Underway

COMPARED = LayersCompared(step=1, epoch=1.0, nodes=(), similarity=b"", samples=9)
MINE = Subject(key="mine", values=(1.0,))


def _telling(*seconds: float) -> tuple[Telling, list[Underway], GivenUp]:
    told: list[Underway] = []
    times: Iterator[float] = iter(seconds)
    given_up = GivenUp()
    return Telling(told.append, given_up, lambda: next(times)), told, given_up


def test_how_far_an_answer_is_is_told_four_times_a_second_at_most() -> None:
    telling, told, _ = _telling(0.0, 0.1, 0.3, 0.3, 0.4, 0.9, 0.9)
    reached = telling.of("map")

    for done in (1, 2, 3, 4):
        reached(done, 9)

    assert told == [Underway(what="map", done=done, total=9) for done in (2, 4)]


def test_what_is_given_up_stops_where_it_is_and_nothing_else_does() -> None:
    telling, told, given_up = _telling(*[0.0] * 9)
    one, other = telling.of("map"), telling.of("why")

    hear(GiveUp(what="map"), given_up)

    other(1, 2)
    with pytest.raises(GivenUpError):
        one(1, 2)
    assert told == []


@pytest.mark.parametrize(
    ("what", "again"),
    [
        ("map", WatchLayers(nodes=(), map="a")),
        ("why", WatchLayers(nodes=(), why="occlusion", subject=MINE)),
        ("evaluate", ShowMoment(step=3, evaluate=True)),
        ("compare_layers", CompareLayers()),
        (PREPARING, StartRun(project="", config=TrainingConfig(run_folder="r"))),
    ],
)
def test_what_is_asked_again_is_given_up_no_longer(what: str, again: Request) -> None:
    given_up = GivenUp()
    hear(GiveUp(what=what), given_up)
    hear(WatchLayers(nodes=("else",)), given_up)
    assert what in given_up

    hear(again, given_up)

    assert what not in given_up


@pytest.mark.parametrize("end", [StopRun(), Quit()])
def test_a_run_that_is_stopped_reads_its_data_no_further(end: Request) -> None:
    telling, _, given_up = _telling(*[0.0] * 9)
    reached = telling.of(PREPARING)

    hear(end, given_up)

    with pytest.raises(GivenUpError):
        reached(1, 2)


def test_only_what_is_open_is_refused_where_nobody_answers() -> None:
    questions = OpenQuestions()
    for question in (CompareLayers(), FindExciting(node="a", channel=1)):
        questions.ask(question)
    questions.ask(WatchLayers(nodes=(), map="a", why="gradient", subject=MINE))
    questions.take(COMPARED)
    questions.drop("why")

    refused = questions.close("It was killed.")

    assert {each.question for each in refused} == {"find_exciting", "map"}
    assert all(each.again and each.why == "It was killed." for each in refused)
    assert questions.close("Once more.") == ()


def test_a_map_that_came_or_is_watched_no_more_is_not_open() -> None:
    questions = OpenQuestions()
    questions.ask(WatchLayers(nodes=(), map="a"))
    mapped = LayerMapped(
        node="a",
        step=1,
        epoch=1.0,
        points=b"",
        explained=(0, 0),
        features=1,
        used_features=1,
        places=b"",
    )
    questions.take(mapped)
    assert questions.close("") == ()

    questions.ask(WatchLayers(nodes=(), map="b"))
    questions.ask(WatchLayers(nodes=()))
    assert questions.close("") == ()


def test_a_refusal_is_an_answer() -> None:
    questions = OpenQuestions()
    questions.ask(CompareLayers())

    questions.take(NotAnswered(question="compare_layers", title="Too few"))

    assert questions.close("") == ()
