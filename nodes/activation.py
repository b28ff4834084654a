"""Activations: a function applied to every number, as a layer or fused into the layer before it."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from nodes.layer import Call, Layer, LayerInfo, Lowering, differing, docs
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
        link=docs("nn.ReLU"),
        glyph="activation-relu",
        compact=True,
    )


class LeakyReLU(Elementwise, frozen=True, kw_only=True):
    """Negative numbers become small."""

    info: ClassVar = LayerInfo(
        title="LeakyReLU",
        category="act",
        summary="Keeps positive numbers and shrinks negative ones.",
        when="In place of ReLU when many channels die, that is, give nothing but zeros. Common in "
        "networks that generate images.",
        shape="any shape, unchanged",
        formula="x for x > 0, else slope·x",
        aliases=("leaky rectifier", "lrelu", "nonlinearity"),
        reference="Maas et al. 2013, Rectifier Nonlinearities Improve Neural Network Acoustic "
        "Models",
        link=docs("nn.LeakyReLU"),
        glyph="activation-leaky-relu",
    )

    negative_slope: Annotated[
        float,
        Param(
            "Negative slope",
            "What negative numbers are multiplied with. 0 is a ReLU.",
            low=0,
            high=1,
            step=0.01,
            suggest=(0.01, 0.1, 0.2),
            on_card="slope {}",
        ),
    ] = 0.01

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("LeakyReLU", ("negative_slope", self.negative_slope, 0.01))


class GELU(Elementwise, frozen=True, kw_only=True):
    """A smooth ReLU."""

    info: ClassVar = LayerInfo(
        title="GELU",
        category="act",
        summary="Lets a number through by how likely it is to be large: a ReLU without a corner.",
        when="In transformers, and in networks built like them.",
        shape="any shape, unchanged",
        formula="x·Φ(x), Φ the normal distribution",
        aliases=("gaussian error linear unit", "nonlinearity"),
        reference="Hendrycks and Gimpel 2016, Gaussian Error Linear Units",
        link=docs("nn.GELU"),
        glyph="activation-gelu",
    )

    approximate: Annotated[
        Literal["none", "tanh"],
        Param(
            "Approximation",
            "“tanh” computes nearly the same with simpler functions, as GPT-2 did.",
            advanced=True,
        ),
    ] = "none"

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("GELU", ("approximate", self.approximate, "none"))


class SiLU(Elementwise, frozen=True, kw_only=True):
    """Each number times its own sigmoid."""

    info: ClassVar = LayerInfo(
        title="SiLU",
        category="act",
        summary="Multiplies each number with its own sigmoid: smooth, with a small dip below zero.",
        when="In place of ReLU in deep convolutional networks such as EfficientNet.",
        shape="any shape, unchanged",
        formula="x·σ(x)",
        aliases=("swish", "sigmoid linear unit", "nonlinearity"),
        reference="Ramachandran, Zoph and Le 2017, Searching for Activation Functions",
        link=docs("nn.SiLU"),
        glyph="activation-silu",
        compact=True,
    )


class ELU(Elementwise, frozen=True, kw_only=True):
    """Negative numbers bend towards a limit."""

    info: ClassVar = LayerInfo(
        title="ELU",
        category="act",
        summary="Keeps positive numbers and bends negative ones smoothly towards a limit.",
        when="In place of ReLU in networks without normalisation: the mean stays nearer to zero.",
        shape="any shape, unchanged",
        formula="x for x > 0, else α·(eˣ − 1)",
        aliases=("exponential linear unit", "nonlinearity"),
        reference="Clevert, Unterthiner and Hochreiter 2015, Fast and Accurate Deep Network "
        "Learning by Exponential Linear Units",
        link=docs("nn.ELU"),
        glyph="activation-elu",
    )

    alpha: Annotated[
        float,
        Param(
            "Alpha",
            "How far below zero the limit lies.",
            low=0,
            high=100,
            step=0.1,
            suggest=(0.5, 1),
            on_card="α {}",
        ),
    ] = 1.0

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("ELU", ("alpha", self.alpha, 1.0))


class Tanh(Elementwise, frozen=True, kw_only=True):
    """Squeezes every number between −1 and 1."""

    info: ClassVar = LayerInfo(
        title="Tanh",
        category="act",
        summary="Squeezes every number between −1 and 1.",
        when="At the end of a network that generates values around zero, and in small networks.",
        shape="any shape, unchanged",
        formula="(eˣ − e⁻ˣ) ÷ (eˣ + e⁻ˣ)",
        aliases=("hyperbolic tangent", "nonlinearity"),
        link=docs("nn.Tanh"),
        glyph="activation-tanh",
        compact=True,
    )


class Sigmoid(Elementwise, frozen=True, kw_only=True):
    """Squeezes every number between 0 and 1."""

    info: ClassVar = LayerInfo(
        title="Sigmoid",
        category="act",
        summary="Squeezes every number between 0 and 1.",
        when="For gates, and for chances of things that do not exclude each other. Before "
        "BCEWithLogitsLoss leave it out: that loss has one.",
        shape="any shape, unchanged",
        formula="1 ÷ (1 + e⁻ˣ)",
        aliases=("logistic", "probability", "gate", "nonlinearity"),
        link=docs("nn.Sigmoid"),
        glyph="activation-sigmoid",
        compact=True,
    )


class Softplus(Elementwise, frozen=True, kw_only=True):
    """A smooth ReLU that never reaches zero."""

    info: ClassVar = LayerInfo(
        title="Softplus",
        category="act",
        summary="Makes every number positive, smoothly.",
        when="Where the output must be positive, such as a spread or a rate.",
        shape="any shape, unchanged",
        formula="ln(1 + e^(β·x)) ÷ β",
        aliases=("positive", "smooth relu", "nonlinearity"),
        link=docs("nn.Softplus"),
        glyph="activation-softplus",
    )

    beta: Annotated[
        float,
        Param(
            "Beta",
            "How sharp the bend is; large values come close to a ReLU.",
            low=0.001,
            high=1000,
            step=0.5,
            suggest=(1, 2),
            on_card="β {}",
        ),
    ] = 1.0

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("Softplus", ("beta", self.beta, 1.0))


class Hardswish(Elementwise, frozen=True, kw_only=True):
    """A cheap swish made of straight pieces."""

    info: ClassVar = LayerInfo(
        title="Hardswish",
        category="act",
        summary="Nearly a SiLU, made of simple pieces so that it is cheap.",
        when="In networks for phones, such as MobileNetV3.",
        shape="any shape, unchanged",
        formula="x·min(max(x + 3, 0), 6) ÷ 6",
        aliases=("hard swish", "nonlinearity"),
        reference="Howard et al. 2019, Searching for MobileNetV3",
        link=docs("nn.Hardswish"),
        glyph="activation-hardswish",
        compact=True,
    )


def as_module(kind: str, *arguments: tuple[str, object, object]) -> Lowering:
    """Lower an activation to its module, with the arguments that are worth writing."""
    return Lowering(
        expression="{module}({x})", module=Call(f"nn.{kind}", (), differing(*arguments))
    )


LAYERS = (ReLU, LeakyReLU, GELU, SiLU, ELU, Tanh, Sigmoid, Softplus, Hardswish)
