"""What a layer does to numbers and channels, as far as its call says."""

import re
from typing import Final

from engine.compile.steps import Stage

# What acts on every number by itself. Softmax and the like do not.
BY_ITSELF: Final = frozenset(
    """relu relu6 leaky_relu gelu silu mish elu celu selu softplus softsign hardtanh hardswish
    hardsigmoid tanh sigmoid logsigmoid tanhshrink softshrink hardshrink dropout dropout1d
    dropout2d dropout3d alpha_dropout
    ReLU ReLU6 LeakyReLU GELU SiLU Mish ELU CELU SELU Softplus Softsign Hardtanh Hardswish
    Hardsigmoid Tanh Sigmoid LogSigmoid Dropout Dropout1d Dropout2d Dropout3d AlphaDropout
    Identity""".split()  # noqa: SIM905 - a table to be read
)
# What acts on every channel by itself.
_BY_CHANNEL: Final = frozenset(
    """max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d
    adaptive_avg_pool2d adaptive_max_pool2d interpolate MaxPool1d MaxPool2d MaxPool3d AvgPool1d
    AvgPool2d AvgPool3d AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveMaxPool2d Upsample
    InstanceNorm1d InstanceNorm2d InstanceNorm3d""".split()  # noqa: SIM905 - a table to be read
)
RESTING: Final = frozenset(
    """dropout dropout1d dropout2d dropout3d Identity Dropout Dropout1d Dropout2d
    Dropout3d""".split()  # noqa: SIM905 - a table to be read
)
"""What passes on what it takes once the model is not trained."""

_PLAIN: Final = re.compile(r"\{module\}\(\{x\}\)|\{x\}")
_NAMES: Final = re.compile(r"\b(?:F|torch|nn)\.(\w+)")
_METHOD: Final = re.compile(r"(?:\{\w+\}|\))(?:\.[a-z]|\[)")


def names_in(stage: Stage) -> set[str]:
    """Return the functions and modules of torch that a layer calls."""
    module = stage.lowering.module
    return set(_NAMES.findall(f"{stage.lowering.expression} {module.source() if module else ''}"))


def names_called(stage: Stage) -> set[str]:
    """Return the functions of torch that are called beside the module of a layer."""
    return set(_NAMES.findall(stage.lowering.expression))


def has_method(stage: Stage) -> bool:
    """Say whether a layer does more with a tensor than to hand it to functions."""
    return bool(_METHOD.search(stage.lowering.expression))


def rests(stage: Stage) -> bool:
    """Say whether a layer passes on what it takes once the model is not trained."""
    return bool(names := names_in(stage)) and names <= RESTING


def acts_by_itself(stage: Stage, axis: int) -> bool:
    """Say whether a layer without weights acts on every channel, on this axis, by itself."""
    if has_method(stage) or not _PLAIN.search(stage.lowering.expression):
        return False
    return names_in(stage) <= (BY_ITSELF | _BY_CHANNEL if axis == 1 else BY_ITSELF)


def is_called_plainly(stage: Stage) -> bool:
    """Say whether what comes after the weights of a layer acts on every number by itself."""
    alone = stage.lowering.expression.replace("{module}({x})", "{x}")
    is_called = alone != stage.lowering.expression and not has_method(stage)
    return is_called and names_called(stage) <= BY_ITSELF
