from collections.abc import Callable, Iterator, Mapping

import pytest
import torch
from torch import nn

from engine.project.recipe import Optimizer, Recipe
from engine.training.optimizers import (
    make_optimizer,
    optimizer_tensors,
    restore_optimizer,
    set_learning_rate,
)

JUDGES: Mapping[str, Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer]] = {
    "adam": lambda weights: torch.optim.Adam(weights, lr=0.1, weight_decay=0.01),
    "adamw": lambda weights: torch.optim.AdamW(weights, lr=0.1, weight_decay=0.01),
    "sgd": lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9, weight_decay=0.01),
    "rmsprop": lambda weights: torch.optim.RMSprop(
        weights, lr=0.1, momentum=0.9, weight_decay=0.01
    ),
}


def steps(model: nn.Module, optimizer: torch.optim.Optimizer, count: int) -> None:
    for _ in range(count):
        model(torch.ones(3, 4)).square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()


def a_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(4, 2)


@pytest.mark.parametrize("name", JUDGES)
def test_the_fast_form_does_what_the_plain_one_does(name: Optimizer) -> None:
    ours, theirs = a_model(), a_model()
    recipe = Recipe(optimizer=name, learning_rate=0.5, weight_decay=0.01)
    optimizer = make_optimizer(recipe, ours)
    set_learning_rate(optimizer, 0.1)

    steps(ours, optimizer, 5)
    steps(theirs, JUDGES[name](theirs.parameters()), 5)

    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("name", JUDGES)
def test_what_an_optimizer_remembers_can_be_given_back(name: Optimizer) -> None:
    recipe = Recipe(optimizer=name, learning_rate=0.1)
    model, copy = a_model(), a_model()
    optimizer = make_optimizer(recipe, model)
    steps(model, optimizer, 3)
    copy.load_state_dict(model.state_dict())
    remembered = {
        key: tensor.clone() for key, tensor in optimizer_tensors(optimizer, model).items()
    }
    steps(model, optimizer, 3)

    again = make_optimizer(recipe, copy)
    restore_optimizer(again, copy, remembered)
    steps(copy, again, 3)

    assert all(
        torch.equal(one, other)
        for one, other in zip(model.parameters(), copy.parameters(), strict=True)
    )
