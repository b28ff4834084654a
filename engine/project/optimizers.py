"""The optimisers that a recipe can name, each described once: its settings, ranges and help.

Form, command line, project file and trainer read these descriptions. A setting is called what
``torch.optim`` calls it; of a pair such as ``betas`` each half is a setting of its own. The
learning rate, momentum and weight decay are settings of the recipe itself.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias

import msgspec

from nodes.params import Param, check, fields_of

Optimizer: TypeAlias = Literal[
    "adam",
    "adamw",
    "sgd",
    "rmsprop",
    "nadam",
    "radam",
    "adamax",
    "adagrad",
    "adadelta",
    "adafactor",
    "asgd",
    "rprop",
]


class OptimizerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an optimiser beyond its settings."""

    title: str
    """The class of ``torch.optim``, which is also what people call it."""

    memories: int
    """Numbers that it keeps for each weight, the one for momentum not counted."""

    takes_momentum: bool = False
    takes_weight_decay: bool = True
    is_fused: bool = False
    """It has a form in which one kernel changes all weights."""


class OptimizerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all descriptions."""

    info: ClassVar[OptimizerInfo]

    def arguments(self) -> dict[str, object]:
        """Return the settings as ``torch.optim`` takes them."""
        plain = {name: getattr(self, name) for name in self.__struct_fields__}
        if "beta1" in plain:
            plain["betas"] = (plain.pop("beta1"), plain.pop("beta2"))
        return plain

    @property
    def memories(self) -> int:
        """Numbers kept for each weight with these settings."""
        return self.info.memories


# A share that may come as near to one as a float can, and not be one.
_BELOW_ONE: Final = 1 - 2**-30

Beta1 = Annotated[
    float,
    Param(
        "β₁",
        "How much of the mean gradient so far is kept at each step.",
        low=0,
        high=_BELOW_ONE,
        step=0.01,
    ),
]
Beta2 = Annotated[
    float,
    Param(
        "β₂",
        "How much of the mean squared gradient so far is kept at each step.",
        low=0,
        high=_BELOW_ONE,
        step=0.001,
    ),
]
Epsilon = Annotated[
    float,
    Param("Epsilon", "Keeps a division by nearly nothing in bounds.", low=0, high=1, step=1e-8),
]
Decoupled = Annotated[
    bool,
    Param("Decoupled decay", "Weight decay acts on the weights themselves, as in AdamW."),
]


class _Betas(OptimizerSettings, frozen=True, kw_only=True):
    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.999
    eps: Epsilon = 1e-8


class Adam(_Betas, frozen=True, kw_only=True):
    """Kingma and Ba 2015."""

    info: ClassVar = OptimizerInfo(title="Adam", memories=2, is_fused=True)

    amsgrad: Annotated[
        bool,
        Param("AMSGrad", "Divides by the largest mean square so far, so that steps only shrink."),
    ] = False

    @property
    def memories(self) -> int:
        """Numbers kept for each weight with these settings."""
        return self.info.memories + self.amsgrad


class AdamW(Adam, frozen=True, kw_only=True):
    """Loshchilov and Hutter 2019."""

    info: ClassVar = OptimizerInfo(title="AdamW", memories=2, is_fused=True)


class SGD(OptimizerSettings, frozen=True, kw_only=True):
    """Robbins and Monro 1951; momentum after Polyak 1964, Nesterov's after Sutskever 2013."""

    info: ClassVar = OptimizerInfo(title="SGD", memories=0, takes_momentum=True, is_fused=True)

    nesterov: Annotated[
        bool, Param("Nesterov", "Looks ahead along the momentum. Needs momentum, no dampening.")
    ] = False
    dampening: Annotated[
        float,
        Param("Dampening", "How much of each new gradient momentum leaves out.", low=0, high=1),
    ] = 0.0


class RMSprop(OptimizerSettings, frozen=True, kw_only=True):
    """Hinton 2012, lecture 6e."""

    info: ClassVar = OptimizerInfo(title="RMSprop", memories=1, takes_momentum=True)

    alpha: Annotated[
        float,
        Param(
            "Smoothing",
            "How much of the mean squared gradient so far is kept at each step.",
            low=0,
            high=_BELOW_ONE,
            step=0.01,
        ),
    ] = 0.99
    eps: Epsilon = 1e-8
    centered: Annotated[
        bool, Param("Centred", "Divides by the spread of the gradient rather than its size.")
    ] = False

    @property
    def memories(self) -> int:
        """Numbers kept for each weight with these settings."""
        return self.info.memories + self.centered


class NAdam(_Betas, frozen=True, kw_only=True):
    """Dozat 2016."""

    info: ClassVar = OptimizerInfo(title="NAdam", memories=2)

    momentum_decay: Annotated[
        float,
        Param("Momentum decay", "How fast the momentum reaches β₁.", low=0, high=1, step=0.001),
    ] = 0.004
    decoupled_weight_decay: Decoupled = False


