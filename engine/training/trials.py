"""Measuring which of two ways to compute a step is faster, on a copy of the model."""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.training.precision import Autocast

Step: TypeAlias = Callable[[], None]
Forward: TypeAlias = Callable[[Mapping[str, Tensor]], tuple[Tensor, ...]]

_TRIAL_SECONDS: Final = 0.06
_ROUNDS: Final = 3


def copied(compiled: CompiledModel) -> CompiledModel:
    """Return a model to try things on."""
    trial = replace(compiled, module=copy.deepcopy(compiled.module))
    trial.module.train()
    return trial


def a_step(
    compiled: CompiledModel,
    batch: Mapping[str, Tensor],
    autocast: Autocast | None = None,
    forward: Forward | None = None,
) -> Step:
    """Return what goes forward and backward once, and changes no weight.

    Args:
        forward: Runs the model; ``compiled.outputs`` where not given.
    """
    forward = forward or compiled.outputs

    def step() -> None:
        if autocast is None:
            outputs = forward(batch)
        else:
            with autocast():
                outputs = forward(batch)
            outputs = tuple(each.float() if each.is_floating_point() else each for each in outputs)
        compiled.loss(outputs, batch).backward()  # type: ignore[no-untyped-call]
        compiled.module.zero_grad(set_to_none=True)
        if outputs[0].is_cuda:
            torch.cuda.synchronize()

    return step


def seconds_of(step: Step) -> float:
    """Return what a step takes, the first one left out."""
    step()
    began = time.perf_counter()
    steps = 0
    while True:
        step()
        steps += 1
        seconds = time.perf_counter() - began
        if seconds > _TRIAL_SECONDS:
            return seconds / steps


def in_turn(one: Step, other: Step) -> tuple[float, float]:
    """Return the seconds of two steps at their best; they take turns, so that both have luck."""
    times = [(seconds_of(one), seconds_of(other)) for _ in range(_ROUNDS)]
    return min(first for first, _ in times), min(second for _, second in times)
