"""The numbers that layers compute with: single precision, or shorter ones under autocast."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import torch

from engine.project.recipe import Precision
from nodes.errors import RunError

_TYPES: Final = {"bf16": torch.bfloat16, "fp16": torch.float16}


def cannot_compute(device: torch.device) -> Mapping[str, str]:
    """Return the precisions that a device cannot train with, and why."""
    if device.type == "cpu":
        return {"fp16": "Processors have no fast 16-bit floats; bf16 works here."}
    if not torch.cuda.is_bf16_supported():
        return {"bf16": f"{torch.cuda.get_device_name(device)} is too old for bf16; fp16 works."}
    return {}


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