class RAdam(_Betas, frozen=True, kw_only=True):
    """Liu et al. 2020."""

    info: ClassVar = OptimizerInfo(title="RAdam", memories=2)

    decoupled_weight_decay: Decoupled = False


class Adamax(_Betas, frozen=True, kw_only=True):
    """Kingma and Ba 2015, section 7."""

    info: ClassVar = OptimizerInfo(title="Adamax", memories=2)


class Adagrad(OptimizerSettings, frozen=True, kw_only=True):
    """Duchi et al. 2011."""

    info: ClassVar = OptimizerInfo(title="Adagrad", memories=1, is_fused=True)

    lr_decay: Annotated[
        float,
        Param("Rate decay", "Lowers the learning rate with the steps.", low=0, high=1, step=0.001),
    ] = 0.0
    initial_accumulator_value: Annotated[
        float,
        Param("First sum", "What the sum of squared gradients begins with.", low=0, step=0.1),
    ] = 0.0
    eps: Epsilon = 1e-10


class Adadelta(OptimizerSettings, frozen=True, kw_only=True):
    """Zeiler 2012."""

    info: ClassVar = OptimizerInfo(title="Adadelta", memories=2)

    rho: Annotated[
        float,
        Param(
            "Smoothing",
            "How much of the mean squared gradient so far is kept at each step.",
            low=0,
            high=1,
            step=0.01,
        ),
    ] = 0.9
    eps: Epsilon = 1e-6


class Adafactor(OptimizerSettings, frozen=True, kw_only=True):
    """Shazeer and Stern 2018."""

    info: ClassVar = OptimizerInfo(title="Adafactor", memories=0)

    beta2_decay: Annotated[
        float,
        Param(
            "β₂ decay",
            "How β₂ nears 1 with the steps, as a power of their number.",
            low=-10,
            high=0,
            step=0.1,
        ),
    ] = -0.8
    eps2: Annotated[
        float,
        Param("Epsilon", "The least size that a weight counts with.", low=0, high=1, step=0.001),
    ] = 1e-3
    d: Annotated[
        float,
        Param("Clip updates at", "The largest root mean square of an update.", low=1, step=0.5),
    ] = 1.0

    def arguments(self) -> dict[str, object]:
        """Return the settings as ``torch.optim`` takes them."""
        return {"beta2_decay": self.beta2_decay, "eps": (None, self.eps2), "d": self.d}


class ASGD(OptimizerSettings, frozen=True, kw_only=True):
    """Polyak and Juditsky 1992."""

    info: ClassVar = OptimizerInfo(title="ASGD", memories=1)

    lambd: Annotated[
        float,
        Param("λ", "How fast the rate falls once it begins to fall.", low=0, high=1, step=1e-4),
    ] = 1e-4
    alpha: Annotated[
        float, Param("Power", "The power by which the rate falls.", low=0, high=10, step=0.05)
    ] = 0.75
    t0: Annotated[
        float, Param("Average from", "The step from which weights are averaged.", low=1, step=1000)
    ] = 1e6


class Rprop(OptimizerSettings, frozen=True, kw_only=True):
    """Riedmiller and Braun 1993; meant for batches of all the data."""

    info: ClassVar = OptimizerInfo(title="Rprop", memories=2, takes_weight_decay=False)

    eta_minus: Annotated[
        float,
        Param(
            "Shrink by", "Where a gradient changed its sign.", low=1e-6, high=_BELOW_ONE, step=0.05
        ),
    ] = 0.5
    eta_plus: Annotated[
        float, Param("Grow by", "Where it kept it.", low=1 + 2**-30, high=100, step=0.05)
    ] = 1.2
    step_min: Annotated[float, Param("Least step", "Of one weight.", low=0, step=1e-6)] = 1e-6
    step_max: Annotated[float, Param("Largest step", "Of one weight.", low=0, step=1)] = 50.0

    def arguments(self) -> dict[str, object]:
        """Return the settings as ``torch.optim`` takes them."""
        return {
            "etas": (self.eta_minus, self.eta_plus),
            "step_sizes": (self.step_min, self.step_max),
        }


OPTIMIZERS: Final[Mapping[str, type[OptimizerSettings]]] = {
    "adam": Adam,
    "adamw": AdamW,
    "sgd": SGD,
    "rmsprop": RMSprop,
    "nadam": NAdam,
    "radam": RAdam,
    "adamax": Adamax,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
    "adafactor": Adafactor,
    "asgd": ASGD,
    "rprop": Rprop,
}
"""By their names in a recipe, the commonest first."""


def optimizer_settings(name: str, settings: Mapping[str, Any]) -> OptimizerSettings:
    """Return the settings of an optimiser; those that it does not have are left out.

    Raises:
        msgspec.ValidationError: A value has another type.
        ParameterError: A value lies outside its range.
    """
    described = OPTIMIZERS[name]
    known = {field.name for field in fields_of(described)}
    own = {key: value for key, value in settings.items() if key in known}
    made = msgspec.convert(own, described)
    check(described, own)
    return made
