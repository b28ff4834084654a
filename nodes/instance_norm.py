"""Normalisation of each sample by itself: over its places, or over neighbouring channels."""

from typing import Annotated, ClassVar

from nodes.activation import FUSED, ActivationName, activated
from nodes.errors import ShapeError
from nodes.expectations import needs_map
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing, docs
from nodes.normalization import EPSILON, SCALE
from nodes.params import Param
from nodes.sizes import counted, product
from nodes.tensors import Inputs, TensorType, needs_float


class InstanceNorm(Layer, frozen=True, kw_only=True):
    """What instance norms over sequences, images and volumes share."""

    axes: ClassVar[int] = 2

    eps: Annotated[float, EPSILON] = 1e-5
    affine: Annotated[bool, SCALE] = False
    activation: Annotated[ActivationName, FUSED] = "none"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_map(x, self.info.title, self.axes)
        if product(x.sizes[2:]) == 1:
            raise ShapeError(
                f"{self.info.title} needs more than one place",
                why=f"It receives {x}: a single number has no deviation.",
                reason="needs several places",
                code="LL-S003",
            )
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        kwargs = differing(("eps", self.eps, 1e-5), ("affine", self.affine, False))
        module = Call(f"nn.{type(self).__name__}", (inputs["x"].sizes[1],), kwargs)
        return Lowering(expression=activated("{module}({x})", self.activation), module=module)

    def parameters(self, inputs: Inputs) -> int:
        return counted(2 * inputs["x"].sizes[1]) if self.affine else 0


class InstanceNorm1d(InstanceNorm, frozen=True, kw_only=True):
    """Normalises each channel of each sequence by itself."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="InstanceNorm1d",
        category="norm",
        summary="Brings each channel of each sequence to mean 0 and deviation 1, by itself.",
        when="For signals whose loudness or offset differs from sample to sample and means "
        "nothing.",
        shape="C×T, unchanged",
        formula="y = (x − mean) ÷ √(variance + ε)",
        aliases=(
            "in",
            "instance normalization",
            "instance normalisation",
            "contrast norm",
            "signal",
        ),
        reference="Ulyanov, Vedaldi and Lempitsky 2016, Instance Normalization",
        link=docs("nn.InstanceNorm1d"),
    )


class InstanceNorm2d(InstanceNorm, frozen=True, kw_only=True):
    """Normalises each channel of each image by itself."""

    info: ClassVar = LayerInfo(
        title="InstanceNorm2d",
        category="norm",
        summary="Brings each channel of each image to mean 0 and deviation 1, by itself.",
        when="To change the style of pictures, and to generate them: contrast and tint of each "
        "picture are taken out.",
        shape="C×H×W, unchanged",
        formula="y = (x − mean) ÷ √(variance + ε)",
        aliases=(
            "in",
            "instance normalization",
            "instance normalisation",
            "contrast norm",
            "style transfer",
            "contrast",
        ),
        reference="Ulyanov, Vedaldi and Lempitsky 2016, Instance Normalization",
        link=docs("nn.InstanceNorm2d"),
    )


class InstanceNorm3d(InstanceNorm, frozen=True, kw_only=True):
    """Normalises each channel of each volume by itself."""

    axes: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="InstanceNorm3d",
        category="norm",
        summary="Brings each channel of each volume to mean 0 and deviation 1, by itself.",
        when="For scans, where batches are small and brightness differs from scan to scan.",
        shape="C×D×H×W, unchanged",
        formula="y = (x − mean) ÷ √(variance + ε)",
        aliases=(
            "in",
            "instance normalization",
            "instance normalisation",
            "contrast norm",
            "medical scan",
        ),
        reference="Ulyanov, Vedaldi and Lempitsky 2016, Instance Normalization",
        link=docs("nn.InstanceNorm3d"),
    )


class LocalResponseNorm(Layer, frozen=True, kw_only=True):
    """Channels that damp their neighbours."""

    info: ClassVar = LayerInfo(
        title="LocalResponseNorm",
        category="norm",
        summary="Divides each number by the strength of the channels next to it.",
        when="To rebuild old networks such as AlexNet. New ones use batch norm.",
        shape="C×…, unchanged",
        formula="y = x ÷ (k + α·mean(x²))^β",
        aliases=("lrn", "lateral inhibition", "alexnet", "cross-channel normalization"),
        reference="Krizhevsky, Sutskever and Hinton 2012, ImageNet Classification with Deep "
        "Convolutional Neural Networks",
        link=docs("nn.LocalResponseNorm"),
    )

    size: Annotated[
        int,
        Param(
            "Channels",
            "Over how many neighbouring channels the strength is taken.",
            low=1,
            suggest=(5,),
            on_card="{} channels",
        ),
    ] = 5
    alpha: Annotated[
        float,
        Param("Alpha", "How much the neighbours damp.", low=0, step=1e-4, suggest=(1e-4,)),
    ] = 1e-4
    beta: Annotated[
        float,
        Param("Beta", "The power of the damping.", low=0, high=16, step=0.05, suggest=(0.75,)),
    ] = 0.75
    k: Annotated[
        float,
        Param(
            "Offset",
            "What is added to the strength, so that it is never zero.",
            low=0.001,
            step=0.5,
            suggest=(1, 2),
            advanced=True,
        ),
    ] = 1.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        if x.rank < 3:
            needs_map(x, self.info.title, 2)
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        kwargs = differing(
            ("alpha", self.alpha, 1e-4), ("beta", self.beta, 0.75), ("k", self.k, 1.0)
        )
        module = Call("nn.LocalResponseNorm", (self.size,), kwargs)
        return Lowering(expression="{module}({x})", module=module)


LAYERS = (InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, LocalResponseNorm)
