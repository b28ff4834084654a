"""Optimisers that take turns: each moves layers of its own, and lowers losses of its own."""

import functools
from collections.abc import Mapping
from typing import Annotated, TypeAlias

import msgspec

from engine.project.optimizers import Optimizer
from nodes.params import Field, Param, fields_of

OptimizerChoice: TypeAlias = Annotated[
    Optimizer, Param("Optimiser", "The rule that turns gradients into changes of the weights.")
]
LearningRate: TypeAlias = Annotated[
    float,
    Param(
        "Learning rate",
        "How far each step goes. Too large and the loss jumps; too small and it crawls.",
        low=0,
        high=100,
        step=0.0005,
        suggest=(0.1, 0.01, 0.001),
    ),
]
Momentum: TypeAlias = Annotated[
    float,
    Param(
        "Momentum",
        "How much of the last step's direction is kept. SGD and RMSprop only.",
        low=0,
        high=1,
        step=0.05,
    ),
]
WeightDecay: TypeAlias = Annotated[
    float, Param("Weight decay", "Pulls weights towards zero.", low=0, high=10, step=0.0001)
]


@functools.cache
def player_fields() -> tuple[Field, ...]:
    """Describe the settings of an optimiser that takes turns, its name left out."""
    beside = ("name", "optimizer_settings")
    return tuple(field for field in fields_of(Player) if field.name not in beside)


class Player(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One optimiser beside others. Layers and losses name the one that they belong to."""

    name: Annotated[
        str,
        msgspec.Meta(min_length=1, max_length=60),
        Param("Name", "What layers and losses call it."),
    ]
    optimizer: OptimizerChoice = "adam"
    learning_rate: LearningRate = 0.001
    momentum: Momentum = 0.9
    weight_decay: WeightDecay = 0.0
    every: Annotated[
        int,
        Param(
            "Acts every",
            "1 moves its layers at each step, 5 at every fifth one.",
            low=1,
            high=100_000,
            unit="steps",
        ),
    ] = 1
    optimizer_settings: Mapping[str, float | bool] = {}
    """What differs from the defaults of the optimiser."""
