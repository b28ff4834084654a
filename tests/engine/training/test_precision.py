import pytest
import torch

from engine.training.precision import Autocast, cannot_compute, short_numbers
from nodes.errors import RunError

CPU = torch.device("cpu")


def test_a_processor_refuses_fp16_in_words() -> None:
    with pytest.raises(RunError, match="cannot train with fp16") as caught:
        Autocast("fp16", CPU)

    assert caught.value.why == cannot_compute(CPU)["fp16"]


def test_bf16_computes_in_short_numbers() -> None:
    with Autocast("bf16", CPU)():
        found = torch.nn.Linear(4, 4)(torch.ones(2, 4))

    assert found.dtype == torch.bfloat16


def test_single_precision_is_left_alone() -> None:
    with Autocast("fp32", CPU)():
        found = torch.nn.Linear(4, 4)(torch.ones(2, 4))

    assert found.dtype == torch.float32


@pytest.mark.parametrize(
    ("capability", "hip", "has_it"),
    [((7, 5), None, False), ((8, 0), None, True), ((9, 0), None, True), ((7, 0), "6.2", True)],
)
def test_gpus_that_only_imitate_bf16_refuse_it_in_words(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], hip: str | None, has_it: bool
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla T4")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.version, "hip", hip)

    told = cannot_compute(torch.device("cuda"))

    assert told == ({} if has_it else {"bf16": "Tesla T4 has no bf16 of its own; fp16 works here."})
    assert short_numbers() == ("bf16" if has_it else "fp16")
