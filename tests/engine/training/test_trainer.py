from pathlib import Path

import pytest
import torch
from builders import a_plain_network, a_project, a_small_cnn, node_named
from training_runs import (
    FEW,
    Listener,
    a_network_with_memory,
    a_plain_project,
    train,
    train_steps,
    weights,
)

from engine.compile.module import compile_project
from engine.data.builtin import open_data_set
from engine.data.progress import tell
from engine.data.shuffling import epoch_order
from engine.data.splitting import split
from engine.graph.edits import set_frozen, set_params
from engine.project.project import Project
from engine.runs.record import RunRecord
from engine.runs.replay import read_curves
from engine.training.config import TrainingConfig
from engine.training.events import (
    CheckpointSaved,
    EpochEnded,
    HealthNoted,
    ProbeTaken,
    RunEnded,
    RunFailed,
    RunPaused,
    RunResumed,
    RunStarted,
    SamplesChosen,
    StepEnded,
)
from engine.training.requests import (
    PauseRun,
    ResumeRun,
    StepOnce,
    StopRun,
    TrainerRequest,
    WatchLayers,
)
from engine.training.runner import train_here
from engine.training.trainer import Trainer
from engine.training.waiting import PREPARING, GivenUp


def test_the_engine_trains_as_a_loop_written_by_hand(tmp_path: Path) -> None:
    """The judge is plain PyTorch on the same samples in the same order."""
    project = a_plain_project(schedule="constant", optimizer="sgd", learning_rate=0.1)
    told = train(project, tmp_path)

    torch.manual_seed(0)
    model = compile_project(project).module
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    parts = split(10_000, validation=0.08, test=0.9, seed=0)
    digits = open_data_set("digits")
    images = torch.from_numpy(digits.read("image", parts.training)).float() / 255
    labels = torch.from_numpy(digits.read("label", parts.training)).long()
    losses = []
    for epoch in range(2):
        order = torch.from_numpy(epoch_order(200, seed=0, epoch=epoch))
        for chosen in torch.split(order, 32):
            loss = torch.nn.functional.cross_entropy(model(images[chosen]), labels[chosen])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(loss.item())
    assert told.losses() == pytest.approx(losses, rel=1e-4)


def test_a_run_tells_its_story_in_order(tmp_path: Path) -> None:
    told = train(a_plain_project(), tmp_path)

    started, ended = told.told(RunStarted)[0], told.told(RunEnded)[0]
    assert told.events[0] is started and told.events[-1] is ended
    assert isinstance(told.events[1], SamplesChosen)
    assert (started.steps, started.training_samples, started.validation_samples) == (14, 200, 800)
    assert started.parameters == 784 * 16 + 16 + 16 * 10 + 10
    assert len(told.losses()) == 14 and told.told(StepEnded)[-1].step == 14
    assert [event.epoch for event in told.told(EpochEnded)] == [1, 2]
    assert (ended.outcome, ended.step, ended.epoch) == ("finished", 14, 2.0)
    last = told.told(EpochEnded)[-1]
    assert ended.validation_metric == last.validation_metric
    assert ended.metric == "accuracy" and 0 <= (ended.validation_metric or -1) <= 1


def test_the_run_folder_holds_all_of_it(tmp_path: Path) -> None:
    project = a_plain_project()
    told = train(project, tmp_path)

    record = RunRecord.open(tmp_path)
    curves = read_curves(tmp_path)
    assert record.state == "finished"
    assert record.project() == project
    assert record.info.surroundings.threads == 1
    assert record.info.ended == told.told(RunEnded)[0]
    assert curves.losses.tolist() == told.losses()
    assert curves.steps.tolist() == list(range(1, 15))
    assert curves.step_epochs[-1] == 2.0 and curves.step_epochs[6] == 1.0
    assert curves.validation_losses.tolist() == [e.validation_loss for e in told.told(EpochEnded)]
    assert record.checkpoint("best") and record.checkpoint("last")
    assert compile_project(project).source.text == (tmp_path / "model.py").read_text()
    assert project.name in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_same_seed_gives_the_same_numbers_and_another_does_not(tmp_path: Path) -> None:
    runs = [
        train(a_network_with_memory(seed=seed), tmp_path / str(number))
        for number, seed in enumerate((1, 1, 2))
    ]

    assert runs[0].losses() == runs[1].losses() != runs[2].losses()
    assert runs[0].epochs() == runs[1].epochs()
    assert weights(tmp_path / "0") == weights(tmp_path / "1") != weights(tmp_path / "2")


