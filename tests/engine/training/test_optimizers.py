import inspect
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import torch
from torch import nn

from engine.project.optimizers import OPTIMIZERS, Optimizer
from engine.project.recipe import Recipe
from engine.training.optimizers import (
    make_optimizer,
    optimizer_tensors,
    restore_optimizer,
    set_learning_rate,
)
from engine.training.turns import Turn, forget
from nodes.errors import RunError

LEFT_OUT = {
    "SparseAdam": "takes sparse gradients only, and no layer makes them",
    "LBFGS": "computes the same batch up to 25 times a step; its line search needs whole data",
    "Muon": "takes matrices only: biases and kernels would need a second optimiser beside it",
}
IN_THE_RECIPE = {"lr", "momentum", "weight_decay"}
HOW_IT_IS_COMPUTED = {"foreach", "fused", "capturable", "differentiable", "maximize"}


def torch_class(name: str) -> type[torch.optim.Optimizer]:
    found: type[torch.optim.Optimizer] = getattr(torch.optim, OPTIMIZERS[name].info.title)
    return found


def test_every_optimiser_of_torch_is_there_or_left_out_for_a_reason() -> None:
    public = {
        name
        for name, found in vars(torch.optim).items()
        if inspect.isclass(found) and issubclass(found, torch.optim.Optimizer)
    } - {"Optimizer"}

    assert {described.info.title for described in OPTIMIZERS.values()} == public - LEFT_OUT.keys()
    assert set(get_args(Optimizer)) == OPTIMIZERS.keys()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_settings_and_their_defaults_are_those_of_torch(name: str) -> None:
    arguments = inspect.signature(torch_class(name)).parameters
    theirs = {
        key: argument.default for key, argument in arguments.items() if key not in IN_THE_RECIPE
    }
    ours = OPTIMIZERS[name]().arguments()
    info = OPTIMIZERS[name].info

    # AdamW is Adam with this switch on; NAdam and RAdam have it as a setting.
    untold = {"params", "decoupled_weight_decay"} - ours.keys()
    assert theirs.keys() - HOW_IT_IS_COMPUTED - untold == ours.keys()
    assert ours == {key: theirs[key] for key in ours}
    assert info.takes_momentum == ("momentum" in arguments)
    assert info.takes_weight_decay == ("weight_decay" in arguments)
    assert info.is_fused == ("fused" in arguments)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_it_remembers_is_as_much_as_the_forecast_says(name: str) -> None:
    model = nn.Linear(50, 40, bias=False)
    recipe = Recipe(optimizer=name)  # type: ignore[arg-type]
    optimizer = make_optimizer(recipe, model)
    model(torch.ones(1, 50)).sum().backward()

    optimizer.step()

    numbers = sum(tensor.numel() for tensor in optimizer_tensors(optimizer, model).values())
    momentum = recipe.own_settings.info.takes_momentum
    assert numbers // 2000 == recipe.own_settings.memories + momentum


def judge(name: str, weights: Iterator[nn.Parameter]) -> torch.optim.Optimizer:
    info = OPTIMIZERS[name].info
    extra = {"momentum": 0.9} if info.takes_momentum else {}
    decay = {"weight_decay": 0.01} if info.takes_weight_decay else {}
    made: Any = torch_class(name)
    return made(weights, lr=0.1, **extra, **decay)  # type: ignore[no-any-return]


def steps(model: nn.Module, optimizer: torch.optim.Optimizer, count: int) -> None:
    for _ in range(count):
        model(torch.ones(3, 4)).square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()


def a_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(4, 2)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_fast_form_does_what_the_plain_one_does(name: Optimizer) -> None:
    ours, theirs = a_model(), a_model()
    # Rprop takes its first step from the rate that it is made with.
    made_with = 0.1 if name == "rprop" else 0.5
    recipe = Recipe(optimizer=name, learning_rate=made_with, weight_decay=0.01)
    optimizer = make_optimizer(recipe, ours)
    set_learning_rate(optimizer, 0.1)

    steps(ours, optimizer, 5)
    steps(theirs, judge(name, theirs.parameters()), 5)

    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
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


def test_settings_of_an_optimiser_reach_it() -> None:
    recipe = Recipe(optimizer="sgd", optimizer_settings={"nesterov": True}, momentum=0.8)

    made = make_optimizer(recipe, a_model())

    assert (made.defaults["nesterov"], made.defaults["momentum"]) == (True, 0.8)


def test_settings_that_do_not_go_together_are_refused_in_words() -> None:
    recipe = Recipe(optimizer="sgd", optimizer_settings={"nesterov": True}, momentum=0.0)

    with pytest.raises(RunError, match="SGD cannot have these settings"):
        make_optimizer(recipe, a_model())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weights_that_an_optimiser_forgot_are_moved_as_at_first(name: Optimizer) -> None:
    """As those of a layer that begins anew, is thawed, or is put in between."""
    ours, theirs = a_model(), a_model()
    recipe = Recipe(optimizer=name, learning_rate=0.1, weight_decay=0.01)
    optimizer, plain = make_optimizer(recipe, ours), judge(name, theirs.parameters())
    steps(ours, optimizer, 3)
    steps(theirs, plain, 3)

    forget([Turn(optimizer, tuple(ours.parameters()), (0,))], [ours.get_parameter("bias")])
    plain.state.pop(theirs.get_parameter("bias"))
    steps(ours, optimizer, 3)
    steps(theirs, plain, 3)

    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)
