"""Kin of ReLU: what happens to negative numbers, and where the positive ones end."""

from typing import Annotated, ClassVar

from nodes.activation import Elementwise, as_module
from nodes.errors import ParameterError, Remedy, ShapeError
from nodes.expectations import described
from nodes.layer import Call, LayerInfo, Lowering, docs
from nodes.params import Param
from nodes.sizes import Size, counted
from nodes.tensors import Inputs, TensorType


class ReLU6(Elementwise, frozen=True, kw_only=True):
    """A ReLU that stops at 6."""

    info: ClassVar = LayerInfo(
        title="ReLU6",
        category="act",
        summary="Keeps positive numbers up to 6 and turns negative ones into zero.",
        when="In networks for phones, such as MobileNetV2: small numbers survive rounding.",
        shape="any shape, unchanged",
        formula="min(max(0, x), 6)",
        aliases=(
            "clipped relu",
            "mobilenet",
            "nonlinearity",
        ),
        reference="Howard et al. 2017, MobileNets",
        link=docs("nn.ReLU6"),
        glyph="activation-relu6",
        compact=True,
    )

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("ReLU6")


class PReLU(Elementwise, frozen=True, kw_only=True):
    """A leaky ReLU that learns its slope."""

    info: ClassVar = LayerInfo(
        title="PReLU",
        category="act",
        summary="Keeps positive numbers and multiplies negative ones with a learned slope.",
        when="In place of LeakyReLU, where the network shall find the slope itself.",
        shape="any shape, unchanged",
        formula="x for x > 0, else a·x",
        aliases=(
            "parametric relu",
            "learned slope",
            "nonlinearity",
        ),
        reference="He et al. 2015, Delving Deep into Rectifiers",
        link=docs("nn.PReLU"),
        glyph="activation-prelu",
    )

    per_channel: Annotated[
        bool,
        Param("Slope for each channel", "Learns a slope for each channel in place of one for all."),
    ] = False
    init: Annotated[
        float,
        Param(
            "First slope",
            "The slope before training.",
            low=-1,
            high=1,
            step=0.05,
            suggest=(0.1, 0.25),
            advanced=True,
        ),
    ] = 0.25

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        (y,) = super().infer(inputs)
        if self.per_channel and y.rank < 2:
            raise ShapeError(
                "PReLU finds no channels",
                why=f"It receives {described(y)}.",
                reason="no channels",
                code="LL-S002",
                remedies=(
                    Remedy(
                        label="Learn one slope for all",
                        action="set_params",
                        params={"per_channel": False},
                    ),
                ),
            )
        return (y,)

    def lower(self, inputs: Inputs) -> Lowering:
        return as_module(
            "PReLU", ("num_parameters", self._slopes(inputs), 1), ("init", self.init, 0.25)
        )

    def parameters(self, inputs: Inputs) -> int:
        return counted(self._slopes(inputs))

    def _slopes(self, inputs: Inputs) -> Size:
        return inputs["x"].sizes[1] if self.per_channel else 1


class RReLU(Elementwise, frozen=True, kw_only=True):
    """A leaky ReLU with a slope that changes at random."""

    info: ClassVar = LayerInfo(
        title="RReLU",
        category="act",
        summary="Keeps positive numbers and shrinks negative ones by a random slope; after "
        "training by the mean.",
        when="Rarely: against learning by heart in small data sets.",
        shape="any shape, unchanged",
        formula="x for x > 0, else a·x with random a",
        aliases=(
            "randomized leaky relu",
            "randomised",
            "nonlinearity",
        ),
        reference="Xu et al. 2015, Empirical Evaluation of Rectified Activations",
        link=docs("nn.RReLU"),
    )

    lower_slope: Annotated[
        float,
        Param(
            "Lowest slope",
            "The least that negative numbers are multiplied with.",
            low=0,
            high=1,
            step=0.01,
            suggest=(0.125,),
        ),
    ] = 0.125
    upper_slope: Annotated[
        float,
        Param(
            "Highest slope",
            "The most that negative numbers are multiplied with.",
            low=0,
            high=1,
            step=0.01,
            suggest=(0.33,),
        ),
    ] = 1 / 3

    def verify(self) -> None:
        if self.lower_slope > self.upper_slope:
            raise ParameterError(
                "lower_slope",
                f"Lowest slope cannot be {self.lower_slope:g}",
                why=f"The highest slope is {self.upper_slope:g}.",
                hint="Set a lower one.",
            )

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module(
            "RReLU", ("lower", self.lower_slope, 0.125), ("upper", self.upper_slope, 1 / 3)
        )


