"""How a larger layer comes from the smaller one that it was: its weights, and their memory.

A repeated unit has the weights of its origin. Those who take it share their weights for the origin
among its repeats, so that each repeat gets the gradient of the origin times its share; what an
optimiser remembers of gradients is scaled alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from torch import Tensor
from torch.optim import (
    ASGD,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
)

_Powers: TypeAlias = Mapping[str, int | None]

_MOMENTS: Final[_Powers] = {"exp_avg": 1, "exp_avg_sq": 2, "max_exp_avg_sq": 2}
_POWERS: Final[Mapping[type[Optimizer], _Powers]] = MappingProxyType(
    {
        Adam: _MOMENTS,
        AdamW: _MOMENTS,
        NAdam: _MOMENTS,
        RAdam: _MOMENTS,
        Adamax: {"exp_avg": 1, "exp_inf": 1},
        SGD: {"momentum_buffer": 1},
        # Its momentum is of gradients that were divided by their size.
        RMSprop: {"square_avg": 2, "grad_avg": 1, "momentum_buffer": 0},
        Adagrad: {"sum": 2},
        Adadelta: {"square_avg": 2, "acc_delta": 0},
        ASGD: {"ax": None},
        Rprop: {"prev": 1, "step_size": 0},
    }
)
"""With which power of the gradient grows what an optimiser remembers of each weight.

None is what is itself a weight. Adafactor is not there: it remembers sums over rows and columns,
from which those of a larger matrix do not follow.
"""


@dataclass(frozen=True, slots=True)
class Growth:
    """What each unit of a larger layer repeats."""

    rows: Tensor
    """For each unit that is put out, the one of the smaller layer."""

    shares: Tensor
    """The part of their origin's gradient that they get."""

    columns: Tensor | None = None
    """For each unit that is taken; None where units have nothing to do with each other."""

    parts: Tensor | None = None
    """The part of their origin's weight that they get."""

    inputs_first: bool = False
    """Weights lie as (taken, put out, …), as those of a transposed convolution do."""

    def weight(self, old: Tensor) -> Tensor:
        """Return the values of a weight, a bias or a statistic."""
        one = self._turned(old)
        grown = self._repeated(one)
        if self.parts is not None and old.dim() > 1:
            grown = grown * self.parts.to(old).reshape(1, -1, *(1 for _ in old.shape[2:]))
        return self._turned(grown)

    def gradient(self, old: Tensor, power: int = 1) -> Tensor:
        """Return what a gradient, or a power of it, would have been."""
        scale = self.shares.to(old) ** power
        grown = self._repeated(self._turned(old))
        return self._turned(grown * scale.reshape(-1, *(1 for _ in old.shape[1:])))

    def memory(self, optimizer: Optimizer, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return what an optimiser would know had the layer always been so large.

        Weight decay that is part of the gradient is scaled with it. Empty where it cannot be said.
        """
        powers = _POWERS.get(type(optimizer), {})
        each = {key: value for key, value in known.items() if _is_of_weights(value)}
        if not each.keys() <= powers.keys():
            return {}
        grown = {
            key: self.weight(value)
            if (power := powers[key]) is None
            else self.gradient(value, power)
            for key, value in each.items()
        }
        return {**copied(known), **grown}

    def _turned(self, values: Tensor) -> Tensor:
        """Turn what is put out to the front, or back from there."""
        if not self.inputs_first or values.dim() < 2:
            return values
        return values.transpose(0, 1).contiguous()

    def _repeated(self, old: Tensor) -> Tensor:
        rows = old[self.rows.to(old.device)]
        if self.columns is None or old.dim() < 2:
            return rows
        return rows[:, self.columns.to(old.device)]


def copied(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an optimiser knows of a weight, in memory of its own."""
    return {
        key: value.clone() if isinstance(value, Tensor) else value for key, value in known.items()
    }


def _is_of_weights(value: object) -> bool:
    return isinstance(value, Tensor) and value.dim() > 0
