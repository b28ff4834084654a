"""The numbers that layers compute with: single precision, or shorter ones under autocast."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import torch

from engine.project.recipe import Precision
from nodes.errors import RunError

_WITH_BF16: Final = (8, 0)
"""The compute capability from which GPUs of NVIDIA have it."""

_TYPES: Final = {"bf16": torch.bfloat16, "fp16": torch.float16}


def cannot_compute(device: torch.device) -> Mapping[str, str]:
    """Return the precisions that a device cannot train with, and why."""
    if device.type == "cpu":
        return {"fp16": "Processors have no fast 16-bit floats; bf16 works here."}
    # Older GPUs imitate it, which gains nothing: torch calls that supported.
    if torch.version.hip is None and torch.cuda.get_device_capability(device) < _WITH_BF16:
        name = torch.cuda.get_device_name(device)
        return {"bf16": f"{name} has no bf16 of its own; fp16 works here."}
    return {}


def short_numbers() -> Precision:
    """Return the short numbers that the GPU of this machine trains with."""
    has_gpu = torch.cuda.is_available()
    return "fp16" if has_gpu and "bf16" in cannot_compute(torch.device("cuda")) else "bf16"


class Autocast:
    """Chooses the precision of forward passes; see ``torch.autocast``.

    Raises:
        RunError: The device cannot compute with it.
    """

    def __init__(self, precision: Precision, device: torch.device) -> None:
        why = cannot_compute(device).get(precision)
        if why:
            raise RunError(
                f"This device cannot train with {precision}",
                why=why,
                hint="Choose another precision in the recipe.",
            )
        self._type = _TYPES.get(precision)
        self._device = device.type

    @property
    def is_short(self) -> bool:
        """Whether layers may put out short numbers."""
        return self._type is not None

    @property
    def needs_scaling(self) -> bool:
        """Whether small gradients would be lost unless the loss is scaled."""
        return self._type is torch.float16

    def __call__(self) -> AbstractContextManager[object]:
        """Return a context for one forward pass."""
        if self._type is None:
            return nullcontext()
        return torch.autocast(self._device, dtype=self._type)
