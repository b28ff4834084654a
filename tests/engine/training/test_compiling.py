from collections.abc import Callable

import pytest
import torch
from training_runs import a_network_with_memory

from engine.compile.module import CompiledModel, compile_project
from engine.training import compiling
from engine.training.compiling import compiled_forward, faster_forward
from engine.training.precision import Autocast

BATCH = {"image": torch.rand(8, 1, 28, 28), "label": torch.arange(8)}
FP32 = Autocast("fp32", torch.device("cpu"))


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """The eager module stands in for the compiled one: compiling takes many seconds."""
    monkeypatch.setattr(torch, "compile", lambda module: module)


def a_model() -> CompiledModel:
    torch.manual_seed(0)
    compiled = compile_project(a_network_with_memory())
    compiled.module.train()
    return compiled


def test_what_is_faster_is_kept_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_seconds", seconds_of(compiled=1.0, plain=2.0))

    forward, text = faster_forward(a_model(), FP32, BATCH)

    assert forward is not None and text == "The compiled model is 2.00 times as fast and is used."


def test_what_is_slower_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_seconds", seconds_of(compiled=3.0, plain=2.0))

    forward, text = faster_forward(a_model(), FP32, BATCH)

    assert forward is None and "runs as it is" in text


def test_the_trial_leaves_the_model_and_the_random_numbers_as_they_were() -> None:
    compiled = a_model()
    before = {name: tensor.clone() for name, tensor in compiled.module.state_dict().items()}
    random = torch.get_rng_state()

    faster_forward(compiled, FP32, BATCH)

    after = compiled.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(random, torch.get_rng_state())
    assert all(weight.grad is None for weight in compiled.module.parameters())


def test_a_model_that_cannot_be_compiled_runs_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(module: torch.nn.Module) -> Callable[..., torch.Tensor]:
        def forward(*_: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("There is no compiler\nand more")

        return forward

    monkeypatch.setattr(torch, "compile", broken)

    forward, text = faster_forward(a_model(), FP32, BATCH)

    assert forward is None and text.endswith("runs as it is: There is no compiler")


def test_only_steps_on_full_batches_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def counting(module: torch.nn.Module) -> Callable[..., torch.Tensor]:
        def forward(images: torch.Tensor) -> torch.Tensor:
            seen.append(len(images))
            result: torch.Tensor = module(images)
            return result

        return forward

    monkeypatch.setattr(torch, "compile", counting)
    model = a_model()
    forward = compiled_forward(model, 8)
    forward(BATCH)
    forward({name: values[:3] for name, values in BATCH.items()})
    model.module.eval()

    (outputs,) = forward(BATCH)

    assert seen == [8]
    assert torch.equal(outputs, model.outputs(BATCH)[0])


def seconds_of(*, compiled: float, plain: float) -> Callable[..., float]:
    def seconds(model: CompiledModel, forward: object, *_: object) -> float:
        return plain if forward == model.outputs else compiled

    return seconds
