"""The optimisers of a recipe, each in its fastest form."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer

from engine.project.optimizers import OPTIMIZERS
from engine.project.recipe import Recipe
from engine.training.grouping import by_rate_factor
from nodes.errors import RunError

_FACTOR: Final = "rate_factor"
_MOMENTUM: Final = "momentum_buffer"
_NONE: Final[Mapping[str, float]] = {}


def make_optimizer(
    recipe: Recipe,
    module: nn.Module,
    factors: Mapping[str, float] = _NONE,
    weights: Sequence[tuple[str, nn.Parameter]] | None = None,
) -> Optimizer:
    """Make the recipe's optimiser for weights of the model that are not frozen.

    Args:
        factors: What the rate is multiplied by for layers; each factor is a group of its own.
        weights: With their names; all where it is None.

    Raises:
        RunError: The model has nothing to train.
    """
    weights = trained_weights(module) if weights is None else weights
    if not weights:
        frozen = any(True for _ in module.parameters())
        raise RunError(
            "There is nothing to train",
            why="All layers with weights are frozen." if frozen else "No layer has weights.",
            hint="Unfreeze a layer." if frozen else "Add a layer that learns, such as Linear.",
        )
    groups = by_rate_factor(weights, factors)
    return _make(recipe, [{"params": group, _FACTOR: key} for key, group in groups.items()])


def trained_weights(module: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Return the weights that are not frozen, with their names."""
    return [(name, weight) for name, weight in module.named_parameters() if weight.requires_grad]


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """Set the rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group[_FACTOR]


def take_step(optimizer: Optimizer) -> None:
    """Change the weights.

    Past what torch puts around ``step``, a note for its profiler and hooks that nobody has here:
    35 µs between two steps, of the 1.4 ms that a small network takes.
    """
    step = type(optimizer).step
    getattr(step, "__wrapped__", step)(optimizer)


def set_momentum_and_decay(optimizer: Optimizer, recipe: Recipe) -> None:
    """Take what the recipe says of momentum and weight decay, as far as the optimiser has them."""
    for group in optimizer.param_groups:
        for name in ("momentum", "weight_decay"):
            if name in group:
                group[name] = getattr(recipe, name)


def optimizer_tensors(optimizer: Optimizer, module: nn.Module) -> dict[str, Tensor]:
    """Return what the optimiser remembers, as ``<weight>/<what>``."""
    return {
        f"{name}/{what}": value
        for name, weight in trained_weights(module)
        for what, value in optimizer.state.get(weight, {}).items()
        if isinstance(value, Tensor)
    }


def restore_optimizer(optimizer: Optimizer, module: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Give an optimiser back what it remembered of the weights that it moves."""
    state: dict[int, dict[str, Tensor]] = {}
    names = {weight: name for name, weight in trained_weights(module)}
    weights = (weight for group in optimizer.param_groups for weight in group["params"])
    places = {names[weight]: place for place, weight in enumerate(weights)}
    for key, value in tensors.items():
        name, _, what = key.rpartition("/")
        if name in places:
            state.setdefault(places[name], {})[what] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    lay_out(optimizer)


def lay_out(optimizer: Optimizer) -> None:
    """Lay out what an optimiser remembers as its weights are: kernels read both side by side.

    Weights that it has not moved yet get a momentum of zero where others have one.
    """
    _fill_momentum(optimizer)
    for weight, memory in optimizer.state.items():
        for what, value in memory.items():
            is_like = isinstance(value, Tensor) and value.shape == weight.shape
            if is_like and value.stride() != weight.stride():
                memory[what] = torch.empty_like(weight, dtype=value.dtype).copy_(value)


def _fill_momentum(optimizer: Optimizer) -> None:
    """WORKAROUND(torch 2.13): fused SGD stops where only some of its weights have a momentum."""
    if not isinstance(optimizer, SGD):
        return
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    knows = [optimizer.state.get(weight, {}).get(_MOMENTUM) is not None for weight in weights]
    if any(knows):
        for weight in (weight for weight, known in zip(weights, knows, strict=True) if not known):
            optimizer.state[weight][_MOMENTUM] = torch.zeros_like(weight)


def _make(recipe: Recipe, groups: list[dict[str, Any]]) -> Optimizer:
    info = OPTIMIZERS[recipe.optimizer].info
    arguments = recipe.own_settings.arguments()
    if info.takes_momentum:
        arguments["momentum"] = recipe.momentum
    if info.takes_weight_decay:
        arguments["weight_decay"] = recipe.weight_decay
    if info.is_fused:
        arguments["fused"] = True
    else:
        arguments["foreach"] = True
    try:
        made: Optimizer = getattr(torch.optim, info.title)(
            groups, lr=recipe.learning_rate, **arguments
        )
    except ValueError as error:
        raise RunError(
            f"{info.title} cannot have these settings",
            why=f"{error}.",
            hint="Change them in the recipe.",
        ) from error
    return made
