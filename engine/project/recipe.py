"""The recipe: everything that decides how a drawing is trained, kept with the drawing."""

from typing import Annotated, Literal

import msgspec

from nodes.params import Param

Optimizer = Literal["adam", "adamw", "sgd", "rmsprop"]
Schedule = Literal["constant", "cosine", "one_cycle"]


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one training, described like the parameters of a layer."""

    epochs: Annotated[
        int, Param("Epochs", "How often the training data is gone through.", low=1, high=100_000)
    ] = 10
    batch_size: Annotated[
        int,
        Param(
            "Batch size",
            "Samples per step. Larger is smoother and uses more memory.",
            low=1,
            high=1_000_000,
            suggest=(32, 64, 128),
        ),
    ] = 64
    optimizer: Annotated[
        Optimizer, Param("Optimiser", "The rule that turns gradients into changes of the weights.")
    ] = "adam"
    learning_rate: Annotated[
        float,
        Param(
            "Learning rate",
            "How far each step goes. Too large and the loss jumps; too small and it crawls.",
            low=0,
            high=100,
            step=0.0005,
            suggest=(0.1, 0.01, 0.001),
        ),
    ] = 0.001
    momentum: Annotated[
        float,
        Param(
            "Momentum",
            "How much of the last step's direction is kept. SGD and RMSprop only.",
            low=0,
            high=1,
            step=0.05,
        ),
    ] = 0.9
    weight_decay: Annotated[
        float,
        Param("Weight decay", "Pulls weights towards zero.", low=0, high=10, step=0.0001),
    ] = 0.0
    schedule: Annotated[
        Schedule, Param("Schedule", "How the learning rate changes over the run.")
    ] = "cosine"
    gradient_clip: Annotated[
        float,
        Param(
            "Clip gradients at",
            "The largest norm of all gradients together; 0 does not clip.",
            low=0,
            high=1_000_000,
            step=0.5,
        ),
    ] = 0.0
    patience: Annotated[
        int,
        Param(
            "Stop early after",
            "Epochs without a better validation loss before training stops; 0 never stops early.",
            low=0,
            high=100_000,
            unit="epochs",
        ),
    ] = 0
    seed: Annotated[
        int,
        Param("Seed", "The same seed gives the same numbers again.", low=0),
    ] = 0
