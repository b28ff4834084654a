"""Gated networks that torch lacks as single layers: gated MLP, squeeze and excitation."""

from typing import Annotated, ClassVar, Literal

from nodes.expectations import needs_image, needs_vector
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing
from nodes.params import Param
from nodes.sizes import Size, counted, product
from nodes.tensors import Inputs, TensorType


class GatedMLP(Layer, frozen=True, kw_only=True):
    """A small network with a gate."""

    info: ClassVar = LayerInfo(
        title="GatedMLP",
        category="linear",
        summary="Mixes features through a wider layer, of which one half gates the other.",
        when="After the attention of a transformer, in place of two linear layers. With SiLU it is "
        "called SwiGLU, with GELU GEGLU.",
        shape="F, or T×F, unchanged",
        formula="W·(act(G·x) · U·x)",
        aliases=("swiglu", "geglu", "feed forward", "ffn", "llama mlp", "gated linear unit"),
        reference="Shazeer 2020, GLU Variants Improve Transformer",
    )

    hidden_features: Annotated[
        int,
        Param(
            "Inner size",
            "How wide the layer between is; 8⁄3 of the features costs as much as four times "
            "without a gate.",
            low=1,
            suggest=(128, 170, 341, 683, 1365),
            on_card="inner {}",
        ),
    ] = 128
    gate: Annotated[
        Literal["SiLU", "GELU", "ReLU", "Sigmoid"],
        Param("Gate", "The activation of the gate.", on_card="{}"),
    ] = "SiLU"
    bias: Annotated[
        bool, Param("Bias", "Adds learned numbers. Large networks leave it out.", advanced=True)
    ] = False

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_vector(x, self.info.title)
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        module = Call(
            "GatedMLP",
            (inputs["x"].sizes[-1], self.hidden_features, self.gate),
            differing(("bias", self.bias, False)),
        )
        return Lowering(expression="{module}({x})", module=module, helper="GatedMLP")

    def parameters(self, inputs: Inputs) -> int:
        features = inputs["x"].sizes[-1]
        biases = 2 * self.hidden_features + features if self.bias else 0
        return counted(3 * features * self.hidden_features + biases)

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        return 3 * product(inputs["x"].sample) * self.hidden_features


class SqueezeExcite(Layer, frozen=True, kw_only=True):
    """Channels weighed by what is in the image."""

    info: ClassVar = LayerInfo(
        title="SqueezeExcite",
        category="conv",
        summary="Looks at the mean of each channel and decides how much each one counts.",
        when="After the convolutions of a block: it costs little and often gains a per cent.",
        shape="C×H×W, unchanged",
        formula="x · σ(W₂·relu(W₁·mean(x)))",
        aliases=("se block", "squeeze and excitation", "channel attention", "efficientnet"),
        reference="Hu, Shen and Sun 2017, Squeeze-and-Excitation Networks",
    )

    reduction: Annotated[
        int,
        Param(
            "Reduction",
            "How many times fewer numbers the decision is squeezed through than there are "
            "channels.",
            low=1,
            suggest=(4, 8, 16),
            on_card="÷{}",
        ),
    ] = 4

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_image(x, self.info.title)
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        module = Call("SqueezeExcite", (inputs["x"].sizes[1], self._hidden(inputs)))
        return Lowering(expression="{module}({x})", module=module, helper="SqueezeExcite")

    def parameters(self, inputs: Inputs) -> int:
        channels, hidden = inputs["x"].sizes[1], self._hidden(inputs)
        return counted(2 * channels * hidden + channels + hidden)

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        return 2 * inputs["x"].sizes[1] * self._hidden(inputs)

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"÷{self.reduction}"

    def _hidden(self, inputs: Inputs) -> Size:
        return max(1, counted(inputs["x"].sizes[1]) // self.reduction)


LAYERS = (GatedMLP, SqueezeExcite)
