"""Positions: what tells a transformer, which looks at all steps alike, where each one stands."""

from typing import Annotated, ClassVar

from nodes.errors import Remedy, ShapeError
from nodes.expectations import described, needs_steps
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing
from nodes.params import Param
from nodes.sizes import Size, counted
from nodes.tensors import Inputs, TensorType, needs_float

BASE = Param(
    "Base",
    "How far the slowest wave reaches; larger for longer sequences.",
    low=1,
    suggest=(10000, 500000),
    advanced=True,
)


class LearnedPositions(Layer, frozen=True, kw_only=True):
    """A learned vector for each position."""

    info: ClassVar = LayerInfo(
        title="LearnedPositions",
        category="attn",
        summary="Adds a learned vector for each position to a sequence.",
        when="Before the first transformer layer, where no sequence is longer than those seen in "
        "training. Common for patches of images.",
        shape="T×D, unchanged",
        formula="y = x + p[0…T]",
        aliases=("positional encoding", "positional embedding", "gpt", "vit", "bert"),
        reference="Gehring et al. 2017, Convolutional Sequence to Sequence Learning",
    )

    length: Annotated[
        int | None,
        Param(
            "Longest",
            "The longest sequence that can come. Left empty it is the one that comes now.",
            low=1,
            suggest=(128, 512, 1024),
            on_card="up to {}",
        ),
    ] = None

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_steps(x, self.info.title)
        steps = x.sizes[1]
        if self.length is None and not isinstance(steps, int):
            raise ShapeError(
                f"{self.info.title} needs to know the longest sequence",
                why=f"How long a sequence is stays open here: {x}.",
                hint="Set the longest.",
                reason="length is open",
                code="LL-S019",
            )
        if self.length is not None and isinstance(steps, int) and steps > self.length:
            raise ShapeError(
                f"{steps} steps, {self.length} positions",
                why="There is no vector for the last steps.",
                reason="too few positions",
                code="LL-S014",
                remedies=(
                    Remedy(
                        label=f"Set longest to {steps}",
                        action="set_params",
                        params={"length": steps},
                    ),
                ),
            )
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        module = Call("LearnedPositions", (self._length(inputs), inputs["x"].sizes[2]))
        return Lowering(expression="{module}({x})", module=module, helper="LearnedPositions")

    def parameters(self, inputs: Inputs) -> int:
        return counted(self._length(inputs) * inputs["x"].sizes[2])

    def _length(self, inputs: Inputs) -> Size:
        return self.length or inputs["x"].sizes[1]


class SinusoidalPositions(Layer, frozen=True, kw_only=True):
    """Waves of many lengths as positions."""

    info: ClassVar = LayerInfo(
        title="SinusoidalPositions",
        category="attn",
        summary="Adds sines and cosines of many wavelengths to a sequence; nothing is learned.",
        when="Before the first transformer layer, where sequences of any length may come.",
        shape="T×D, unchanged",
        formula="sin(t ÷ 10000^(2i ÷ D)), cos(…)",
        aliases=("positional encoding", "sine", "fourier", "transformer", "time embedding"),
        reference="Vaswani et al. 2017, Attention Is All You Need",
    )

    base: Annotated[float, BASE] = 10000.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_steps(x, self.info.title)
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        name = "SinusoidalPositions"
        module = Call(name, (inputs["x"].sizes[2],), differing(("base", self.base, 10000.0)))
        return Lowering(expression="{module}({x})", module=module, helper=name)

    def buffers(self, inputs: Inputs) -> int:
        # One rate for each pair of a sine and a cosine.
        return counted((inputs["x"].sizes[2] + 1) // 2)


class RotaryPositions(Layer, frozen=True, kw_only=True):
    """Positions as turned pairs of features."""

    info: ClassVar = LayerInfo(
        title="RotaryPositions",
        category="attn",
        summary="Turns pairs of features by an angle that grows with the position; nothing is "
        "learned.",
        when="On queries and keys before an attention that you draw: what counts then is how far "
        "apart steps are. Takes heads as an axis before the steps.",
        shape="T×D, unchanged",
        formula="(a·cos θ − b·sin θ, a·sin θ + b·cos θ)",
        aliases=("rope", "rotary embedding", "positional encoding", "llama", "relative positions"),
        reference="Su et al. 2021, RoFormer: Enhanced Transformer with Rotary Position Embedding",
    )

    base: Annotated[float, BASE] = 10000.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        if x.rank not in (3, 4):
            needs_steps(x, self.info.title)
        if isinstance(x.sizes[-1], int) and x.sizes[-1] % 2:
            raise ShapeError(
                "RotaryPositions turns pairs of features",
                why=f"It receives {described(x)}: {x.sizes[-1]} features are no pairs.",
                hint="Take an even number of features for each head.",
                reason="odd features",
                code="LL-S007",
            )
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        name = "RotaryPositions"
        module = Call(name, (inputs["x"].sizes[-1],), differing(("base", self.base, 10000.0)))
        return Lowering(expression="{module}({x})", module=module, helper=name)

    def buffers(self, inputs: Inputs) -> int:
        return counted(inputs["x"].sizes[-1] // 2)


LAYERS = (LearnedPositions, SinusoidalPositions, RotaryPositions)
