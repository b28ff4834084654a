"""Runs that are changed while they train."""

from pathlib import Path
from typing import Any

import pytest
import torch
from builders import a_plain_network, a_project, node_named
from safetensors.torch import load_file
from training_runs import (
    FEW,
    Listener,
    Person,
    a_network_with_memory,
    train,
    train_steps,
    weights,
    with_graph,
    with_recipe,
)

from engine.graph.edits import insert_on_link, make_node, set_frozen, set_params
from engine.project.codec import to_text
from engine.project.project import Project
from engine.runs.record import RunRecord
from engine.runs.replay import read_curves
from engine.training.config import TrainingConfig
from engine.training.events import (
    EpochEnded,
    HealthNoted,
    RunChanged,
    RunEnded,
    RunPaused,
    RunStarted,
    RunWentBack,
    TrainingEvent,
)
from engine.training.foreseeing import ChangeForeseen, ForeseeChange
from engine.training.requests import (
    ChangeRun,
    FinishEpoch,
    FinishRun,
    GoBack,
    PauseRun,
    ResetLayer,
    ResumeRun,
    StepOnce,
    StopRun,
    TrainerRequest,
)
from engine.training.trainer import Trainer


def a_plain_project(**recipe: object) -> Project:
    graph = a_plain_network(hidden=16)
    graph = set_params(graph, node_named(graph, "data"), FEW)
    return a_project(graph, **{"epochs": 2, "batch_size": 32, "schedule": "constant", **recipe})


def changed(project: Project, folder: Path, after: int, to: Project, **config: Any) -> Listener:
    person = Person(after, ChangeRun(project=to_text(to)))
    return train(project, folder, person, **config)


def last(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "checkpoints" / "last" / "weights.safetensors")


def test_a_learning_rate_set_while_it_trains_holds_from_the_next_step(tmp_path: Path) -> None:
    project = a_plain_project(learning_rate=0.01)

    told = changed(project, tmp_path, 5, with_recipe(project, learning_rate=0.002))

    rates = read_curves(tmp_path).learning_rates.tolist()
    # The figures of a block stand for its last step; holding ends a block.
    assert rates[4] == 0.01 and set(rates[5:]) == {0.002}
    event = told.told(RunChanged)[0]
    assert (event.step, event.title) == (5, "Learning rate 0.002")


def test_a_rate_set_while_it_trains_learns_as_torch_does_with_it(tmp_path: Path) -> None:
    project = a_plain_project(optimizer="sgd", momentum=0.0, learning_rate=0.05)
    half = with_recipe(project, learning_rate=0.1)
    train_steps(project, tmp_path / "five", 5)
    train_steps(project, tmp_path / "six", 6)

    changed(with_recipe(project, steps=6), tmp_path / "other", 5, with_recipe(half, steps=6))

    five, six, other = (last(tmp_path / name) for name in ("five", "six", "other"))
    for name in five:
        assert torch.allclose(other[name] - five[name], 2 * (six[name] - five[name]), atol=1e-6)


@pytest.mark.parametrize("size", [5, 7, 16, 64, 500])
def test_another_batch_size_within_an_epoch_leaves_no_sample_out(tmp_path: Path, size: int) -> None:
    project = a_plain_project(epochs=1)

    told = changed(project, tmp_path, 2, with_recipe(project, batch_size=size))

    left = 200 - 64
    # A last batch of one sample is left out; see batches_per_epoch.
    steps = left // size + (left % size > 1)
    event, ended = told.told(RunChanged)[0], told.told(RunEnded)[0]
    assert ended.step == 2 + max(steps, 1) == event.steps
    assert ended.outcome == "finished"


def test_a_layer_frozen_while_it_trains_keeps_its_weights_from_there(tmp_path: Path) -> None:
    project = a_plain_project()
    linear = node_named(project.graph, "linear")
    train_steps(project, tmp_path / "five", 5)
    frozen = with_graph(project, set_frozen(project.graph, [linear], frozen=True))

    told = changed(project, tmp_path / "whole", 5, frozen)

    five, whole = last(tmp_path / "five"), last(tmp_path / "whole")
    same = {name for name in five if torch.equal(five[name], whole[name])}
    assert same == {"linear.weight", "linear.bias"}
    assert told.told(RunChanged)[0].title == "Linear frozen"


def test_a_layer_thawed_while_others_have_momentum_goes_on_learning(tmp_path: Path) -> None:
    project = a_plain_project(optimizer="sgd", learning_rate=0.05)
    linear = node_named(project.graph, "linear")
    frozen = with_graph(project, set_frozen(project.graph, [linear], frozen=True))
    train_steps(frozen, tmp_path / "five", 5)

    told = changed(frozen, tmp_path / "whole", 5, project)

    five, whole = last(tmp_path / "five"), last(tmp_path / "whole")
    assert not torch.equal(five["linear.weight"], whole["linear.weight"])
    assert told.told(RunChanged)[0].title == "Linear thawed"
    assert told.told(RunEnded)[0].outcome == "finished"