class SELU(Elementwise, frozen=True, kw_only=True):
    """An ELU that keeps mean 0 and deviation 1."""

    info: ClassVar = LayerInfo(
        title="SELU",
        category="act",
        summary="An ELU scaled so that numbers keep mean 0 and deviation 1 from layer to layer.",
        when="In deep networks of linear layers without normalisation, with AlphaDropout.",
        shape="any shape, unchanged",
        formula="1.0507·(x for x > 0, else 1.6733·(eˣ − 1))",
        aliases=(
            "scaled elu",
            "self-normalizing",
            "nonlinearity",
        ),
        reference="Klambauer et al. 2017, Self-Normalizing Neural Networks",
        link=docs("nn.SELU"),
        glyph="activation-selu",
        compact=True,
    )

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("SELU")


class CELU(Elementwise, frozen=True, kw_only=True):
    """An ELU without a corner."""

    info: ClassVar = LayerInfo(
        title="CELU",
        category="act",
        summary="An ELU that is smooth for every limit.",
        when="In place of ELU, where its limit is changed.",
        shape="any shape, unchanged",
        formula="max(0, x) + min(0, α·(e^(x÷α) − 1))",
        aliases=(
            "continuously differentiable elu",
            "nonlinearity",
        ),
        reference="Barron 2017, Continuously Differentiable Exponential Linear Units",
        link=docs("nn.CELU"),
    )

    alpha: Annotated[
        float,
        Param(
            "Alpha",
            "How far below zero the limit lies.",
            low=0.001,
            high=100,
            step=0.1,
            suggest=(0.5, 1),
            on_card="α {}",
        ),
    ] = 1.0

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("CELU", ("alpha", self.alpha, 1.0))


class Mish(Elementwise, frozen=True, kw_only=True):
    """A smooth ReLU with a dip."""

    info: ClassVar = LayerInfo(
        title="Mish",
        category="act",
        summary="Multiplies each number with the tanh of its softplus: smooth, with a small dip "
        "below zero.",
        when="In detectors such as YOLOv4, in place of ReLU or SiLU.",
        shape="any shape, unchanged",
        formula="x·tanh(ln(1 + eˣ))",
        aliases=(
            "self regularized",
            "yolo",
            "nonlinearity",
        ),
        reference="Misra 2019, Mish: A Self Regularized Non-Monotonic Activation Function",
        link=docs("nn.Mish"),
        glyph="activation-mish",
        compact=True,
    )

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("Mish")


class Threshold(Elementwise, frozen=True, kw_only=True):
    """Small numbers become another."""

    info: ClassVar = LayerInfo(
        title="Threshold",
        category="act",
        summary="Keeps numbers above a threshold and puts one value in the place of the others.",
        when="To cut off what is too small to count.",
        shape="any shape, unchanged",
        formula="x for x > threshold, else value",
        aliases=(
            "cut off",
            "binarize",
            "nonlinearity",
        ),
        link=docs("nn.Threshold"),
    )

    threshold: Annotated[
        float,
        Param(
            "Threshold",
            "Numbers up to this one are replaced.",
            low=None,
            high=None,
            step=0.1,
            suggest=(0, 0.5),
            on_card="above {}",
        ),
    ] = 0.0
    value: Annotated[
        float,
        Param(
            "Value",
            "What stands in their place.",
            low=None,
            high=None,
            step=0.1,
            suggest=(0,),
            on_card="else {}",
        ),
    ] = 0.0

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(
            expression="{module}({x})", module=Call("nn.Threshold", (self.threshold, self.value))
        )


LAYERS = (ReLU6, PReLU, RReLU, SELU, CELU, Mish, Threshold)