def test_looking_into_layers_changes_nothing_of_what_is_learned(tmp_path: Path) -> None:
    project = a_network_with_memory()
    nodes = tuple(project.graph.nodes)
    watched = Listener()
    watched.requests.put(WatchLayers(nodes=nodes, detail=nodes[2]))
    train(project, tmp_path / "watched", watched, probe_share=0.1)
    alone = train(project, tmp_path / "alone")

    assert watched.told(ProbeTaken) and not alone.told(ProbeTaken)
    assert watched.losses() == alone.losses()
    assert weights(tmp_path / "watched") == weights(tmp_path / "alone")


def test_a_paused_run_can_be_looked_at_stepped_and_resumed(tmp_path: Path) -> None:
    project = a_plain_project()
    linear = node_named(project.graph, "linear")
    listener = Listener()
    listener.requests.put(PauseRun())
    looked_at = WatchLayers(nodes=(linear,))
    asked: list[list[TrainerRequest]] = [[looked_at, StepOnce(count=3)], [ResumeRun()]]

    def answer(event: object) -> None:
        listener(event)  # type: ignore[arg-type]
        if isinstance(event, RunPaused):
            for request in asked.pop(0):
                listener.requests.put(request)

    config = TrainingConfig(run_folder=str(tmp_path), threads=1)
    ended = train_here(project, config, answer, listener.requests)

    assert [event.step for event in listener.told(RunPaused)] == [0, 3]
    assert listener.told(RunResumed)[-1].step == 3
    probes = [event for event in listener.told(ProbeTaken) if event.step in (0, 3)]
    assert [event.step for event in probes][:2] == [0, 3]
    assert probes[1].layers[0].gradient_norm is not None
    assert ended.outcome == "finished" and len(listener.losses()) == 14


def test_pausing_saves_the_run(tmp_path: Path) -> None:
    listener = Listener()
    listener.requests.put(StepOnce(count=2))
    listener.answers[RunPaused] = [StopRun()]
    listener.requests.put(PauseRun())

    train(a_plain_project(), tmp_path, listener)

    before = listener.events.index(listener.told(RunPaused)[0])
    assert any(isinstance(event, CheckpointSaved) for event in listener.events[:before])


def test_stopping_saves_the_step_it_came_to(tmp_path: Path) -> None:
    told = train_steps(a_plain_project(), tmp_path, 5)

    ended = told.told(RunEnded)[0]
    assert (ended.outcome, ended.step) == ("stopped", 5)
    assert ended.epoch == pytest.approx(5 / 7)
    assert ended.training_loss == pytest.approx(sum(told.losses()) / 5)
    assert told.told(CheckpointSaved)[-1].step == 5


def test_training_stops_early_once_patience_is_over(tmp_path: Path) -> None:
    project = a_plain_project(epochs=60, patience=2, learning_rate=0.02, schedule="constant")

    told = train(project, tmp_path)

    losses = [event.validation_loss or 0.0 for event in told.told(EpochEnded)]
    ended = told.told(RunEnded)[0]
    assert ended.outcome == "stopped_early"
    assert ended.best_epoch == losses.index(min(losses)) + 1 == len(losses) - 2


def test_the_best_checkpoint_is_that_of_the_best_epoch(tmp_path: Path) -> None:
    project = a_plain_project(epochs=60, patience=3, learning_rate=0.02, schedule="constant")
    best = train(project, tmp_path / "long").told(RunEnded)[0].best_epoch
    assert best is not None

    train_steps(project, tmp_path / "short", 7 * best)

    assert weights(tmp_path / "long", "best") == weights(tmp_path / "short", "last")


