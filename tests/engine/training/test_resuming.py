import shutil
from pathlib import Path
from queue import SimpleQueue
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from training_runs import (
    Listener,
    a_network_with_memory,
    a_plain_project,
    train,
    train_steps,
    weights,
)

from engine.project.optimizers import OPTIMIZERS
from engine.project.recipe import Schedule
from engine.runs.record import RunRecord
from engine.runs.replay import read_curves
from engine.training.config import TrainingConfig
from engine.training.events import (
    CheckpointSaved,
    EpochEnded,
    HealthNoted,
    RunEnded,
    RunFailed,
    RunPaused,
    RunStarted,
    StepEnded,
    TrainingEvent,
)
from engine.training.requests import (
    FinishRun,
    GoBack,
    PauseRun,
    ResumeRun,
    StepOnce,
    StopRun,
    TrainerRequest,
)
from engine.training.timetable import Timetable
from engine.training.trainer import Trainer


def recipes() -> st.SearchStrategy[dict[str, Any]]:
    """Everything of a recipe that a resume can get wrong."""
    return st.fixed_dictionaries(
        {
            "optimizer": st.sampled_from(sorted(OPTIMIZERS)),
            "schedule": st.sampled_from(get_args(Schedule)),
        },
        optional={
            "accumulation": st.integers(2, 4),
            "averaging": st.just(0.9),
            "gradient_clip": st.just(0.5),
            "gradient_clip_value": st.just(0.01),
            "warm_up": st.sampled_from([0.3, 1.0]),
            "drop_epochs": st.just(1),
            "steps": st.integers(3, 17),
            "precision": st.just("bf16"),
            "balance_classes": st.just(value=True),
            "weight_decay": st.just(0.01),
        },
    )


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops=st.lists(st.integers(1, 8), min_size=1, max_size=3), recipe=recipes())
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory, stops: list[int], recipe: dict[str, Any]
) -> None:
    project = a_network_with_memory(**{"learning_rate": 0.01, **recipe})
    whole = train(project, tmp_path_factory.mktemp("whole"))
    folder = tmp_path_factory.mktemp("parts")

    parts = [train_steps(project, folder, stops[0])]
    parts += [train_steps(project, folder, steps, resume=True) for steps in stops[1:]]
    parts.append(train(project, folder, resume=True))

    assert [loss for part in parts for loss in part.losses()] == whole.losses()
    assert [epoch for part in parts for epoch in part.epochs()] == whole.epochs()
    for name in ("last", "best"):
        assert weights(folder, name) == weights(Path(whole.told(RunStarted)[0].run), name)
    assert read_curves(folder).losses.tolist() == whole.losses()
    assert RunRecord.open(folder).state == "finished"


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(1, 12), recipe=recipes())
def test_a_run_that_was_killed_goes_on_from_its_checkpoint_to_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory, at: int, recipe: dict[str, Any]
) -> None:
    """What a kill leaves: the checkpoint of a step, and the curves of some steps after it."""
    project = a_network_with_memory(**{"learning_rate": 0.01, **recipe})
    assume(at < Timetable(project.recipe, samples=200).steps)
    whole, left = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("left") / "run"
    listener = Listener()
    listener.requests.put(StepOnce(count=at))
    answers = iter([(ResumeRun(), PauseRun()), (ResumeRun(),)])

    def answer(event: TrainingEvent) -> None:
        listener(event)
        if isinstance(event, RunPaused):
            for request in next(answers):
                listener.requests.put(request)
            # Pausing saved the step; holding after some steps did not.
            if (whole / "checkpoints" / "last").exists():
                shutil.copytree(whole / "checkpoints", left / "checkpoints", dirs_exist_ok=True)

    config = TrainingConfig(run_folder=str(whole), threads=1, device="cpu")
    Trainer(project, config, answer, listener.requests).run()
    for file in ("run.json", "project.loom", "metrics.sqlite"):
        shutil.copy(whole / file, left / file)
    train(project, left, resume=True)

    assert weights(left) == weights(whole)
    assert read_curves(left).losses.tolist() == read_curves(whole).losses.tolist()


def test_a_run_that_was_stopped_while_it_validated_goes_on_to_the_same_bits(
    tmp_path: Path,
) -> None:
    project = a_network_with_memory(learning_rate=0.05)
    whole = train(project, tmp_path / "whole")
    parts = tmp_path / "parts"
    listener = Listener()

    def stop(event: TrainingEvent) -> None:
        listener(event)
        if isinstance(event, StepEnded) and event.epoch == 1:
            listener.requests.put(StopRun())

    config = TrainingConfig(run_folder=str(parts), threads=1, device="cpu")
    ended = Trainer(project, config, stop, listener.requests).run()
    rest = train(project, parts, resume=True)

    assert (ended.outcome, ended.step) == ("stopped", 7) and not listener.epochs()
    assert rest.epochs() == whole.epochs()
    assert weights(parts) == weights(tmp_path / "whole")


