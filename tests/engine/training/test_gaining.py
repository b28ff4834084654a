from collections.abc import Callable

import pytest
import torch
from builders import a_plain_network, a_project, a_small_cnn

from engine.compile.module import CompiledModel
from engine.training import gaining
from engine.training.compiling import Forward
from engine.training.gaining import measure_gains


@pytest.fixture
def gains(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let each way be so many times as fast, the first trial first; nothing is compiled."""

    def as_fast(*times: float) -> None:
        left = list(times)
        monkeypatch.setattr(gaining, "in_turn", lambda one, other: (left.pop(0), 1.0))
        monkeypatch.setattr(gaining, "compiled_forward", as_it_is)

    return as_fast


def as_it_is(compiled: CompiledModel, size: int) -> Forward:
    del size
    return compiled.outputs


def test_every_way_is_told_with_its_gain_and_whether_it_pays(gains: Callable[..., None]) -> None:
    gains(1.5, 0.8, 1.04)

    project = a_project(a_small_cnn(), batch_size=16, epochs=100)
    found = measure_gains(project, "cpu", shares_screen=True)

    told = {gain.title: (gain.times, gain.pays) for gain in found.gains if gain.times}
    assert (found.device, found.samples, found.problem) == ("cpu", 16, "")
    assert told["Channels last"] == (1.5, True)
    assert told["bf16"] == (0.8, False) and told["torch.compile"] == (1.04, False)
    assert found.step_seconds == 0.8


def test_what_cannot_be_tried_is_told_with_the_reason(gains: Callable[..., None]) -> None:
    gains(1.0)

    found = measure_gains(a_project(a_plain_network(), steps=100), "cpu", shares_screen=True)

    notes = {gain.title: gain.note for gain in found.gains if gain.times is None}
    assert notes["Channels last"] == "No layer convolves images."
    assert "16-bit" in notes["fp16"]
    assert notes["torch.compile"].startswith("The run takes about 100 s: too short")


def test_what_nobody_waits_for_is_tried_no_further(gains: Callable[..., None]) -> None:
    gains(1.2)

    found = measure_gains(
        a_project(a_plain_network(), epochs=100), "cpu", shares_screen=True, is_over=lambda: True
    )

    assert len(found.gains) == 1 and not found.problem


def test_a_model_that_cannot_be_compiled_leaves_the_other_gains(
    gains: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(batch: object) -> tuple[torch.Tensor, ...]:
        raise RuntimeError("no compiler is installed")

    gains(1.2)
    monkeypatch.setattr(gaining, "compiled_forward", lambda compiled, size: refuse)

    found = measure_gains(a_project(a_plain_network(), epochs=100), "cpu", shares_screen=True)

    *_, compiled = found.gains
    assert compiled.times is None and "no compiler is installed" in compiled.note


def test_measured_for_real_the_threads_of_this_process_are_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gaining, "compiled_forward", as_it_is)
    before = torch.get_num_threads()

    found = measure_gains(a_project(a_plain_network(), batch_size=8), "cpu")

    assert torch.get_num_threads() == before
    assert 0 < found.step_seconds < 60 and all(gain.seconds != 0 for gain in found.gains)


def test_a_device_that_is_not_there_is_a_problem_in_words() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")

    assert "CUDA" in measure_gains(a_project(a_plain_network()), "cuda").problem
