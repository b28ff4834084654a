"""The optimisers of a run: one for all, or several that take turns within each step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor, nn
from torch.optim import Optimizer

from engine.compile.module import CompiledModel
from engine.compile.steps import Plan, Step
from engine.project.players import Player
from engine.project.recipe import Recipe
from engine.training.grouping import rate_factors
from engine.training.optimizers import (
    lay_out,
    make_optimizer,
    optimizer_tensors,
    restore_optimizer,
    set_momentum_and_decay,
    trained_weights,
)
from nodes.errors import RunError


@dataclass(frozen=True, slots=True)
class Turn:
    """One optimiser, what it moves, and what it lowers."""

    optimizer: Optimizer
    weights: tuple[nn.Parameter, ...]
    losses: tuple[int, ...]
    """Places among the losses of the plan."""


def make_turns(recipe: Recipe, compiled: CompiledModel) -> tuple[Turn, ...]:
    """Make the optimisers of a recipe for the weights that are not frozen.

    What names no optimiser belongs to the first.

    Raises:
        RunError: One has nothing to move or nothing to lower.
    """
    plan, module = compiled.plan, compiled.module
    factors = rate_factors(plan)
    if not recipe.players:
        weights = tuple(weight for _, weight in trained_weights(module))
        losses = tuple(range(len(plan.loss_ends)))
        return (Turn(make_optimizer(recipe, module, factors), weights, losses),)
    _check(recipe.players)
    return tuple(
        _turn(player, side, compiled, recipe.players)
        for player, side in zip(recipe.players, recipe.sides, strict=True)
    )


def memory_of(turns: Sequence[Turn], module: nn.Module) -> dict[str, Tensor]:
    """Return what all optimisers remember, by weight."""
    return {
        name: tensor
        for turn in turns
        for name, tensor in optimizer_tensors(turn.optimizer, module).items()
    }


def restore_memory(turns: Sequence[Turn], module: nn.Module, memory: dict[str, Tensor]) -> None:
    """Give all optimisers back what they remembered."""
    for turn in turns:
        restore_optimizer(turn.optimizer, module, memory)


def take_settings(turns: Sequence[Turn], recipe: Recipe) -> None:
    """Let the optimisers take the numbers of a changed recipe that they hold themselves."""
    for turn, side in zip(turns, recipe.sides, strict=True):
        set_momentum_and_decay(turn.optimizer, side)


def forget(turns: Sequence[Turn], weights: Sequence[nn.Parameter] | None = None) -> None:
    """Let the optimisers forget what they know of some weights; of all where none are given."""
    for turn in turns:
        for weight in turn.weights if weights is None else weights:
            turn.optimizer.state.pop(weight, None)
        lay_out(turn.optimizer)


def _turn(player: Player, side: Recipe, compiled: CompiledModel, players: Sequence[Player]) -> Turn:
    plan, module = compiled.plan, compiled.module
    moved = {
        f"{step.attribute}."
        for step in plan.steps
        if step.lowering.module is not None and _owner(step, players) == player.name
    }
    weights = [
        (name, weight)
        for name, weight in trained_weights(module)
        if any(name.startswith(layer) for layer in moved)
    ]
    losses = tuple(
        place for place, step in enumerate(_losses(plan)) if _owner(step, players) == player.name
    )
    _needs_work(player, weights, losses)
    optimizer = make_optimizer(side, module, rate_factors(plan), weights)
    return Turn(optimizer, tuple(weight for _, weight in weights), losses)


def _losses(plan: Plan) -> Iterator[Step]:
    for end in plan.loss_ends:
        step = plan.step_of(end.node)
        assert step is not None, "a loss is a step"
        yield step


def _owner(step: Step, players: Sequence[Player]) -> str:
    names = [player.name for player in players]
    return step.learning.player if step.learning.player in names else names[0]


def _check(players: Sequence[Player]) -> None:
    names = [player.name for player in players]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RunError(
            f"Two optimisers are called “{twice}”",
            why="Layers and losses name the optimiser that they belong to.",
            hint="Rename one of them.",
        )
    if all(player.every > 1 for player in players):
        raise RunError(
            "At some steps no optimiser acts",
            why="Each of them leaves steps out.",
            hint="Let one act every step.",
        )


def _needs_work(player: Player, weights: Sequence[object], losses: Sequence[int]) -> None:
    if not weights:
        raise RunError(
            f"The optimiser “{player.name}” has no layer to move",
            why="No layer that learns names it.",
            hint="Choose it in Properties of the layers that it should train.",
        )
    if not losses:
        raise RunError(
            f"The optimiser “{player.name}” has no loss to lower",
            why="No loss names it.",
            hint="Choose it in Properties of the loss that it should lower.",
        )
