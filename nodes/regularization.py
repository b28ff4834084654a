"""Layers that make a network learn what holds in general, not its training samples by heart."""

from typing import Annotated, ClassVar

from nodes.expectations import needs_image, needs_sequence, needs_volume, replace
from nodes.layer import Call, Layer, LayerInfo, Lowering, docs
from nodes.params import Param
from nodes.tensors import Inputs, TensorType, needs_float

SHARE = Param(
    "Share dropped",
    "The chance of each number to be dropped. More works harder against learning by heart, and "
    "slows learning down.",
    low=0,
    high=1,
    step=0.05,
    suggest=(0.1, 0.2, 0.3, 0.5),
    on_card="p {}",
)


class Dropout(Layer, frozen=True, kw_only=True):
    """Zeroes random numbers during training."""

    info: ClassVar = LayerInfo(
        title="Dropout",
        category="norm",
        summary="Zeroes random values during training so the network cannot lean on any one of "
        "them.",
        when="Between the last linear layers, when training goes on improving and validation does "
        "not. Training only.",
        shape="any shape, unchanged",
        formula="y = x·keep ÷ (1 − p)",
        aliases=("regularization", "regularisation", "overfitting", "noise", "drop"),
        reference="Srivastava et al. 2014, Dropout: A Simple Way to Prevent Neural Networks from "
        "Overfitting",
        link=docs("nn.Dropout"),
        glyph="dropout",
    )

    p: Annotated[float, SHARE] = 0.5

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call(f"nn.{type(self).__name__}", (self.p,))
        return Lowering(expression="{module}({x})", module=module)

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"p {self.p:g}"


class Dropout2d(Dropout, frozen=True, kw_only=True):
    """Zeroes whole channels during training."""

    info: ClassVar = LayerInfo(
        title="Dropout2d",
        category="norm",
        summary="Zeroes whole channels of an image at random during training.",
        when="Between convolutions, where neighbouring pixels are so alike that dropping single "
        "ones changes little. Training only.",
        shape="C×H×W, unchanged",
        formula="y = x·keep ÷ (1 − p)",
        aliases=("spatial dropout", "channel dropout", "drops whole maps", "overfitting"),
        reference="Tompson et al. 2015, Efficient Object Localization Using Convolutional Networks",
        link=docs("nn.Dropout2d"),
        glyph="dropout",
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_image(x, self.info.title, *((replace("Dropout"),) if x.rank in (2, 3) else ()))
        return (x.with_sizes(*x.sizes),)


class Dropout1d(Dropout, frozen=True, kw_only=True):
    """Zeroes whole channels of a sequence during training."""

    info: ClassVar = LayerInfo(
        title="Dropout1d",
        category="norm",
        summary="Zeroes whole channels of a sequence at random during training.",
        when="Between 1-d convolutions, where neighbouring steps are so alike that dropping single "
        "ones changes little. Training only.",
        shape="C×T, unchanged",
        formula="y = x·keep ÷ (1 − p)",
        aliases=("channel dropout", "drops whole channels", "overfitting"),
        reference="Tompson et al. 2015, Efficient Object Localization Using Convolutional Networks",
        link=docs("nn.Dropout1d"),
        glyph="dropout",
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_sequence(x, self.info.title)
        return (x.with_sizes(*x.sizes),)


class Dropout3d(Dropout, frozen=True, kw_only=True):
    """Zeroes whole channels of a volume during training."""

    info: ClassVar = LayerInfo(
        title="Dropout3d",
        category="norm",
        summary="Zeroes whole channels of a volume at random during training.",
        when="Between 3-d convolutions. Training only.",
        shape="C×D×H×W, unchanged",
        formula="y = x·keep ÷ (1 − p)",
        aliases=("channel dropout", "drops whole channels", "overfitting"),
        reference="Tompson et al. 2015, Efficient Object Localization Using Convolutional Networks",
        link=docs("nn.Dropout3d"),
        glyph="dropout",
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_volume(x, self.info.title)
        return (x.with_sizes(*x.sizes),)


class AlphaDropout(Dropout, frozen=True, kw_only=True):
    """Dropout that keeps mean and deviation."""

    info: ClassVar = LayerInfo(
        title="AlphaDropout",
        category="norm",
        summary="Sets random values to a low number and scales the rest, so that mean and "
        "deviation stay.",
        when="In networks of SELU activations, which normalise themselves. Training only.",
        shape="any shape, unchanged",
        aliases=("selu dropout", "self-normalizing", "overfitting", "regularization"),
        reference="Klambauer et al. 2017, Self-Normalizing Neural Networks",
        link=docs("nn.AlphaDropout"),
        glyph="dropout",
    )


class FeatureAlphaDropout(Dropout, frozen=True, kw_only=True):
    """Alpha dropout of whole channels."""

    info: ClassVar = LayerInfo(
        title="FeatureAlphaDropout",
        category="norm",
        summary="Drops whole channels as AlphaDropout drops single values.",
        when="Between convolutions with SELU activations. Training only.",
        shape="any shape, unchanged",
        aliases=("selu dropout", "channel dropout", "self-normalizing", "overfitting"),
        reference="Klambauer et al. 2017, Self-Normalizing Neural Networks",
        link=docs("nn.FeatureAlphaDropout"),
        glyph="dropout",
    )


LAYERS = (Dropout, Dropout1d, Dropout2d, Dropout3d, AlphaDropout, FeatureAlphaDropout)
