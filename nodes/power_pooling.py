"""Pooling by a power mean: between the sum of each window and its largest number."""

from typing import Annotated, ClassVar

from nodes.layer import Call, LayerInfo, Lowering, docs
from nodes.params import Param, Span, Span3
from nodes.pooling import KERNEL, STRIDE, Pooling
from nodes.tensors import Inputs
from nodes.windows import single

POWER = Param(
    "Power",
    "1 adds up the numbers of a window, 2 takes the root of their squares; large powers come "
    "close to the largest number.",
    low=0.1,
    high=64,
    step=0.5,
    suggest=(1, 2, 3),
)
REFERENCE = "Gulcehre et al. 2013, Learned-Norm Pooling for Deep Feedforward Networks"


class PowerPooling(Pooling, frozen=True, kw_only=True):
    """What pooling by a power mean shares."""

    norm_type: Annotated[float, POWER] = 2.0

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        kernel = single(self._each(self.kernel_size))
        module = Call(f"nn.{type(self).__name__}", (self.norm_type, kernel), self._differing())
        return Lowering(expression="{module}({x})", module=module)


class LPPool1d(PowerPooling, frozen=True, kw_only=True):
    """The power mean of each window of a sequence."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="LPPool1d",
        category="pool",
        summary="Takes a root of the summed powers of each window: the sequence becomes shorter.",
        when="Rarely: between the mean and the maximum, where neither serves.",
        shape="C×T to C×T'",
        formula="y = (Σ xᵖ)^(1 ÷ p)",
        aliases=("power average pooling", "p-norm pooling", "l2 pooling"),
        reference=REFERENCE,
        link=docs("nn.LPPool1d"),
    )

    kernel_size: Annotated[int, KERNEL] = 2
    stride: Annotated[int | None, STRIDE] = None


class LPPool2d(PowerPooling, frozen=True, kw_only=True):
    """The power mean of each window of an image."""

    info: ClassVar = LayerInfo(
        title="LPPool2d",
        category="pool",
        summary="Takes a root of the summed powers of each window: the image becomes smaller.",
        when="Rarely: between the mean and the maximum, where neither serves.",
        shape="C×H×W to C×H'×W'",
        formula="y = (Σ xᵖ)^(1 ÷ p)",
        aliases=("power average pooling", "p-norm pooling", "l2 pooling"),
        reference=REFERENCE,
        link=docs("nn.LPPool2d"),
    )

    kernel_size: Annotated[Span, KERNEL] = 2
    stride: Annotated[Span | None, STRIDE] = None


class LPPool3d(PowerPooling, frozen=True, kw_only=True):
    """The power mean of each window of a volume."""

    axes: ClassVar[int] = 3
    whole_windows: ClassVar[bool] = True

    info: ClassVar = LayerInfo(
        title="LPPool3d",
        category="pool",
        summary="Takes a root of the summed powers of each window: the volume becomes smaller.",
        when="Rarely: between the mean and the maximum, where neither serves.",
        shape="C×D×H×W to C×D'×H'×W'",
        formula="y = (Σ xᵖ)^(1 ÷ p)",
        aliases=("power average pooling", "p-norm pooling", "l2 pooling"),
        reference=REFERENCE,
        link=docs("nn.LPPool3d"),
    )

    kernel_size: Annotated[Span3, KERNEL] = 2
    stride: Annotated[Span3 | None, STRIDE] = None


LAYERS = (LPPool1d, LPPool2d, LPPool3d)