def test_frozen_layers_keep_their_weights(tmp_path: Path) -> None:
    project = a_plain_project()
    linear = node_named(project.graph, "linear")
    frozen = Project(
        name="Frozen",
        graph=set_frozen(project.graph, [linear], frozen=True),
        recipe=project.recipe,
    )
    torch.manual_seed(0)
    before = compile_project(frozen).module.state_dict()

    train(frozen, tmp_path)

    from safetensors.torch import load_file

    after = load_file(tmp_path / "checkpoints" / "last" / "weights.safetensors")
    kept = {name for name in before if torch.equal(before[name], after[name])}
    assert kept == {"linear.weight", "linear.bias"}


def test_a_network_without_weights_to_train_is_refused_in_words(tmp_path: Path) -> None:
    project = a_plain_project()
    graph = set_frozen(project.graph, tuple(project.graph.nodes), frozen=True)

    told = train(Project(name="Frozen", graph=graph), tmp_path)

    assert told.told(RunFailed)[0].title == "There is nothing to train"
    assert told.told(RunEnded)[0].outcome == "failed"
    assert RunRecord.open(tmp_path).state == "failed"


def test_a_loss_that_is_no_number_ends_the_run_and_names_the_layer(tmp_path: Path) -> None:
    graph = a_small_cnn(**FEW)
    project = a_project(graph, optimizer="sgd", learning_rate=100.0, weight_decay=10.0, epochs=9)

    told = train(project, tmp_path)

    failed = told.told(RunFailed)[0]
    assert failed.title == "The loss is no longer a number"
    assert f" at step {len(told.losses()) + 1}, in " in failed.why
    assert failed.node in graph.nodes
    assert told.told(RunEnded)[0].outcome == "failed"


def test_gradients_are_clipped_to_the_norm_that_is_asked_for(tmp_path: Path) -> None:
    project = a_plain_project(
        optimizer="sgd", momentum=0.0, learning_rate=1.0, schedule="constant", gradient_clip=0.01
    )
    torch.manual_seed(0)
    before = compile_project(project).module.state_dict()

    train_steps(project, tmp_path, 1)

    from safetensors.torch import load_file

    after = load_file(tmp_path / "checkpoints" / "last" / "weights.safetensors")
    moved = torch.cat([(after[name] - before[name]).flatten() for name in before])
    assert float(moved.norm()) == pytest.approx(0.01, rel=1e-3)


def test_without_validation_samples_the_training_loss_decides(tmp_path: Path) -> None:
    graph = a_plain_network(hidden=16)
    data = {"validation_share": 0.0, "test_share": 0.9}
    project = a_project(set_params(graph, node_named(graph, "data"), data), epochs=2)

    told = train(project, tmp_path)

    assert [event.validation_loss for event in told.told(EpochEnded)] == [None, None]
    assert told.told(RunEnded)[0].best_epoch == 2


def test_batches_together_learn_as_one_large_batch_does(tmp_path: Path) -> None:
    large = a_plain_project(optimizer="sgd", batch_size=64, schedule="constant")
    small = a_plain_project(optimizer="sgd", batch_size=16, accumulation=4, schedule="constant")

    one, other = train(large, tmp_path / "large"), train(small, tmp_path / "small")

    assert other.losses() == pytest.approx(one.losses(), rel=1e-5)
    assert other.told(RunStarted)[0].steps == one.told(RunStarted)[0].steps == 8


def test_a_run_of_steps_ends_within_an_epoch_and_is_validated(tmp_path: Path) -> None:
    told = train(a_plain_project(steps=10), tmp_path)

    assert told.told(RunEnded)[0].outcome == "finished"
    assert [(event.epoch, event.step) for event in told.told(EpochEnded)] == [(1, 7), (2, 10)]


