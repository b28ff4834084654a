"""How alike two vectors are, and what a learned product of two makes of them."""

from typing import Annotated, ClassVar

from nodes.activation import FUSED, ActivationName, activated
from nodes.arithmetic import A, B, stretched
from nodes.errors import ShapeError
from nodes.expectations import axis, described, not_the_batch
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing, docs
from nodes.params import Param
from nodes.sizes import Size, counted, product
from nodes.tensors import Inputs, TensorType, needs_float


class CosineSimilarity(Layer, frozen=True, kw_only=True):
    """The cosine of the angle between two vectors."""

    info: ClassVar = LayerInfo(
        title="CosineSimilarity",
        category="linear",
        summary="Says how alike two vectors point: 1 the same way, 0 across, −1 opposite.",
        when="To compare two branches that share weights, such as two pictures of a face.",
        shape="two equal shapes; the axis goes away",
        formula="a·b ÷ (|a|·|b|)",
        aliases=("angle", "similarity", "siamese", "compare", "dot product"),
        link=docs("nn.CosineSimilarity"),
        inputs=(A, B),
    )

    dim: Annotated[
        int,
        Param("Axis", "The axis along which a vector lies.", low=-7, high=7, suggest=(1, -1)),
    ] = 1

    def verify(self) -> None:
        not_the_batch(self.dim, "The samples of a batch stay apart.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        a, b = inputs["a"], inputs["b"]
        for tensor in (a, b):
            needs_float(tensor, self.info.title)
        both = TensorType(stretched(self.info.title, a, b))
        place = axis(both, self.dim, self.info.title)
        return (TensorType((*both.sizes[:place], *both.sizes[place + 1 :])),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call("nn.CosineSimilarity", (), differing(("dim", self.dim, 1)))
        return Lowering(expression="{module}({a}, {b})", module=module)


class PairwiseDistance(Layer, frozen=True, kw_only=True):
    """The distance between two vectors."""

    info: ClassVar = LayerInfo(
        title="PairwiseDistance",
        category="linear",
        summary="Says how far two vectors lie apart, along the last axis.",
        when="To compare two branches that share weights, where lengths count as well as "
        "directions.",
        shape="two equal shapes; the last axis goes away",
        formula="(Σ |a − b|ᵖ)^(1 ÷ p)",
        aliases=("euclidean distance", "l2 distance", "siamese", "compare", "metric"),
        link=docs("nn.PairwiseDistance"),
        inputs=(A, B),
    )

    p: Annotated[
        float,
        Param(
            "Power",
            "1 adds up the differences, 2 is the distance as the crow flies.",
            low=0.1,
            high=64,
            step=0.5,
            suggest=(1, 2),
            on_card="p {}",
        ),
    ] = 2.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        a, b = inputs["a"], inputs["b"]
        for tensor in (a, b):
            needs_float(tensor, self.info.title)
        sizes = stretched(self.info.title, a, b)
        if len(sizes) < 2:
            raise ShapeError(
                "PairwiseDistance needs two vectors",
                why=f"It receives {described(a)} and {described(b)}.",
                reason="needs vectors",
                code="LL-S002",
            )
        return (TensorType(sizes[:-1]),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call("nn.PairwiseDistance", (), differing(("p", self.p, 2.0)))
        return Lowering(expression="{module}({a}, {b})", module=module)


class Bilinear(Layer, frozen=True, kw_only=True):
    """A learned product of two vectors."""

    info: ClassVar = LayerInfo(
        title="Bilinear",
        category="linear",
        summary="Makes every output a weighted sum of all products of two vectors' numbers.",
        when="To let two inputs act on each other, such as a question and a picture. Its weights "
        "grow with both sizes.",
        shape="F and G to K",
        formula="yₖ = aᵀ·Wₖ·b + cₖ",
        aliases=("product of two vectors", "interaction", "fusion", "tensor layer"),
        link=docs("nn.Bilinear"),
        inputs=(A, B),
    )

    out_features: Annotated[
        int,
        Param(
            "Output features",
            "How many numbers come out.",
            low=1,
            suggest=(10, 64, 128),
            on_card="{}",
        ),
    ] = 10
    bias: Annotated[bool, Param("Bias", "Adds a learned number to every output.")] = True
    activation: Annotated[ActivationName, FUSED] = "none"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        a, b = inputs["a"], inputs["b"]
        for tensor in (a, b):
            needs_float(tensor, self.info.title)
        if a.rank not in (2, 3) or a.sizes[:-1] != b.sizes[:-1]:
            raise ShapeError(
                "Bilinear needs two vectors",
                why=f"It receives {described(a)} and {described(b)}.",
                hint="Flatten both first.",
                reason="needs two vectors",
                code="LL-S002",
            )
        return (a.with_sizes(*a.sizes[:-1], self.out_features),)

    def lower(self, inputs: Inputs) -> Lowering:
        sizes = (inputs["a"].sizes[-1], inputs["b"].sizes[-1], self.out_features)
        module = Call("nn.Bilinear", sizes, differing(("bias", self.bias, True)))
        return Lowering(expression=activated("{module}({a}, {b})", self.activation), module=module)

    def parameters(self, inputs: Inputs) -> int:
        products = inputs["a"].sizes[-1] * inputs["b"].sizes[-1]
        return counted(self.out_features * (products + int(self.bias)))

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        products = inputs["a"].sizes[-1] * inputs["b"].sizes[-1]
        return product(outputs[0].sample) * products


LAYERS = (Bilinear, CosineSimilarity, PairwiseDistance)