class WithinValidation(Listener):
    """Asks for a pause after the first validation batch, and for something else once it holds."""

    def __init__(self, *asked: TrainerRequest) -> None:
        super().__init__()
        self.requests = Counting()
        self._asked = asked
        self.epochs_when_held: list[int] = []

    def __call__(self, event: TrainingEvent) -> None:
        super().__call__(event)
        if isinstance(event, StepEnded) and event.epoch == 1:
            self.requests.looks_until_pause = 2
        elif isinstance(event, RunPaused):
            self.epochs_when_held.append(len(self.epochs()))
            for request in self._asked:
                self.requests.put(request)
            self._asked = (ResumeRun(),)


class Counting(SimpleQueue[TrainerRequest]):
    """Holds a pause from the n-th look on."""

    looks_until_pause = 0

    def empty(self) -> bool:
        if self.looks_until_pause:
            self.looks_until_pause -= 1
            if not self.looks_until_pause:
                self.put(PauseRun())
        return super().empty()


@pytest.mark.parametrize(
    "asked", [[ResumeRun()], [StepOnce(count=2)], [GoBack(), ResumeRun()]], ids=str
)
def test_a_pause_within_validation_holds_there_and_changes_no_bit(
    tmp_path: Path, asked: list[TrainerRequest]
) -> None:
    project = a_network_with_memory(learning_rate=0.05, averaging=0.9)
    whole = train(project, tmp_path / "whole")
    listener = WithinValidation(*asked)

    train(project, tmp_path / "held", listener)

    assert listener.told(RunPaused)[0].step == 7 and listener.epochs_when_held[0] == 0
    assert listener.epochs() == whole.epochs()
    assert weights(tmp_path / "held") == weights(tmp_path / "whole")


def test_what_a_pause_within_validation_saved_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    project = a_network_with_memory(learning_rate=0.05, averaging=0.9)
    whole = train(project, tmp_path / "whole")
    listener = WithinValidation(StopRun())

    train(project, tmp_path / "parts", listener)
    rest = train(project, tmp_path / "parts", resume=True)

    assert not listener.epochs()
    assert rest.epochs() == whole.epochs()
    assert weights(tmp_path / "parts") == weights(tmp_path / "whole")


def test_a_run_that_is_finished_while_it_holds_within_validation_has_its_epoch(
    tmp_path: Path,
) -> None:
    listener = WithinValidation(FinishRun())

    train(a_network_with_memory(), tmp_path, listener)

    assert len(listener.epochs()) == 1 and listener.told(EpochEnded)[0].validation_loss
    assert (listener.told(RunEnded)[0].outcome, listener.told(RunEnded)[0].step) == ("finished", 7)


def test_a_kill_right_after_any_save_costs_neither_curves_nor_the_best_epoch(
    tmp_path: Path,
) -> None:
    whole = tmp_path / "whole"
    left: list[Path] = []
    listener = Listener()

    def copy(event: TrainingEvent) -> None:
        listener(event)
        if isinstance(event, CheckpointSaved):
            left.append(tmp_path / f"left-{len(left)}")
            shutil.copytree(whole, left[-1])

    project = a_network_with_memory(learning_rate=0.05, epochs=4)
    config = TrainingConfig(run_folder=str(whole), threads=1, device="cpu")
    Trainer(project, config, copy, listener.requests).run()
    rest = [train(project, folder, resume=True) for folder in left]

    assert len(left) > 1
    assert all(each.told(RunStarted)[0].first_step for each in rest)
    for folder in left:
        assert weights(folder) == weights(whole) and weights(folder, "best") == weights(
            whole, "best"
        )
        assert read_curves(folder).losses.tolist() == read_curves(whole).losses.tolist()


def test_going_on_without_a_checkpoint_begins_again_and_says_so(tmp_path: Path) -> None:
    told = train(a_plain_project(), tmp_path, resume=True)

    assert told.told(HealthNoted)[0].code == "resume"
    assert told.told(RunEnded)[0].outcome == "finished" and len(told.losses()) == 14


def test_a_checkpoint_of_another_drawing_is_refused(tmp_path: Path) -> None:
    train_steps(a_plain_project(), tmp_path, 1)

    told = train(a_network_with_memory(), tmp_path, resume=True)

    assert told.told(RunFailed)[0].title == "The checkpoint does not fit this drawing"


def test_a_finished_run_that_goes_on_has_nothing_left_to_do(tmp_path: Path) -> None:
    project = a_plain_project()
    first = train(project, tmp_path).told(RunEnded)[0]

    again = train(project, tmp_path, resume=True)

    ended = again.told(RunEnded)[0]
    assert not again.losses()
    assert (ended.outcome, ended.step, ended.validation_loss) == (
        "finished",
        first.step,
        first.validation_loss,
    )
