"""Softmax and its kin: scores along an axis become shares of 1."""

from typing import Annotated, ClassVar

from nodes.activation import Elementwise, as_module
from nodes.expectations import axis, needs_image, not_the_batch
from nodes.layer import LayerInfo, Lowering, docs
from nodes.params import Param
from nodes.tensors import Inputs, TensorType

AXIS = Param(
    "Axis",
    "The axis along which the chances add up to 1. Axis 0 is the batch, 1 the classes or "
    "channels, −1 the last.",
    low=-7,
    high=7,
    suggest=(-1, 1),
    on_card="axis {}",
)


class AlongAxis(Elementwise, frozen=True, kw_only=True):
    """What softmax and its kin share."""

    dim: Annotated[int, AXIS] = 1

    def verify(self) -> None:
        not_the_batch(self.dim, "It would make the samples of a batch compete.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        (y,) = super().infer(inputs)
        axis(y, self.dim, self.info.title)
        return (y,)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module(type(self).__name__, ("dim", self.dim, None))


class Softmax(AlongAxis, frozen=True, kw_only=True):
    """Turns scores into shares of 1."""

    info: ClassVar = LayerInfo(
        title="Softmax",
        category="act",
        summary="Turns scores into chances that add up to 1.",
        when="To read chances off the scores of classes. Before CrossEntropyLoss leave it out: "
        "that loss has one.",
        shape="any shape, unchanged",
        formula="eˣ ÷ Σ eˣ",
        aliases=("probabilities", "normalized exponential", "chances"),
        link=docs("nn.Softmax"),
        glyph="activation-softmax",
    )


class LogSoftmax(AlongAxis, frozen=True, kw_only=True):
    """The logarithms of softmax."""

    info: ClassVar = LayerInfo(
        title="LogSoftmax",
        category="act",
        summary="Turns scores into the logarithms of chances, exactly even where these are tiny.",
        when="Before NLLLoss. With CrossEntropyLoss leave it out: that loss has one.",
        shape="any shape, unchanged",
        formula="ln(eˣ ÷ Σ eˣ)",
        aliases=(
            "log probabilities",
            "log softmax",
            "log chances",
        ),
        link=docs("nn.LogSoftmax"),
        glyph="activation-log-softmax",
    )


class Softmin(AlongAxis, frozen=True, kw_only=True):
    """Softmax of the small."""

    info: ClassVar = LayerInfo(
        title="Softmin",
        category="act",
        summary="Turns numbers into chances that add up to 1, the smallest getting the most.",
        when="For distances: what is nearest gets the largest share.",
        shape="any shape, unchanged",
        formula="e⁻ˣ ÷ Σ e⁻ˣ",
        aliases=(
            "soft minimum",
            "distances to weights",
            "chances",
        ),
        link=docs("nn.Softmin"),
        glyph="activation-softmax",
    )


class Softmax2d(Elementwise, frozen=True, kw_only=True):
    """Softmax over the channels of an image."""

    info: ClassVar = LayerInfo(
        title="Softmax2d",
        category="act",
        summary="Turns the channels at each pixel into chances that add up to 1.",
        when="To read the class of each pixel off a segmentation.",
        shape="C×H×W, unchanged",
        formula="eˣ ÷ Σ eˣ over the channels",
        aliases=(
            "spatial softmax",
            "pixel classes",
            "segmentation",
            "chances",
        ),
        link=docs("nn.Softmax2d"),
        glyph="activation-softmax",
        compact=True,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_image(x, self.info.title)
        return (x,)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("Softmax2d")


LAYERS = (Softmax, LogSoftmax, Softmin, Softmax2d)
