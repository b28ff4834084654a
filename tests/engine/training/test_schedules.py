from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    LRScheduler,
    OneCycleLR,
    ReduceLROnPlateau,
    StepLR,
)

from engine.project.recipe import Recipe, Schedule
from engine.training.checkpoints import Place
from engine.training.schedules import learning_rate, look_for_plateau

STEPS = 40


def rates_of(scheduler: LRScheduler, optimizer: torch.optim.Optimizer) -> list[float]:
    rates = []
    for _ in range(STEPS):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return rates


def test_the_cosine_falls_as_in_torch() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    judge = rates_of(CosineAnnealingLR(optimizer, STEPS), optimizer)

    ours = [learning_rate(a_recipe("cosine"), step / 4, STEPS / 4) for step in range(STEPS)]

    assert ours == pytest.approx(judge)


def test_one_cycle_rises_and_falls_as_in_torch() -> None:
    """Torch puts its turns at steps, ours lie between them: the ends and the peak are the same."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    cycle = OneCycleLR(
        optimizer, 0.3, STEPS + 1, pct_start=0.3, div_factor=25, final_div_factor=400
    )
    judge = rates_of(cycle, optimizer)

    ours = [learning_rate(a_recipe("one_cycle"), step / 4, STEPS / 4) for step in range(STEPS)]

    assert ours == pytest.approx(judge, abs=0.02)
    assert ours[0] == pytest.approx(0.3 / 25) and max(ours) == pytest.approx(0.3)


def test_a_constant_rate_stays() -> None:
    assert {learning_rate(a_recipe("constant"), step, STEPS) for step in range(STEPS)} == {0.3}


def test_steps_fall_as_in_torch() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    judge = rates_of(StepLR(optimizer, 3, gamma=0.5), optimizer)

    recipe = a_recipe("step", drop_epochs=3, drop_factor=0.5)
    ours = [learning_rate(recipe, epoch, STEPS) for epoch in range(STEPS)]

    assert ours == pytest.approx(judge)


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=20), st.integers(1, 4))
def test_a_plateau_is_found_where_torch_finds_it(losses: list[float], wait: int) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    judge = ReduceLROnPlateau(optimizer, factor=0.5, patience=wait)
    recipe = a_recipe("plateau", drop_epochs=wait, drop_factor=0.5)
    place = Place()

    for loss in losses:
        judge.step(loss)
        place.epoch += 1
        look_for_plateau(recipe, place, loss)

        rate = learning_rate(recipe, place.epoch, len(losses), place.drops)
        # Below a difference of 1e-8 torch leaves the rate as it is; so few epochs stay above.
        assert rate == pytest.approx(optimizer.param_groups[0]["lr"])


@pytest.mark.parametrize("schedule", ["constant", "cosine", "step"])
def test_before_any_schedule_the_rate_can_rise_to_its_start(schedule: Schedule) -> None:
    recipe = a_recipe(schedule, warm_up=2.0)

    rates = [learning_rate(recipe, epoch / 4, 10) for epoch in range(9)]

    assert rates[0] == pytest.approx(0.003) and rates[8] == pytest.approx(0.3)
    assert rates == sorted(rates)
    assert learning_rate(recipe, 2 + 3, 10) == pytest.approx(
        learning_rate(a_recipe(schedule), 3, 8)
    )


def a_recipe(schedule: Schedule, **settings: Any) -> Recipe:
    return Recipe(learning_rate=0.3, schedule=schedule, **settings)
