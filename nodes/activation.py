"""Activations: a function applied to every number, as a layer or fused into the layer before it."""

from typing import ClassVar, Literal, TypeAlias

from nodes.layer import Layer, LayerInfo, Lowering
from nodes.params import Param
from nodes.tensors import Inputs, TensorType, needs_float

ActivationName: TypeAlias = Literal[
    "none",
    "ReLU",
    "LeakyReLU",
    "GELU",
    "SiLU",
    "ELU",
    "Tanh",
    "Sigmoid",
    "Softplus",
    "Hardswish",
]
"""An activation that can be fused into another layer, by the name of its layer."""

FUSED = Param(
    "Function",
    "The activation applied to the output. Without one, two layers in a row are no more than one.",
)

_FUNCTIONS = {
    "ReLU": "F.relu",
    "LeakyReLU": "F.leaky_relu",
    "GELU": "F.gelu",
    "SiLU": "F.silu",
    "ELU": "F.elu",
    "Tanh": "torch.tanh",
    "Sigmoid": "torch.sigmoid",
    "Softplus": "F.softplus",
    "Hardswish": "F.hardswish",
}


def activated(expression: str, name: ActivationName) -> str:
    """Wrap an expression in an activation: ``F.relu({module}({x}))``."""
    return expression if name == "none" else f"{_FUNCTIONS[name]}({expression})"


class Elementwise(Layer, frozen=True, kw_only=True):
    """What all activations share: any shape comes out as it went in."""

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        return (x,)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=f"{_FUNCTIONS[self.info.title]}({{x}})")


class ReLU(Elementwise, frozen=True, kw_only=True):
    """Negative numbers become zero."""

    info: ClassVar = LayerInfo(
        title="ReLU",
        category="act",
        summary="Keeps positive numbers and turns negative ones into zero.",
        when="The first choice after a convolution or a linear layer: cheap, and it trains well.",
        shape="any shape, unchanged",
        formula="max(0, x)",
        aliases=("rectifier", "rectified linear unit", "nonlinearity"),
        reference="Nair and Hinton 2010, Rectified Linear Units Improve Restricted Boltzmann "
        "Machines",
        glyph="activation-relu",
        compact=True,
    )


LAYERS = (ReLU,)
