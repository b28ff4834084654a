"""The process beside the trainer: what it tells is what the trainer itself would have told."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from builders import a_project as project_of
from builders import a_small_cnn, node_named
from training_runs import a_network_with_memory

from engine.beside.onlooker import Onlooker, reason_against
from engine.compile.module import CompiledModel, compile_project
from engine.graph.elements import Graph
from engine.probes.learning import LearningMeter
from engine.project.codec import to_text
from engine.project.project import Project
from engine.training.alike import FindAlike
from engine.training.answering import Answerer
from engine.training.events import ProbeTaken, TrainingEvent
from engine.training.heat import HeatTaken
from engine.training.insight import (
    GradientsTaken,
    InputExplained,
    InputRefused,
    LayerMapped,
    Subject,
    WeightsTaken,
)
from engine.training.material import gather
from engine.training.questions import AnyQuestion, CompareLayers, FindExciting, NotAnswered
from engine.training.requests import WatchLayers
from engine.training.waiting import Underway
from engine.training.watching import Watcher

_PATIENCE = 100.0


@pytest.fixture(autouse=True)
def a_core_each(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let there be a core for each process; on one thread both compute the same last digits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr("engine.beside.onlooker.usable_cores", lambda: 2)
    yield
    torch.set_num_threads(threads)


@dataclass(frozen=True)
class Here:
    """A model in this process, after one step, so that there is everything to look at."""

    project: Project
    model: CompiledModel
    meter: LearningMeter


def a_model(project: Project, seed: int) -> Here:
    torch.manual_seed(seed)
    model = compile_project(project)
    meter = LearningMeter(tuple(model.module.parameters()))
    material = gather(model.plan, torch.device("cpu"), 0)
    optimizer = torch.optim.Adam(model.module.parameters(), lr=0.01)
    meter.begin()
    model.loss(model.outputs(material.probe), material.probe).backward()  # type: ignore[no-untyped-call]
    meter.measure_gradients()
    optimizer.step()
    meter.end()
    return Here(project, model, meter)


def requests(graph: Graph, kind: str) -> list[WatchLayers]:
    layer, nodes = node_named(graph, kind), tuple(graph.nodes)
    return [
        WatchLayers(nodes=nodes, detail=layer, weights=layer, gradients=True, sample=2, map=layer),
        WatchLayers(nodes=nodes, why="occlusion", heat="outputs", heat_nodes=nodes),
        WatchLayers(nodes=(), subject=Subject(key="d", pixels=bytes(784)), why="gradient"),
        WatchLayers(nodes=(), subject=Subject(key="x", pixels=bytes(7))),
        WatchLayers(nodes=nodes[:2], heat="weights", heat_nodes=nodes),
    ]


def seen_here(here: Here, request: WatchLayers) -> list[TrainingEvent]:
    told: list[TrainingEvent] = []
    watcher = Watcher(here.model, gather(here.model.plan, torch.device("cpu"), 0), 0.0, told.append)
    watcher.looker.watch(request)
    watcher.looker.take(7, 1.5, here.meter.learning)
    watcher.looker.take_slow(7, 1.5)
    return told


def answered_here(here: Here, question: AnyQuestion) -> list[TrainingEvent]:
    told: list[TrainingEvent] = []
    material = gather(here.model.plan, torch.device("cpu"), 0)
    watcher = Watcher(here.model, material, 0.0, told.append)
    Answerer(Path(), watcher, told.append, lambda: (7, 1.5)).answer(question)
    return told


@pytest.fixture(scope="module")
def onlooker() -> Iterator[Onlooker]:
    onlooker = Onlooker("")
    onlooker.begin()
    yield onlooker
    onlooker.end()


def hold(onlooker: Onlooker, here: Here) -> None:
    onlooker.hold(to_text(here.project), here.model, here.meter, 0)
    onlooker.begin()
    heard(onlooker, lambda told: onlooker.looks)
    onlooker.publish(7, 1.5)


def assert_same(told: list[TrainingEvent], wanted: list[TrainingEvent]) -> None:
    """Compare to the last bit; but linear algebra has other last digits on more threads.

    How far an answer is on its way is not compared: one process is slower than the other.
    """
    told, wanted = ([e for e in side if not isinstance(e, Underway)] for side in (told, wanted))
    kinds = (LayerMapped,)
    rest = [[each for each in side if not isinstance(each, kinds)] for side in (told, wanted)]
    assert sorted(map(repr, rest[0])) == sorted(map(repr, rest[1]))
    maps = [[each for each in side if isinstance(each, kinds)] for side in (told, wanted)]
    for one, other in zip(*maps, strict=True):
        assert (one.node, one.step, one.called) == (other.node, other.step, other.called)
        points = (np.frombuffer(each.points, np.float32) for each in (one, other))
        assert next(points) == pytest.approx(next(points), abs=1e-4)


def as_many_as(wanted: list[TrainingEvent]) -> Callable[[list[TrainingEvent]], bool]:
    def those_of(told: list[TrainingEvent]) -> int:
        return sum(not isinstance(event, Underway) for event in told)

    return lambda told: those_of(told) >= those_of(wanted)


def heard(onlooker: Onlooker, enough: Callable[[list[TrainingEvent]], bool]) -> list[TrainingEvent]:
    """Return what comes in until it is enough."""
    told: list[TrainingEvent] = []
    while not enough(told):
        before = len(told)
        told += onlooker.news(_PATIENCE)
        assert len(told) > before or not told or onlooker.looks
    return told


def test_every_kind_of_look_tells_what_the_trainer_itself_would_tell(onlooker: Onlooker) -> None:
    project = a_network_with_memory()
    here = a_model(project, seed=1)
    kinds: set[type] = set()
    hold(onlooker, here)

    for request in requests(project.graph, "linear"):
        wanted = seen_here(here, request)
        onlooker.interrupt()
        onlooker.look(request)
        told = heard(onlooker, as_many_as(wanted))
        assert_same(told, wanted)
        kinds |= {type(event) for event in told}

    assert kinds == {
        ProbeTaken, WeightsTaken, GradientsTaken, LayerMapped, InputExplained, InputRefused,
        HeatTaken,
    }  # fmt: skip


def test_another_drawing_is_looked_into_by_the_same_process(onlooker: Onlooker) -> None:
    hold(onlooker, a_model(a_network_with_memory(), seed=1))
    pid = onlooker.pid
    drawing = project_of(a_small_cnn())
    here = a_model(drawing, seed=2)
    request = requests(drawing.graph, "conv2d")[0]

    hold(onlooker, here)
    onlooker.look(request)

    wanted = seen_here(here, request)
    told = heard(onlooker, as_many_as(wanted))
    assert onlooker.pid == pid
    assert_same(told, wanted)


def test_questions_are_answered_from_the_newest_copy(onlooker: Onlooker) -> None:
    project = a_network_with_memory()
    here = a_model(project, seed=3)
    hold(onlooker, here)
    layer = node_named(project.graph, "linear")
    with torch.no_grad():
        next(here.model.module.parameters()).mul_(1.5)

    alike = FindAlike(subject=Subject(key="kept aside", place=2), node=layer)
    for question in (FindExciting(node=layer, channel=3), alike, CompareLayers()):
        onlooker.publish(7, 1.5)
        onlooker.ask(question)
        told = heard(onlooker, bool)
        assert repr(told) == repr(answered_here(here, question))

    assert onlooker.interrupt() == []


def test_what_was_asked_before_an_interruption_is_not_told_after_it(onlooker: Onlooker) -> None:
    project = a_network_with_memory()
    hold(onlooker, a_model(project, seed=3))
    question = CompareLayers()
    onlooker.look(WatchLayers(nodes=tuple(project.graph.nodes), sample=1))
    onlooker.ask(question)

    left = onlooker.interrupt()
    onlooker.look(WatchLayers(nodes=tuple(project.graph.nodes), sample=4))

    told = heard(onlooker, bool)
    assert left == [question]
    assert [event.sample for event in told if isinstance(event, ProbeTaken)] == [4]


def test_a_crash_refuses_what_was_asked_and_the_second_one_is_the_last(onlooker: Onlooker) -> None:
    hold(onlooker, a_model(a_network_with_memory(), seed=1))
    psutil.Process(onlooker.pid).suspend()
    onlooker.ask(CompareLayers())

    psutil.Process(onlooker.pid).kill()
    told = heard(onlooker, bool)

    assert [type(event) for event in told] == [NotAnswered]
    assert onlooker.pid is None and onlooker.here == "starting"

    onlooker.begin()
    psutil.Process(onlooker.pid).kill()
    while onlooker.pid is not None:
        assert onlooker.news(_PATIENCE) == []
    onlooker.begin()
    assert onlooker.pid is None and onlooker.here == "crashed"


@pytest.mark.skipif(sys.platform == "win32", reason="there it never is a file")
def test_an_end_before_the_process_could_open_the_memory_leaves_nothing_behind() -> None:
    here = a_model(a_network_with_memory(), seed=1)
    onlooker = Onlooker("")
    onlooker.hold(to_text(here.project), here.model, here.meter, 0)
    onlooker._hand_over()
    assert onlooker._copy is not None
    file = Path(onlooker._copy.memory.name)
    assert file.exists()

    onlooker.end()

    assert not file.exists()


def test_what_cannot_be_copied_is_looked_into_by_the_trainer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = compile_project(project_of(a_small_cnn()))
    meter = LearningMeter(tuple(model.module.parameters()))
    assert reason_against(model, meter) == ""

    monkeypatch.setattr("engine.beside.onlooker._MOST_BYTES", 1000)
    assert reason_against(model, meter) == "memory"
    monkeypatch.setattr("engine.beside.onlooker.usable_cores", lambda: 1)
    assert reason_against(model, meter) == "cores"
    elsewhere = replace(model, module=model.module.to("meta"))
    meter = LearningMeter(tuple(elsewhere.module.parameters()))
    assert reason_against(elsewhere, meter) == "gpu"
