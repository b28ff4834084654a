"""Runs whose last step cannot be written: held where somebody can make room, told where not."""

from pathlib import Path

import pytest
from training_runs import Listener, a_network_with_memory, train

from app.cli.following import exit_code
from engine.training.checkpoints import load_checkpoint
from engine.training.events import HealthNoted, RunEnded, RunPaused, TrainingEvent
from engine.training.moving import MoveRun
from engine.training.requests import ResumeRun, StopRun, TrainerRequest


class MakesRoom(Listener):
    """Removes what is in the way once the run holds, asks for something, and resumes."""

    def __init__(self, blocked: Path, *asked: TrainerRequest) -> None:
        super().__init__()
        self._blocked = blocked
        self._asked = asked or (ResumeRun(),)

    def __call__(self, event: TrainingEvent) -> None:
        super().__call__(event)
        if isinstance(event, RunPaused):
            self._blocked.unlink()
            for request in self._asked:
                self.requests.put(request)


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """A file where the checkpoints belong."""
    file = tmp_path / "run" / "checkpoints"
    file.parent.mkdir()
    file.write_text("in the way")
    return file


def saved_step(run: Path) -> int | None:
    found = load_checkpoint(run / "checkpoints", "last")
    return None if found is None else found.state.place.step


def test_a_run_that_cannot_be_saved_at_its_end_holds_until_it_is(blocked: Path) -> None:
    run = blocked.parent
    listener = MakesRoom(blocked)

    train(a_network_with_memory(), run, listener, holds_on_trouble=True)

    (ended,) = listener.told(RunEnded)
    assert len(listener.told(RunPaused)) == 1, "at its end alone"
    assert (ended.outcome, ended.is_unsaved) == ("finished", False)
    assert saved_step(run) == ended.step == 21
    assert "holds until it is saved" in listener.told(HealthNoted)[-1].text


def test_it_is_saved_in_another_folder_where_that_is_asked(blocked: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    listener = MakesRoom(blocked, MoveRun(folder=str(elsewhere)), ResumeRun())

    train(a_network_with_memory(), blocked.parent, listener, holds_on_trouble=True)

    assert not listener.told(RunEnded)[0].is_unsaved
    (state,) = elsewhere.rglob("last/state.json")
    assert saved_step(state.parents[2]) == 21


def test_who_stops_it_there_is_told_that_it_is_not_saved(blocked: Path) -> None:
    listener = Listener()
    listener.answers[RunPaused] = [StopRun()]

    train(a_network_with_memory(), blocked.parent, listener, holds_on_trouble=True)

    assert listener.told(RunEnded)[0].is_unsaved


def test_where_nobody_can_make_room_the_run_ends_as_a_problem(blocked: Path) -> None:
    told = train(a_network_with_memory(), blocked.parent)

    (ended,) = told.told(RunEnded)
    assert ended.outcome == "finished" and ended.is_unsaved
    assert exit_code(ended) == 1
