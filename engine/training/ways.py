"""How steps are computed: what a recipe wants tried is measured on this model and this device.

What is taken is kept with the checkpoints, since each way has other last digits.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import torch
from msgspec.structs import replace
from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.project.recipe import Recipe
from engine.training.compiling import Forward, compiled_forward, faster_forward
from engine.training.config import Ways
from engine.training.precision import Autocast, cannot_compute
from engine.training.trials import Step, a_step, copied, in_turn, seconds_of

WORTH_IT: Final = 1.05
"""How many times as fast a way has to be."""

WORTH_COMPILING_SECONDS: Final = 180.0
"""A run that takes less is over before what compiling takes is won back."""


class Chosen(NamedTuple):
    """The ways that are taken."""

    ways: Ways
    forward: Forward | None
    """The compiled forward pass."""

    said: str
    """What was measured, in words; empty where nothing was tried."""


def choose_ways(
    recipe: Recipe,
    compiled: CompiledModel,
    device: torch.device,
    batch: Mapping[str, Tensor],
    steps: int,
) -> Chosen:
    """Try what the recipe wants tried, and let the model have what pays.

    Weights, statistics of layers and random numbers are afterwards as they were before.

    Args:
        batch: What the trials compute with.
        steps: Of the whole run.
    """
    trial = _Trial(recipe, compiled, device, batch)
    if recipe.channels_last or recipe.fastest:
        trial.channels_last()
    if recipe.fastest and recipe.precision == "fp32":
        trial.bf16()
    take_layout(compiled.module, trial.ways)
    forward = None
    if recipe.compile or (recipe.fastest and trial.is_worth_compiling(steps)):
        forward, text = faster_forward(compiled, Autocast(trial.ways.precision, device), batch)
        trial.said.append(text)
    ways = replace(trial.ways, compiled=forward is not None)
    return Chosen(ways, forward, " ".join(trial.said))


def take_ways(
    ways: Ways, compiled: CompiledModel, batch: Mapping[str, Tensor]
) -> tuple[Ways, Forward | None]:
    """Let the model have ways that are known from before; return them with the forward pass."""
    take_layout(compiled.module, ways)
    size = len(next(iter(batch.values())))
    return ways, compiled_forward(compiled, size) if ways.compiled else None


def take_layout(module: nn.Module, ways: Ways) -> None:
    """Lay the weights out as images with their channels last, where that was measured faster.

    torch lays out what a convolution gives as its weights are.
    """
    if ways.channels_last:
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def after_change(ways: Ways, before: Recipe, after: Recipe) -> Ways:
    """Return the ways of a run whose drawing or recipe changed: the same, but not compiled."""
    names = ("precision", "channels_last", "fastest")
    is_same = all(getattr(before, name) == getattr(after, name) for name in names)
    return replace(ways, compiled=False) if is_same else Ways(precision=after.precision)


class _Trial:
    """Ways that are tried one upon the other."""

    def __init__(
        self,
        recipe: Recipe,
        compiled: CompiledModel,
        device: torch.device,
        batch: Mapping[str, Tensor],
    ) -> None:
        self._compiled = compiled
        self._device = device
        self._batch = batch
        self.ways = Ways(precision=recipe.precision)
        self.said: list[str] = []

    def channels_last(self) -> None:
        if not any(weight.dim() == 4 for weight in self._compiled.module.parameters()):
            self.said.append("No layer convolves images, so channels last changes nothing.")
            return
        self._try("Channels last", replace(self.ways, channels_last=True))

    def bf16(self) -> None:
        why = cannot_compute(self._device).get("bf16")
        if why:
            self.said.append(why)
            return
        self._try("bf16", replace(self.ways, precision="bf16"))

    def is_worth_compiling(self, steps: int) -> bool:
        with torch.random.fork_rng():
            seconds = steps * seconds_of(self._step(self.ways))
        if seconds < WORTH_COMPILING_SECONDS:
            self.said.append("The run is too short for compiling to pay.")
        return seconds >= WORTH_COMPILING_SECONDS

    def _try(self, name: str, ways: Ways) -> None:
        with torch.random.fork_rng():
            before, after = in_turn(self._step(self.ways), self._step(ways))
        pays = after * WORTH_IT < before
        if pays:
            self.ways = ways
        what = "is used" if pays else "is left out"
        self.said.append(f"{name} is {before / after:.2f} times as fast and {what}.")

    def _step(self, ways: Ways) -> Step:
        trial = copied(self._compiled)
        take_layout(trial.module, ways)
        return a_step(trial, self._batch, Autocast(ways.precision, self._device))
