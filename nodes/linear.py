"""Linear layers: every output is a weighted sum of all inputs."""

from typing import Annotated, ClassVar

from nodes.activation import FUSED, ActivationName, activated
from nodes.expectations import needs_vector
from nodes.layer import Call, Layer, LayerInfo, Lowering, docs
from nodes.params import Param
from nodes.sizes import Size, counted, product
from nodes.tensors import Inputs, TensorType


class Linear(Layer, frozen=True, kw_only=True):
    """Mixes all features of a vector."""

    info: ClassVar = LayerInfo(
        title="Linear",
        category="linear",
        summary="Makes every output a weighted sum of all inputs; the weights are learned.",
        when="To mix features that have no order in space, and at the end of a network, where it "
        "gives one score for each class. Flatten an image first.",
        shape="F to K, or T×F to T×K",
        formula="y = W·x + b",
        aliases=("fc", "dense", "fully connected", "inner product", "affine", "perceptron", "mlp"),
        link=docs("nn.Linear"),
    )

    out_features: Annotated[
        int,
        Param(
            "Output features",
            "How many numbers come out for each sample. For the last layer: the number of "
            "classes. More of them let the layer tell more apart, at the price of more weights.",
            low=1,
            suggest=(10, 64, 128, 256, 512),
        ),
    ] = 10
    bias: Annotated[
        bool,
        Param(
            "Bias",
            "Adds a learned number to every output. Not needed right before a normalisation.",
        ),
    ] = True
    activation: Annotated[ActivationName, FUSED] = "none"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_vector(x, self.info.title)
        return (x.with_sizes(*x.sizes[:-1], self.out_features),)

    def lower(self, inputs: Inputs) -> Lowering:
        kwargs = () if self.bias else (("bias", False),)
        module = Call("nn.Linear", (inputs["x"].sizes[-1], self.out_features), kwargs)
        return Lowering(expression=activated("{module}({x})", self.activation), module=module)

    def parameters(self, inputs: Inputs) -> int:
        return counted((inputs["x"].sizes[-1] + int(self.bias)) * self.out_features)

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        return product(inputs["x"].sample) * self.out_features

    def on_card(self, inputs: Inputs | None) -> str:
        arriving = inputs["x"].sizes[-1] if inputs else "?"
        return f"{arriving} → {self.out_features}"


LAYERS = (Linear,)
