"""What the way back through a network does otherwise than the way there."""

from typing import ClassVar

from nodes.layer import Layer, LayerInfo, Lowering, docs
from nodes.tensors import Inputs, TensorType


class Detach(Layer, frozen=True, kw_only=True):
    """A wire on which nothing is learned backwards."""

    info: ClassVar = LayerInfo(
        title="Detach",
        category="shape",
        summary="Passes a tensor on and stops the gradient: what comes before does not learn from "
        "what comes after.",
        when="Between a generator and the discriminator that judges its pictures, behind a "
        "teacher, or for one of two branches that should not follow the other.",
        shape="any shape, unchanged",
        formula="y = x, dy/dx = 0",
        aliases=("stop gradient", "no grad", "freeze branch", "cut", "stopgrad"),
        link=docs("Tensor.detach"),
        compact=True,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        return (inputs["x"],)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="{x}.detach()")


LAYERS = (Detach,)
