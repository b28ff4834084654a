"""The recipe: everything that decides how a drawing is trained, kept with the drawing."""

import functools
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from engine.project.optimizers import OPTIMIZERS, OptimizerSettings, optimizer_settings
from engine.project.players import LearningRate, Momentum, OptimizerChoice, Player, WeightDecay
from nodes.params import Field, Param, fields_of

Schedule = Literal["constant", "cosine", "one_cycle", "step", "plateau"]
Precision = Literal["fp32", "bf16", "fp16"]


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one training, described like the parameters of a layer."""

    epochs: Annotated[
        int, Param("Epochs", "How often the training data is gone through.", low=1, high=100_000)
    ] = 10
    steps: Annotated[
        int,
        Param(
            "End after",
            "Steps after which the run ends, wherever it is in the data; 0 goes by epochs.",
            low=0,
            high=1_000_000_000,
            step=100,
            unit="steps",
            advanced=True,
        ),
    ] = 0
    batch_size: Annotated[
        int,
        Param(
            "Batch size",
            "Samples computed at once. Larger is smoother and uses more memory.",
            low=1,
            high=1_000_000,
            suggest=(32, 64, 128),
        ),
    ] = 64
    accumulation: Annotated[
        int,
        Param(
            "Batches per step",
            "Gradients of so many batches are added up before the weights change: a large batch "
            "in little memory.",
            low=1,
            high=100_000,
            advanced=True,
        ),
    ] = 1
    optimizer: OptimizerChoice = "adam"
    learning_rate: LearningRate = 0.001
    momentum: Momentum = 0.9
    weight_decay: WeightDecay = 0.0
    schedule: Annotated[
        Schedule, Param("Schedule", "How the learning rate changes over the run.")
    ] = "cosine"
    drop_epochs: Annotated[
        int,
        Param(
            "Drop after",
            "Step: epochs between two drops of the rate. Plateau: epochs without a better loss "
            "before it drops.",
            low=1,
            high=100_000,
            unit="epochs",
        ),
    ] = 10
    drop_factor: Annotated[
        float,
        Param("Drop to", "What the rate is multiplied by at each drop.", low=0, high=1, step=0.05),
    ] = 0.1
    warm_up: Annotated[
        float,
        Param(
            "Warm up for",
            "Epochs in which the rate rises from a hundredth of itself before the schedule "
            "begins; 0 starts at once.",
            low=0,
            high=100_000,
            step=0.5,
            unit="epochs",
            advanced=True,
        ),
    ] = 0.0
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
    gradient_clip_value: Annotated[
        float,
        Param(
            "Clip each at",
            "The largest size of any single gradient; 0 does not clip.",
            low=0,
            high=1_000_000,
            step=0.5,
            advanced=True,
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
    min_delta: Annotated[
        float,
        Param(
            "Better means by",
            "How much lower the validation loss must be to count as better.",
            low=0,
            high=1_000_000,
            step=0.001,
            advanced=True,
        ),
    ] = 0.0
    restore_best: Annotated[
        bool,
        Param(
            "End with the best",
            "After the run the model has the weights of its best epoch rather than its last.",
            advanced=True,
        ),
    ] = False
    balance_classes: Annotated[
        bool,
        Param(
            "Balance classes",
            "Samples of rare classes weigh more in cross-entropy, so that all classes count alike.",
            advanced=True,
        ),
    ] = False
    averaging: Annotated[
        float,
        Param(
            "Average weights",
            "How much of the moving average of the weights is kept at each step, such as 0.999. "
            "The average is what is validated, saved and exported; 0 does not average.",
            low=0,
            high=1 - 2**-30,
            step=0.001,
            advanced=True,
        ),
    ] = 0.0
    precision: Annotated[
        Precision,
        Param(
            "Precision",
            "The numbers that layers compute with. The short ones are faster on most GPUs.",
            advanced=True,
        ),
    ] = "fp32"
    fastest: Annotated[
        bool,
        Param(
            "Fastest",
            "Tries channels last, bf16 and torch.compile on this model and device before the "
            "first step, and keeps what is measured faster. bf16 rounds more.",
            advanced=True,
        ),
    ] = False
    channels_last: Annotated[
        bool,
        Param(
            "Channels last",
            "Tries another order of images in memory before the first step and keeps it where it "
            "is measured faster. Results differ in the last digits.",
            advanced=True,
        ),
    ] = False
    compile: Annotated[
        bool,
        Param(
            "Compile",
            "Tries torch.compile before the first step and keeps it where it is measured faster.",
            advanced=True,
        ),
    ] = False
    seed: Annotated[
        int,
        Param("Seed", "The same seed gives the same numbers again.", low=0),
    ] = 0
    deterministic: Annotated[
        bool,
        Param(
            "Deterministic",
            "Only kernels that give the same bits each time. A GPU may be slower, and a few "
            "layers cannot be trained.",
            advanced=True,
        ),
    ] = False
    optimizer_settings: Mapping[str, float | bool] = {}
    """What differs from the defaults of the optimiser; see ``OPTIMIZERS``."""

    players: tuple[Player, ...] = ()
    """Optimisers that take turns, in this order, in place of the one above."""

    @property
    def own_settings(self) -> OptimizerSettings:
        """The settings of the chosen optimiser, with their defaults."""
        return optimizer_settings(self.optimizer, self.optimizer_settings)

    @property
    def optimizer_titles(self) -> str:
        """Return the names of its optimisers, each once: ``Adam + SGD``."""
        return " + ".join(dict.fromkeys(side.own_settings.info.title for side in self.sides))

    @property
    def sides(self) -> tuple["Recipe", ...]:
        """The recipe of each optimiser, in their order: this one where there is but one."""
        if not self.players:
            return (self,)
        return tuple(
            msgspec.structs.replace(
                self,
                optimizer=player.optimizer,
                learning_rate=player.learning_rate,
                momentum=player.momentum,
                weight_decay=player.weight_decay,
                optimizer_settings=player.optimizer_settings,
                players=(),
            )
            for player in self.players
        )


LIVE = frozenset(
    {
        "epochs",
        "steps",
        "batch_size",
        "accumulation",
        "learning_rate",
        "momentum",
        "weight_decay",
        "schedule",
        "drop_epochs",
        "drop_factor",
        "warm_up",
        "gradient_clip",
        "gradient_clip_value",
        "patience",
        "min_delta",
        "restore_best",
    }
)
"""The settings that a run can change between two steps as it is."""


def with_live(trained: Recipe, now: Recipe) -> Recipe:
    """Return what a run is trained with, and what can be changed between two steps as it is now."""
    live: dict[str, object] = {name: getattr(now, name) for name in LIVE}
    if _rules(now) == _rules(trained):
        live["players"] = now.players
    return msgspec.structs.replace(trained, **live)


def is_live_change(before: Recipe, after: Recipe) -> bool:
    """Say whether a run can go from one recipe to the other between two steps as it is."""
    return with_live(before, after) == after


def _rules(recipe: Recipe) -> list[tuple[object, ...]]:
    """Return what makes the optimisers that take turns, and not only how far they go."""
    return [(one.name, one.optimizer, one.optimizer_settings) for one in recipe.players]


_OF_A_PLAYER = frozenset({"optimizer", "learning_rate", "momentum", "weight_decay"})


@functools.cache
def recipe_fields() -> tuple[Field, ...]:
    """Describe the settings of every recipe; those of its optimiser are described by that."""
    beside = ("optimizer_settings", "players")
    return tuple(field for field in fields_of(Recipe) if field.name not in beside)


_IDLE: Mapping[str, object] = {
    "accumulation": 1,
    **dict.fromkeys(("steps", "momentum", "weight_decay", "warm_up", "averaging"), 0),
    **dict.fromkeys(("gradient_clip", "gradient_clip_value", "patience", "min_delta"), 0),
    **dict.fromkeys(("restore_best", "balance_classes", "deterministic"), False),
    **dict.fromkeys(("fastest", "channels_last", "compile"), False),
}
"""The values at which a setting does nothing."""


def steers(recipe: Recipe, name: str) -> bool:
    """Say whether a setting does something to a run as it stands."""
    return applies(recipe, name) and getattr(recipe, name) != _IDLE.get(name)


def applies(recipe: Recipe, name: str) -> bool:
    """Say whether a setting makes a difference to this recipe."""
    info = OPTIMIZERS[recipe.optimizer].info
    if recipe.players and name in _OF_A_PLAYER:
        return False
    match name:
        case "momentum":
            return info.takes_momentum
        case "weight_decay":
            return info.takes_weight_decay
        case "drop_epochs" | "drop_factor":
            return recipe.schedule in ("step", "plateau")
        case "epochs":
            return not recipe.steps
        case "channels_last" | "compile":
            return not recipe.fastest
        case _:
            return True
