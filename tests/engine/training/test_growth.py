"""The judge is a larger network that was there from the start, and saw the same samples."""

from collections.abc import Sequence

import pytest
import torch
from larger_networks import a_batch, a_branching_network, carried, trained, with_sizes

from engine.compile.module import CompiledModel
from engine.project.optimizers import OPTIMIZERS
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.training.averaging import Average
from engine.training.carrying import carry_average, carry_memory
from engine.training.optimizers import set_learning_rate
from engine.training.turns import Turn, make_turns, memory_of

BATCHES = 3
WIDER = {
    "conv2d": {"out_channels": 9},
    "conv2d_2": {"out_channels": 9},
    "linear": {"out_features": 31},
}
OF_EACH_WEIGHT = [key for key in OPTIMIZERS if key != "adafactor"]
"""Adafactor remembers sums over rows and columns."""


def look_at(compiled: CompiledModel, turns: Sequence[Turn]) -> None:
    """Let optimisers see some batches, and move next to nothing."""
    torch.manual_seed(1)
    for _ in range(BATCHES):
        batch = a_batch()
        compiled.module.zero_grad()
        loss = compiled.loss(compiled.outputs(batch), batch)
        # Large, so that no ε of an optimiser counts.
        (loss * 1e4).backward()  # type: ignore[no-untyped-call]
        for turn in turns:
            set_learning_rate(turn.optimizer, 0.0)
            turn.optimizer.step()


def a_wider() -> tuple[CompiledModel, Project]:
    project = a_branching_network()
    return trained(project), with_sizes(project, **WIDER)


@pytest.mark.parametrize("optimizer", OF_EACH_WEIGHT)
def test_an_optimiser_knows_of_a_wider_layer_what_it_would_had_it_been_so_wide(
    optimizer: str,
) -> None:
    one, wider = a_wider()
    recipe = Recipe(optimizer=optimizer, momentum=0.9, learning_rate=1e-6)
    before = make_turns(recipe, one)
    look_at(one, before)

    other, found = carried(one, wider)
    after, anew = make_turns(recipe, other), make_turns(recipe, other)
    carry_memory(one, other, before, after, found)

    look_at(other, anew)
    mine, judge = (memory_of(turns, other.module) for turns in (after, anew))
    assert mine.keys() == judge.keys()
    for name, values in judge.items():
        # Rprop moves by 1e-6 at least, and an ε counts where a gradient is tiny.
        assert torch.dist(mine[name], values) <= 0.05 * values.norm(), name


def test_what_cannot_be_said_of_a_wider_layer_is_learned_anew() -> None:
    project = a_branching_network()
    one, wider = trained(project), with_sizes(project, linear={"out_features": 31})
    recipe = Recipe(optimizer="adafactor")
    before = make_turns(recipe, one)
    look_at(one, before)

    other, found = carried(one, wider)
    after = make_turns(recipe, other)
    carry_memory(one, other, before, after, found)
    look_at(other, after)

    memory = memory_of(after, other.module)
    assert memory["linear.weight/step"] == BATCHES
    assert memory["conv2d.weight/step"] == 2 * BATCHES


def test_the_average_of_a_wider_network_computes_the_same() -> None:
    one, wider = a_wider()
    average = Average(one.module, 0.5)
    with torch.no_grad():
        for weight in one.module.parameters():
            weight.mul_(1.2)
    average.update(100)

    other, found = carried(one, wider)
    theirs = Average(other.module, 0.5)
    carry_average(one, other, average, theirs, found)

    batch = a_batch()
    with torch.no_grad(), average.in_place(), theirs.in_place():
        assert torch.allclose(one.outputs(batch)[0], other.outputs(batch)[0], atol=1e-5)
        plain = one.outputs(batch)[0]
    with torch.no_grad():
        assert not torch.allclose(one.outputs(batch)[0], plain, atol=1e-3)
