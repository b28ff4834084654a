"""Layers that arrange the same numbers along other axes."""

from typing import ClassVar

from nodes.layer import Layer, LayerInfo, Lowering
from nodes.sizes import product
from nodes.tensors import Inputs, TensorType


class Flatten(Layer, frozen=True, kw_only=True):
    """All axes of a sample in one row."""

    info: ClassVar = LayerInfo(
        title="Flatten",
        category="shape",
        summary="Writes all numbers of a sample in one row.",
        when="Between the convolutions and the linear layers of a network.",
        shape="C×H×W to C·H·W",
        aliases=("vector", "row", "unroll", "ravel", "view"),
        link="https://docs.pytorch.org/docs/stable/generated/torch.flatten.html",
        glyph="flatten",
        compact=True,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        return (TensorType((x.sizes[0], product(x.sizes[1:])), x.dtype),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="{x}.flatten(1)")


LAYERS = (Flatten,)
