"""Layers that make a network learn what holds in general, not its training samples by heart."""

from typing import Annotated, ClassVar

from nodes.expectations import needs_image, replace
from nodes.layer import Call, Layer, LayerInfo, Lowering
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
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html",
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
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html",
        glyph="dropout",
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_image(x, self.info.title, *((replace("Dropout"),) if x.rank in (2, 3) else ()))
        return (x.with_sizes(*x.sizes),)


LAYERS = (Dropout, Dropout2d)
