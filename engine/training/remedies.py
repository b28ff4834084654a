"""What would mend a run that was stopped, as settings of its recipe."""

import re
from typing import Final

from engine.project.recipe import Precision, Recipe
from engine.training.events import HealthAct

_UNITS: Final = {"bytes": 1.0, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30}
_SIZE: Final = r"([\d.]+) (bytes|[KMG]iB)"


def against_memory(recipe: Recipe, gpu: Precision | None = None) -> tuple[HealthAct, ...]:
    """Return what makes a step need less memory, what changes the training least first.

    On a GPU there are further ways than a smaller batch, so only the first of those is offered.

    Args:
        gpu: The short numbers that the GPU computes with; None on a processor.
    """
    acts = []
    size = recipe.batch_size
    if size > 1 and size % 2 == 0:
        half = {"batch_size": size // 2, "accumulation": 2 * recipe.accumulation}
        acts.append(HealthAct(label=f"Compute {size // 2} at once", settings=half))
    if size > 1:
        acts.append(
            HealthAct(label=f"Set batch size {size // 2}", settings={"batch_size": size // 2})
        )
    return (*acts[:1], *instead_of_gpu_memory(recipe, gpu)) if gpu else tuple(acts)


def instead_of_gpu_memory(recipe: Recipe, short: Precision) -> tuple[HealthAct, ...]:
    """Return what spares the memory of a GPU and leaves the batch as it is.

    Args:
        short: The short numbers that it computes with.
    """
    acts = []
    if recipe.precision == "fp32":
        acts.append(HealthAct(label="Use mixed precision", settings={"precision": short}))
    # Processors cannot train with fp16.
    if recipe.precision != "fp16":
        acts.append(HealthAct(label="Train on CPU", device="cpu"))
    return tuple(acts)


def against_numbers_lost(recipe: Recipe) -> tuple[HealthAct, ...]:
    """Return what keeps numbers from growing without end."""
    rate = float(f"{recipe.learning_rate / 10:.2g}")
    acts = [HealthAct(label=f"Lower the rate to {rate:g}", settings={"learning_rate": rate})]
    if not recipe.gradient_clip:
        acts.append(HealthAct(label="Clip gradients at 1", settings={"gradient_clip": 1.0}))
    return tuple(acts)


def memory_told(text: str) -> str:
    """Say in a sentence how much memory was asked for and how much was free, as torch tells it."""
    wanted = re.search(rf"[Tt]ried to allocate {_SIZE}", text)
    free = re.search(rf"of which {_SIZE} is free", text)
    if wanted is None:
        return ""
    asked = f"{_decimal(wanted)} more were asked for"
    return f"{asked}, {_decimal(free)} were free." if free else f"{asked}."


def _decimal(found: re.Match[str]) -> str:
    size = float(found[1]) * _UNITS[found[2]]
    return f"{size / 1e9:.1f}\u202fGB" if size >= 1e8 else f"{size / 1e6:.1f}\u202fMB"
