"""Lengths of gradients and updates, judged by the parameters themselves."""

import pytest
import torch
from torch import nn

from engine.probes.learning import Learning, LearningMeter, learning_of


def a_module() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))


def whole(tensors: list[torch.Tensor]) -> float:
    return float(torch.cat([tensor.detach().flatten() for tensor in tensors]).norm())


def test_an_update_is_measured_against_the_weights_before_it() -> None:
    module = a_module()
    first, last = list(module[0].parameters()), list(module[2].parameters())
    meter = LearningMeter(tuple(module.parameters()))
    before = [weight.detach().clone() for weight in last]

    for _ in range(2):  # the second measurement uses the room of the first
        meter.begin()
        before = [weight.detach().clone() for weight in last]
        with torch.no_grad():
            last[0].add_(0.01)
        assert meter.is_measuring
        meter.end()

    moved = whole([now - old for now, old in zip(last, before, strict=True)])
    assert meter.learning.update_ratio(last) == pytest.approx(moved / whole(before), rel=1e-4)
    assert meter.learning.update_ratio(first) == 0
    assert not meter.is_measuring


def test_a_gradient_is_as_long_as_those_of_all_its_parameters_together() -> None:
    module = a_module()
    module(torch.rand(5, 4)).sum().backward()
    module[0].bias.grad = None
    meter = LearningMeter(tuple(module.parameters()))

    meter.measure_gradients()

    last = list(module[2].parameters())
    judge = whole([weight.grad for weight in last if weight.grad is not None])
    assert meter.learning.gradient(last) == pytest.approx(judge, rel=1e-5)
    assert meter.learning.gradient([module[0].bias]) is None
    assert meter.learning.gradient([module[0].weight, module[0].bias]) == pytest.approx(
        whole([module[0].weight.grad]), rel=1e-5
    )


def test_what_was_not_measured_is_not_told() -> None:
    module = a_module()
    meter = LearningMeter(tuple(module.parameters()))

    assert meter.learning == Learning()
    assert meter.learning.update_ratio(list(module.parameters())) is None


def test_figures_are_read_by_another_model_with_the_same_parameters() -> None:
    module, other = a_module(), a_module()
    module(torch.rand(5, 4)).sum().backward()
    meter = LearningMeter(tuple(module.parameters()))
    meter.measure_gradients()

    read = learning_of(tuple(other.parameters()), meter.figures)

    assert read.gradient([other[0].weight]) == meter.learning.gradient([module[0].weight])