def test_dropout_changed_while_it_trains_keeps_every_weight(tmp_path: Path) -> None:
    project = a_network_with_memory(steps=5)
    dropout = node_named(project.graph, "dropout")
    other = with_graph(project, set_params(project.graph, dropout, {"p": 0.6}))

    told = changed(project, tmp_path / "changed", 4, other)
    train(project, tmp_path / "plain")

    event = told.told(RunChanged)[0]
    assert event.title == "Dropout: share dropped 0.6" and not event.new and not event.dropped
    # Four steps alike, the fifth with other dropout.
    one = read_curves(tmp_path / "changed").losses
    two = read_curves(tmp_path / "plain").losses
    assert one[:4].tolist() == two[:4].tolist() and one[4] != two[4]


def a_deeper(project: Project) -> Project:
    """Return the drawing with one more layer between its two linear layers."""
    link = next(project.graph.links_into(node_named(project.graph, "linear_2")))
    middle = make_node(project.graph, "Linear", params={"out_features": 16})
    return with_graph(project, insert_on_link(project.graph, middle, link))


def test_layers_that_stay_keep_weights_and_memory_when_another_is_added(tmp_path: Path) -> None:
    project = a_plain_project()
    deeper = a_deeper(project)
    train_steps(project, tmp_path / "before", 5)

    person = Person(5, ChangeRun(project=to_text(deeper)), StopRun())
    told = train(project, tmp_path / "after", person)

    before, after = last(tmp_path / "before"), last(tmp_path / "after")
    assert all(torch.equal(before[name], after[name]) for name in before)
    names = {node: deeper.graph.nodes[node].name for node in deeper.graph.nodes}
    event = told.told(RunChanged)[0]
    assert {names[node] for node in event.kept} == {"linear", "linear_2"}
    assert {names[node] for node in event.grown} == {"linear_3"} and not event.new
    memory = [
        load_file(tmp_path / name / "checkpoints" / "last" / "optimizer.safetensors")
        for name in ("before", "after")
    ]
    assert all(torch.equal(memory[0][key], memory[1][key]) for key in memory[0])


def test_the_record_of_a_changed_run_holds_both_drawings(tmp_path: Path) -> None:
    project = a_plain_project()
    deeper = a_deeper(project)

    train(project, tmp_path, Person(5, ChangeRun(project=to_text(deeper)), StopRun()))

    record = RunRecord.open(tmp_path)
    assert record.project().graph == project.graph
    assert record.project_now().graph == record.project_looked_into().graph == deeper.graph


def test_what_becomes_of_the_layers_is_foreseen_and_changes_nothing(tmp_path: Path) -> None:
    project = a_network_with_memory(steps=8)
    wider = set_params(project.graph, node_named(project.graph, "linear"), {"out_features": 24})
    text = to_text(with_graph(project, wider))

    asked = train(project, tmp_path / "asked", Person(5, ForeseeChange(project=text)))
    train(project, tmp_path / "plain")
    taken = changed(project, tmp_path / "taken", 5, with_graph(project, wider))

    (foreseen,), (told,) = asked.told(ChangeForeseen), taken.told(RunChanged)
    for group in ("kept", "new", "dropped", "grown"):
        assert getattr(foreseen, group) == getattr(told, group)
    assert len(foreseen.grown) == 3
    assert weights(tmp_path / "asked") == weights(tmp_path / "plain")


def test_a_change_outlives_a_kill_after_the_first_step_that_is_made_with_it(tmp_path: Path) -> None:
    project = a_plain_project()
    deeper = a_deeper(project)
    listener = Listener()
    asked: list[list[TrainerRequest]] = [
        [ResumeRun(), PauseRun()],  # holds again at step 3, and saves it
        [ChangeRun(project=to_text(deeper)), StepOnce(count=1)],
        [StopRun()],
    ]
    listener.requests.put(StepOnce(count=3))
    killed_here: list[int] = []

    def answer(event: TrainingEvent) -> None:
        listener(event)
        if isinstance(event, RunPaused) and asked:
            killed_here.append(len(RunRecord.open(tmp_path).project_now().graph.nodes))
            for request in asked.pop(0):
                listener.requests.put(request)

    config = TrainingConfig(run_folder=str(tmp_path), threads=1, device="cpu")
    Trainer(project, config, answer, listener.requests).run()

    assert killed_here[-1] == len(deeper.graph.nodes) == killed_here[-2] + 1


def test_a_changed_run_that_was_stopped_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    project = a_plain_project(averaging=0.9)
    deeper = with_recipe(a_deeper(project), batch_size=16, averaging=0.9)
    whole = changed(project, tmp_path / "whole", 5, deeper)
    person = Person(5, ChangeRun(project=to_text(deeper)), StepOnce(count=2))
    person._asked.pop()
    person.answers[RunChanged] = [PauseRun(), StopRun()]
    train(project, tmp_path / "parts", person)

    train(project, tmp_path / "parts", resume=True)

    assert weights(tmp_path / "parts") == weights(tmp_path / "whole")
    assert whole.told(RunEnded)[0].outcome == "finished"


