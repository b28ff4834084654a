"""Chance in how a picture is seen: two views of one sample for learning without labels."""

from typing import Annotated, ClassVar

from nodes.errors import ShapeError
from nodes.expectations import described
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing
from nodes.params import Param
from nodes.tensors import Inputs, TensorType, needs_float


class RandomView(Layer, frozen=True, kw_only=True):
    """A picture seen from a little elsewhere."""

    info: ClassVar = LayerInfo(
        title="RandomView",
        category="data",
        summary="Moves, turns and resizes pictures at random while training; passes them on after.",
        when="Twice on the same wire, before branches that share weights and NTXentLoss: the "
        "network learns what stays the same.",
        shape="C×H×W, unchanged",
        aliases=("augmentation", "augment", "random affine", "simclr", "two views", "rotate"),
        reference="Chen et al. 2020, A Simple Framework for Contrastive Learning of Visual "
        "Representations",
    )

    turn: Annotated[
        float,
        Param("Turn up to", "To either side.", low=0, high=180, step=5, unit="°", on_card="±{}°"),
    ] = 20.0
    shift: Annotated[
        float,
        Param("Shift up to", "As a part of width and height.", low=0, high=1, step=0.05),
    ] = 0.1
    zoom: Annotated[
        float,
        Param("Zoom up to", "How much larger or smaller, as a part.", low=0, high=0.9, step=0.05),
    ] = 0.2

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        if x.rank != 4:
            raise ShapeError(
                "RandomView needs pictures",
                why=f"It receives {described(x)}.",
                reason="needs pictures",
                code="LL-S002",
            )
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        options = differing(
            ("turn", self.turn, 20.0), ("shift", self.shift, 0.1), ("zoom", self.zoom, 0.2)
        )
        module = Call("RandomView", (), options)
        return Lowering(expression="{module}({x})", module=module, helper="RandomView")


LAYERS = (RandomView,)
