import pytest
import torch

from engine.training.precision import Autocast, cannot_compute
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
