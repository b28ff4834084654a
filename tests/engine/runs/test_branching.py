"""A branch is a run of its own that trains on as the other did from that moment."""

from pathlib import Path

import pytest
from training_runs import Listener, a_network_with_memory, train, weights

from engine.runs.branching import branch_run
from engine.runs.moments import list_moments
from engine.runs.record import Branch, RunRecord
from engine.runs.replay import read_curves
from engine.training.config import TrainingConfig
from engine.training.events import RunStarted
from engine.training.trainer import Trainer
from nodes.errors import RunError

STEP = 9


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "first"
    train(a_network_with_memory(), folder, moment_steps=3)
    return folder


def branched(run: Path, folder: Path, step: int = STEP) -> Listener:
    folder.mkdir()
    config = TrainingConfig(run_folder=str(folder), threads=1, device="cpu", resume=True)
    record = branch_run(run, step, config)
    listener = Listener()
    Trainer(record.project(), config, listener, listener.requests).run()
    return listener


def test_a_branch_that_changes_nothing_comes_out_bit_by_bit_the_same(
    run: Path, tmp_path: Path
) -> None:
    listener = branched(run, tmp_path / "second")

    assert listener.told(RunStarted)[0].first_step == STEP
    assert weights(tmp_path / "second") == weights(run)


def test_the_history_says_where_a_branch_comes_from(run: Path, tmp_path: Path) -> None:
    branched(run, tmp_path / "second")

    moment = next(one for one in list_moments(run) if one.step == STEP)
    info = RunRecord.open(tmp_path / "second").info
    assert info.branched == Branch(run="first", step=STEP, epoch=moment.epoch)
    assert info.ended is not None and info.ended.outcome == "finished"


def test_a_branch_has_the_curves_up_to_its_moment_and_then_its_own(
    run: Path, tmp_path: Path
) -> None:
    branched(run, tmp_path / "second")

    before, after = read_curves(run), read_curves(tmp_path / "second")
    assert after.steps.tolist() == before.steps.tolist()
    assert after.losses[:STEP].tolist() == before.losses[:STEP].tolist()


def test_the_other_run_stays_as_it_was(run: Path, tmp_path: Path) -> None:
    info, kept = RunRecord.open(run).info, weights(run)

    branched(run, tmp_path / "second")

    assert RunRecord.open(run).info == info
    assert weights(run) == kept


def test_a_moment_that_is_gone_is_refused_in_words(run: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not kept any more"):
        branched(run, tmp_path / "second", step=1)