def test_a_drawing_that_cannot_be_trained_is_refused_and_the_run_goes_on(tmp_path: Path) -> None:
    project = a_plain_project()
    second = node_named(project.graph, "linear_2")
    broken = with_graph(project, set_params(project.graph, second, {"out_features": 3}))

    told = changed(project, tmp_path, 5, broken)

    assert told.told(HealthNoted)[0].code == "change"
    assert not told.told(RunChanged)
    assert len(told.losses()) == 14 and told.told(RunEnded)[0].outcome == "finished"


def test_going_back_learns_the_same_again(tmp_path: Path) -> None:
    project = a_network_with_memory(averaging=0.9)
    plain = train(project, tmp_path / "plain")
    listener = Listener()
    asked: list[list[TrainerRequest]] = [
        [ResumeRun(), PauseRun()],  # holds again at step 3, and saves it
        [StepOnce(count=4)],
        [GoBack(), ResumeRun()],
    ]
    listener.requests.put(StepOnce(count=3))

    def answer(event: TrainingEvent) -> None:
        listener(event)
        if isinstance(event, RunPaused) and asked:
            for request in asked.pop(0):
                listener.requests.put(request)

    config = TrainingConfig(run_folder=str(tmp_path / "back"), threads=1, device="cpu")
    Trainer(project, config, answer, listener.requests).run()

    assert [event.step for event in listener.told(RunWentBack)] == [3]
    assert weights(tmp_path / "back") == weights(tmp_path / "plain")
    assert read_curves(tmp_path / "back").losses.tolist() == plain.losses()


def test_a_layer_can_begin_anew(tmp_path: Path) -> None:
    project = a_plain_project()
    linear = node_named(project.graph, "linear")
    train_steps(project, tmp_path / "before", 5)

    told = train(project, tmp_path / "after", Person(5, ResetLayer(node=linear), StopRun()))

    before, after = last(tmp_path / "before"), last(tmp_path / "after")
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == {"linear_2.weight", "linear_2.bias"}
    memory = load_file(tmp_path / "after" / "checkpoints" / "last" / "optimizer.safetensors")
    assert not any(key.startswith("linear.") for key in memory)
    assert told.told(RunChanged)[0].title == "Linear (linear) begins anew"


def test_layers_begin_anew_in_a_drawing_that_is_the_same(tmp_path: Path) -> None:
    project = a_plain_project()
    linear = node_named(project.graph, "linear")
    train_steps(project, tmp_path / "before", 5)
    asked = ChangeRun(project=to_text(project), anew=(linear,), title="Anew")

    told = train(project, tmp_path / "after", Person(5, asked, StopRun()))

    before, after = last(tmp_path / "before"), last(tmp_path / "after")
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == {"linear_2.weight", "linear_2.bias"}
    (changed,) = told.told(RunChanged)
    assert (changed.title, changed.anew) == ("Anew", (linear,))


def test_a_run_can_go_to_the_end_of_its_epoch_and_hold(tmp_path: Path) -> None:
    listener = Listener()
    listener.requests.put(FinishEpoch())
    listener.answers[RunPaused] = [ResumeRun()]

    train(a_plain_project(), tmp_path, listener)

    assert [event.step for event in listener.told(RunPaused)] == [7]
    assert listener.told(RunEnded)[0].step == 14


def test_a_run_can_be_finished_now_with_figures_and_checkpoints(tmp_path: Path) -> None:
    told = train(a_plain_project(epochs=50), tmp_path, Person(10, FinishRun()))

    ended = told.told(RunEnded)[0]
    assert (ended.outcome, ended.step) == ("finished", 10)
    assert [(event.epoch, event.step) for event in told.told(EpochEnded)] == [(1, 7), (2, 10)]
    assert ended.validation_loss == told.told(EpochEnded)[-1].validation_loss
    assert weights(tmp_path) and weights(tmp_path, "best")
    assert told.told(RunStarted)[0].steps == 350


def test_what_was_changed_since_still_holds_after_going_back(tmp_path: Path) -> None:
    project = a_plain_project(learning_rate=0.01)
    other = with_recipe(project, learning_rate=0.002)
    listener = Listener()
    asked: list[list[TrainerRequest]] = [
        [ResumeRun(), PauseRun()],  # holds again at step 3, and saves it
        [StepOnce(count=4)],
        [ChangeRun(project=to_text(other)), GoBack(), ResumeRun()],
    ]
    listener.requests.put(StepOnce(count=3))

    def answer(event: TrainingEvent) -> None:
        listener(event)
        if isinstance(event, RunPaused) and asked:
            for request in asked.pop(0):
                listener.requests.put(request)

    config = TrainingConfig(run_folder=str(tmp_path), threads=1, device="cpu")
    Trainer(project, config, answer, listener.requests).run()

    rates = read_curves(tmp_path).learning_rates.tolist()
    assert rates[:3] == [0.01] * 3 and set(rates[3:]) == {0.002}
    assert [event.step for event in listener.told(RunChanged)] == [7, 3]
