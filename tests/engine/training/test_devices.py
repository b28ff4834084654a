from pathlib import Path

import pytest
import torch
from builders import a_plain_network, a_project

from engine.compile.module import compile_project
from engine.training import devices
from engine.training.config import TrainingConfig
from engine.training.devices import (
    choose_device,
    choose_threads,
    most_threads,
    remembered_threads,
    usable_cores,
)
from nodes.errors import RunError


def test_a_window_keeps_a_core_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "usable_cores", lambda: 8)

    assert most_threads(TrainingConfig(run_folder="", shares_screen=True)) == 7
    assert most_threads(TrainingConfig(run_folder="")) == 8
    monkeypatch.setattr(devices, "usable_cores", lambda: 1)
    assert most_threads(TrainingConfig(run_folder="", shares_screen=True)) == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_told_in_words() -> None:
    assert choose_device("auto").type == "cpu"
    with pytest.raises(RunError, match="no CUDA device"):
        choose_device("cuda")


def test_the_number_of_threads_is_found_once_and_remembered(tmp_path: Path) -> None:
    file = tmp_path / "state" / "threads.json"
    trials = iter([2, 1])

    found = [remembered_threads("a", lambda: next(trials), file) for _ in range(3)]

    assert found == [2, 2, 2]
    assert remembered_threads("b", lambda: next(trials), file) == 1


def test_a_damaged_memory_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "threads.json"
    file.write_text("{torn")

    assert remembered_threads("a", lambda: 3, file) == 3
    assert remembered_threads("a", lambda: 4, file) == 3


def test_a_trial_leaves_model_and_random_numbers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    compiled = compile_project(a_project(a_plain_network(hidden=8)))
    before = {name: value.clone() for name, value in compiled.module.state_dict().items()}
    random = torch.get_rng_state()
    batch = {"image": torch.rand(8, 1, 28, 28), "label": torch.zeros(8, dtype=torch.int64)}
    random_after_batch = torch.get_rng_state()
    threads = torch.get_num_threads()
    try:
        chosen = choose_threads(TrainingConfig(run_folder=""), compiled, batch)

        assert chosen in {1, usable_cores()} and torch.get_num_threads() == chosen
        assert torch.equal(torch.get_rng_state(), random_after_batch) and random is not None
        after = compiled.module.state_dict()
        assert all(torch.equal(before[name], after[name]) for name in before)
        assert all(weight.grad is None for weight in compiled.module.parameters())
    finally:
        torch.set_num_threads(threads)


def test_a_run_that_goes_on_keeps_its_threads() -> None:
    compiled = compile_project(a_project(a_plain_network(hidden=8)))
    batch = {"image": torch.rand(8, 1, 28, 28)}
    threads = torch.get_num_threads()
    try:
        assert choose_threads(TrainingConfig(run_folder=""), compiled, batch, before=3) == 3
        asked = TrainingConfig(run_folder="", threads=2)
        assert choose_threads(asked, compiled, batch, before=3) == 2
    finally:
        torch.set_num_threads(threads)
