"""How strongly a step moves the weights: lengths of gradients and of updates, by parameter."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor, nn

_GRADIENT, _MOVED, _BEFORE = range(3)
_UNKNOWN: Final = -1.0


@dataclass(frozen=True, slots=True)
class Learning:
    """What the last steps that were measured did to each parameter."""

    gradients: Mapping[nn.Parameter, float] = field(default_factory=dict)
    moved: Mapping[nn.Parameter, float] = field(default_factory=dict)
    """How far one step moved it."""

    before: Mapping[nn.Parameter, float] = field(default_factory=dict)
    """How long it was before that step."""

    def gradient(self, parameters: Sequence[nn.Parameter]) -> float | None:
        """Return the length of the gradient of some parameters together."""
        return _length(self.gradients, parameters)

    def update_ratio(self, parameters: Sequence[nn.Parameter]) -> float | None:
        """Return the length of an update of some parameters over their length before it."""
        moved, whole = _length(self.moved, parameters), _length(self.before, parameters)
        if moved is None or whole is None:
            return None
        return moved / whole if whole else 0.0


class LearningMeter:
    """Measures what a step does to each parameter.

    Args:
        parameters: Of the model, in an order that another process with the same model has too.
    """

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        self._parameters = tuple(parameters)
        self._before: list[Tensor] = []
        self.figures = torch.full((3, len(self._parameters)), _UNKNOWN)
        """The lengths as ``learning_of`` reads them: (3, parameters), on the processor."""

        self.is_measuring = False
        """The next step is measured."""

    @property
    def has_gradients(self) -> bool:
        """Whether those of any step were measured."""
        return bool((self.figures[_GRADIENT] != _UNKNOWN).any())

    @property
    def learning(self) -> Learning:
        """What was measured so far."""
        return learning_of(self._parameters, self.figures)

    def measure_gradients(self) -> None:
        """Take the lengths of the gradients; call it after a step, before they are cleared."""
        found = [weight.grad.detach() for weight in self._parameters if weight.grad is not None]
        if len(found) == len(self._parameters):
            self.figures[_GRADIENT] = lengths_of(found)
        elif found:
            places = [weight.grad is not None for weight in self._parameters]
            self.figures[_GRADIENT, places] = lengths_of(found)

    def begin(self) -> None:
        """Copy the weights; the next step is measured."""
        self.is_measuring = True
        if not self._before:
            # Kept for the next time: memory that is new costs more than what is done with it.
            self._before = [torch.empty_like(weight) for weight in self._weights()]
        torch._foreach_copy_(self._before, self._weights())

    def end(self) -> None:
        """Compare the weights with those before the step."""
        self.is_measuring = False
        self.figures[_BEFORE] = lengths_of(self._before)
        torch._foreach_sub_(self._before, self._weights())
        self.figures[_MOVED] = lengths_of(self._before)

    def _weights(self) -> list[Tensor]:
        return [parameter.detach() for parameter in self._parameters]


def learning_of(parameters: Sequence[nn.Parameter], figures: Tensor) -> Learning:
    """Read what a meter of the same model measured.

    Shapes:
        figures: (3, parameters)
    """
    return Learning(*(_known(parameters, row) for row in figures.tolist()))


def lengths_of(tensors: list[Tensor]) -> Tensor:
    """Return the length of each tensor, (N,), on the processor: an accelerator is waited for once.

    One at least is there.
    """
    lengths = torch._foreach_norm(tensors)  # noqa: SLF001 - torch documents it
    return torch.stack(lengths).float().cpu()


def _known(parameters: Sequence[nn.Parameter], row: list[float]) -> Mapping[nn.Parameter, float]:
    pairs = zip(parameters, row, strict=True)
    return {parameter: length for parameter, length in pairs if length != _UNKNOWN}


def _length(
    lengths: Mapping[nn.Parameter, float], parameters: Sequence[nn.Parameter]
) -> float | None:
    known = [lengths[parameter] for parameter in parameters if parameter in lengths]
    return math.hypot(*known) if known else None
