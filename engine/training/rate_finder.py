"""Finding a learning rate: a short run in which the rate grows with every step.

Smith 2017, "Cyclical learning rates for training neural networks", section 3.3. The rate that is
suggested is where the smoothed loss falls fastest over the logarithm of the rate.
"""

import math
import time
from collections.abc import Callable, Iterator
from itertools import chain, count, islice
from typing import Final

import numpy as np
import torch

from engine.data.loading import samples_per_epoch
from engine.data.shuffling import Order
from engine.project.project import Project
from engine.training.bench import compile_for_training, set_up
from engine.training.checkpoints import Place
from engine.training.config import Device
from engine.training.devices import choose_device
from engine.training.doctor import failure_of
from engine.training.events import RateTested
from engine.training.given_weights import give_weights
from engine.training.giving_up import never
from engine.training.material import Material, gather
from engine.training.standardising import measure_training_samples
from engine.training.update import NotFiniteError
from nodes.errors import RunError

_LOWEST: Final = 1e-6
_HIGHEST: Final = 10.0
_STEPS: Final = 120
_LONGEST_SECONDS: Final = 30.0
_SMOOTHING: Final = 0.9
# A loss so much above the best one will not come back.
_LOST: Final = 4.0
# The loss must have fallen by this share of where it began, or nothing was found.
_LEAST_FALL: Final = 0.02


def find_rate(
    project: Project, device: Device = "auto", *, is_over: Callable[[], bool] = never
) -> RateTested:
    """Try rates from a millionth to ten on a model that is thrown away afterwards.

    Args:
        is_over: Asked between two steps, whether to go no further.
    """
    try:
        rates, losses = _sweep(project, device, is_over)
    # Whatever goes wrong is told as in a run.
    except Exception as error:  # noqa: BLE001
        failed = failure_of(error, None)
        problem = " ".join(part for part in (f"{failed.title}.", failed.why, failed.hint) if part)
        return RateTested(rates=(), losses=(), problem=problem)
    smooth = smoothed(losses)
    return RateTested(
        rates=tuple(rates), losses=tuple(smooth), suggestion=suggested_rate(rates, smooth)
    )


def suggested_rate(rates: list[float], losses: list[float]) -> float | None:
    """Return the rate at which a smoothed loss falls fastest; None where it hardly falls."""
    if len(losses) < 4:
        return None
    lowest = int(np.argmin(losses))
    if losses[lowest] > losses[0] * (1 - _LEAST_FALL) or lowest < 2:
        return None
    slopes = np.gradient(np.asarray(losses), np.log(rates))
    steepest = int(np.argmin(slopes[: lowest + 1]))
    return float(f"{rates[steepest]:.2g}")


def smoothed(losses: list[float]) -> list[float]:
    """Return a running mean that is not pulled towards zero at the beginning."""
    smooth, total = [], 0.0
    for step, loss in enumerate(losses, start=1):
        total = _SMOOTHING * total + (1 - _SMOOTHING) * loss
        smooth.append(total / (1 - _SMOOTHING**step))
    return smooth


def _sweep(
    project: Project, wanted: Device, is_over: Callable[[], bool]
) -> tuple[list[float], list[float]]:
    recipe = project.recipe
    if recipe.players:
        raise RunError(
            "Rates are tested for one optimiser",
            why="Several take turns in this drawing, each at its own rate.",
            hint="Choose their rates in the recipe.",
        )
    torch.manual_seed(recipe.seed)
    compiled = compile_for_training(project)
    give_weights(compiled)
    device = choose_device(wanted, deterministic=recipe.deterministic)
    material = gather(compiled.plan, device, recipe.seed)
    compiled.module.to(device).train()
    measure_training_samples(compiled, material.training)
    updater = set_up(project, compiled, material, device, Place()).updater
    batches = chain.from_iterable(
        material.augmenter.batches(
            material.training.batches(order, recipe.batch_size), epoch=epoch, seen=0
        )
        for epoch, order in enumerate(_orders(material, project))
    )
    began = time.monotonic()
    rates: list[float] = []
    losses: list[float] = []
    for rate in np.geomspace(_LOWEST, _HIGHEST, _STEPS).tolist():
        together = list(islice(batches, recipe.accumulation))
        samples = sum(len(next(iter(batch.values()))) for batch in together)
        try:
            figures = updater.step(together, samples, recipe, [rate], None)
        except NotFiniteError:
            break
        updater.forget_gradients()
        loss = float(figures.loss)
        if is_over() or not math.isfinite(loss) or time.monotonic() - began > _LONGEST_SECONDS:
            break
        rates.append(rate)
        losses.append(loss)
        if len(losses) > 10 and smoothed(losses)[-1] > _LOST * min(smoothed(losses)):
            break
    return rates, losses


def _orders(material: Material, project: Project) -> Iterator[Order]:
    """Yield the order of one epoch after the other, without end."""
    samples = material.training.samples
    usable = samples_per_epoch(samples, project.recipe.batch_size)
    for epoch in count():
        yield material.training.order(seed=project.recipe.seed, epoch=epoch)[:usable]