def test_patience_asks_for_as_much_better_as_the_recipe_says(tmp_path: Path) -> None:
    project = a_plain_project(epochs=9, patience=2, min_delta=100.0)

    told = train(project, tmp_path)

    assert [event.epoch for event in told.told(EpochEnded)] == [1, 2, 3]
    # What counts as better for patience does not hide the best weights.
    losses = [event.validation_loss or 0.0 for event in told.told(EpochEnded)]
    assert told.told(RunEnded)[0].best_epoch == losses.index(min(losses)) + 1


def test_the_model_ends_with_the_best_weights_where_it_should(tmp_path: Path) -> None:
    project = a_plain_project(
        epochs=60, patience=2, restore_best=True, learning_rate=0.02, schedule="constant"
    )
    listener = Listener()
    trainer = Trainer(
        project, TrainingConfig(run_folder=str(tmp_path), threads=1, device="cpu"), listener
    )

    ended = trainer.run()

    from safetensors.torch import load_file

    best = load_file(tmp_path / "checkpoints" / "best" / "weights.safetensors")
    assert trainer._compiled is not None
    left = trainer._compiled.module.state_dict()
    assert ended.outcome == "stopped_early" and weights(tmp_path) != weights(tmp_path, "best")
    assert all(torch.equal(best[name], left[name]) for name in best)


def test_what_is_validated_and_saved_is_the_average(tmp_path: Path) -> None:
    """The judge averages the weights that a run without averaging has after each step."""
    plain = a_plain_project(epochs=1, steps=3, schedule="constant")
    averaged = a_plain_project(epochs=1, steps=3, schedule="constant", averaging=0.5)
    from safetensors.torch import load_file

    def left(folder: Path) -> dict[str, torch.Tensor]:
        return load_file(folder / "checkpoints" / "last" / "weights.safetensors")

    torch.manual_seed(0)
    judge = {n: t.clone() for n, t in compile_project(plain).module.state_dict().items()}
    for step in range(1, 4):
        train_steps(plain, tmp_path / f"plain {step}", step)
        decay = min(0.5, (1 + step) / (10 + step))
        for name, weight in left(tmp_path / f"plain {step}").items():
            judge[name] = decay * judge[name] + (1 - decay) * weight
    train(averaged, tmp_path / "averaged")

    for name, weight in left(tmp_path / "averaged").items():
        assert torch.allclose(weight, judge[name], atol=1e-6)


def test_gradients_are_clipped_one_by_one_to_the_size_that_is_asked_for(tmp_path: Path) -> None:
    project = a_plain_project(
        optimizer="sgd", momentum=0.0, learning_rate=1.0, gradient_clip_value=0.001
    )
    torch.manual_seed(0)
    before = compile_project(project).module.state_dict()

    train_steps(project, tmp_path, 1)

    from safetensors.torch import load_file

    after = load_file(tmp_path / "checkpoints" / "last" / "weights.safetensors")
    moved = torch.cat([(after[name] - before[name]).flatten() for name in before])
    assert float(moved.abs().max()) == pytest.approx(0.001, rel=1e-3)


def test_a_compiled_run_keeps_what_was_measured_when_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "compile", lambda module: module)
    project = a_network_with_memory(compile=True)
    told = train_steps(project, tmp_path, 2)
    chosen = RunRecord.open(tmp_path).info.surroundings.compiled

    again = train(project, tmp_path, resume=True)

    assert told.told(HealthNoted)[0].code == "speed" and not again.told(HealthNoted)
    assert RunRecord.open(tmp_path).info.surroundings.compiled == chosen


def test_a_run_that_is_stopped_while_it_reads_its_data_ends_as_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, given_up = Listener(), GivenUp()
    config = TrainingConfig(run_folder=str(tmp_path / "run"), device="cpu")

    (tmp_path / "run").mkdir()

    def gather(*_: object, **__: object) -> None:
        given_up.give_up(PREPARING)
        tell(1, 4)
        raise AssertionError("nobody waits for the rest")

    monkeypatch.setattr("engine.training.trainer.gather", gather)
    ended = Trainer(a_plain_project(), config, listener, listener.requests, given_up).run()

    assert ended.outcome == "stopped" and not listener.told(RunFailed)
    assert not (tmp_path / "run").exists()
