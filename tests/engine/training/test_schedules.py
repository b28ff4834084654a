import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, OneCycleLR

from engine.project.recipe import Recipe, Schedule
from engine.training.schedules import learning_rate

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

    ours = [learning_rate(a_recipe("cosine"), step, STEPS) for step in range(STEPS)]

    assert ours == pytest.approx(judge)


def test_one_cycle_rises_and_falls_as_in_torch() -> None:
    """Torch puts its turns at steps, ours lie between them: the ends and the peak are the same."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    cycle = OneCycleLR(
        optimizer, 0.3, STEPS + 1, pct_start=0.3, div_factor=25, final_div_factor=400
    )
    judge = rates_of(cycle, optimizer)

    ours = [learning_rate(a_recipe("one_cycle"), step, STEPS) for step in range(STEPS)]

    assert ours == pytest.approx(judge, abs=0.02)
    assert ours[0] == pytest.approx(0.3 / 25) and max(ours) == pytest.approx(0.3)


def test_a_constant_rate_stays() -> None:
    assert {learning_rate(a_recipe("constant"), step, STEPS) for step in range(STEPS)} == {0.3}


def a_recipe(schedule: Schedule) -> Recipe:
    return Recipe(learning_rate=0.3, schedule=schedule)
