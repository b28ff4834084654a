"""Functions of each number by itself: powers, logarithms, bounds and scales."""

from typing import Annotated, ClassVar

from nodes.errors import ParameterError
from nodes.layer import Layer, LayerInfo, Lowering, docs, template_literal
from nodes.params import Param
from nodes.tensors import Inputs, TensorType, needs_float


class Function(Layer, frozen=True, kw_only=True):
    """What functions of each number share."""

    template: ClassVar[str] = ""

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        return (x,)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=self.template)


class Exp(Function, frozen=True, kw_only=True):
    """e to the power of each number."""

    template: ClassVar[str] = "{x}.exp()"

    info: ClassVar = LayerInfo(
        title="Exp",
        category="shape",
        summary="Takes e to the power of each number: always positive, and steep.",
        when="To come back from logarithms, as from a log variance.",
        shape="any shape, unchanged",
        formula="y = eˣ",
        aliases=(
            "exponential",
            "e to the x",
            "antilog",
        ),
        link=docs("exp"),
        compact=True,
    )


class Log(Function, frozen=True, kw_only=True):
    """The natural logarithm."""

    template: ClassVar[str] = "{x}.log()"

    info: ClassVar = LayerInfo(
        title="Log",
        category="shape",
        summary="Takes the natural logarithm of each number.",
        when="To bring numbers of very different sizes together. Clamp to above zero first.",
        shape="any shape, unchanged",
        formula="y = ln x",
        aliases=(
            "logarithm",
            "ln",
            "log scale",
        ),
        link=docs("log"),
        compact=True,
    )


class Sqrt(Function, frozen=True, kw_only=True):
    """The square root."""

    template: ClassVar[str] = "{x}.sqrt()"

    info: ClassVar = LayerInfo(
        title="Sqrt",
        category="shape",
        summary="Takes the square root of each number.",
        when="For lengths out of squares. Keep away from zero: the slope is endless there.",
        shape="any shape, unchanged",
        formula="y = √x",
        aliases=(
            "square root",
            "root",
        ),
        link=docs("sqrt"),
        compact=True,
    )


class Square(Function, frozen=True, kw_only=True):
    """The square."""

    template: ClassVar[str] = "{x}.square()"

    info: ClassVar = LayerInfo(
        title="Square",
        category="shape",
        summary="Multiplies each number with itself.",
        when="For energies and distances.",
        shape="any shape, unchanged",
        formula="y = x²",
        aliases=(
            "power of two",
            "squared",
            "x*x",
        ),
        link=docs("square"),
        compact=True,
    )


class Abs(Function, frozen=True, kw_only=True):
    """The number without its sign."""

    template: ClassVar[str] = "{x}.abs()"

    info: ClassVar = LayerInfo(
        title="Abs",
        category="shape",
        summary="Drops the sign of each number.",
        when="Where only the size of a difference counts.",
        shape="any shape, unchanged",
        formula="y = |x|",
        aliases=(
            "absolute value",
            "magnitude",
        ),
        link=docs("abs"),
        compact=True,
    )


class Negate(Function, frozen=True, kw_only=True):
    """The number with the other sign."""

    template: ClassVar[str] = "-{x}"

    info: ClassVar = LayerInfo(
        title="Negate",
        category="shape",
        summary="Turns the sign of each number.",
        when="To turn a gain into a cost, or near into far.",
        shape="any shape, unchanged",
        formula="y = −x",
        aliases=(
            "minus",
            "opposite",
            "neg",
        ),
        link=docs("neg"),
        compact=True,
    )


class Reciprocal(Function, frozen=True, kw_only=True):
    """One divided by the number."""

    template: ClassVar[str] = "{x}.reciprocal()"

    info: ClassVar = LayerInfo(
        title="Reciprocal",
        category="shape",
        summary="Divides 1 by each number.",
        when="For rates out of times. Keep away from zero.",
        shape="any shape, unchanged",
        formula="y = 1 ÷ x",
        aliases=(
            "inverse",
            "one over",
        ),
        link=docs("reciprocal"),
        compact=True,
    )


class Sin(Function, frozen=True, kw_only=True):
    """The sine."""

    template: ClassVar[str] = "{x}.sin()"

    info: ClassVar = LayerInfo(
        title="Sin",
        category="shape",
        summary="Takes the sine of each number, in radians.",
        when="For what repeats, and for features of a position.",
        shape="any shape, unchanged",
        formula="y = sin x",
        aliases=(
            "sine",
            "periodic",
            "siren",
            "wave",
        ),
        link=docs("sin"),
        compact=True,
    )


class Cos(Function, frozen=True, kw_only=True):
    """The cosine."""

    template: ClassVar[str] = "{x}.cos()"

    info: ClassVar = LayerInfo(
        title="Cos",
        category="shape",
        summary="Takes the cosine of each number, in radians.",
        when="For what repeats, and for features of a position.",
        shape="any shape, unchanged",
        formula="y = cos x",
        aliases=(
            "cosine",
            "periodic",
            "wave",
        ),
        link=docs("cos"),
        compact=True,
    )


class Power(Function, frozen=True, kw_only=True):
    """A power of each number."""

    info: ClassVar = LayerInfo(
        title="Power",
        category="shape",
        summary="Raises each number to a power.",
        when="For curves that a straight line cannot follow. Broken powers need positive numbers.",
        shape="any shape, unchanged",
        formula="y = xᵖ",
        aliases=("pow", "exponent", "cube", "**", "^"),
        link=docs("pow"),
    )

    exponent: Annotated[
        float,
        Param(
            "Exponent",
            "The power.",
            low=-64,
            high=64,
            step=0.5,
            suggest=(0.5, 2, 3),
            on_card="p {}",
        ),
    ] = 2.0

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=f"{{x}}.pow({template_literal(self.exponent)})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"p {self.exponent:g}"


class Scale(Function, frozen=True, kw_only=True):
    """A fixed factor and a fixed offset."""

    info: ClassVar = LayerInfo(
        title="Scale",
        category="shape",
        summary="Multiplies each number by a fixed factor and adds a fixed offset; nothing is "
        "learned.",
        when="To bring numbers to a range, such as pixels to −1…1, or scores to a temperature.",
        shape="any shape, unchanged",
        formula="y = factor·x + offset",
        aliases=("multiply by constant", "add constant", "shift", "temperature", "rescale"),
    )

    factor: Annotated[
        float,
        Param(
            "Factor",
            "What each number is multiplied by.",
            low=None,
            high=None,
            step=0.1,
            suggest=(0.1, 0.5, 2),
            on_card="×{}",
        ),
    ] = 1.0
    offset: Annotated[
        float,
        Param(
            "Offset",
            "What is added after.",
            low=None,
            high=None,
            step=0.1,
            suggest=(-1, 0, 1),
            on_card="+{}",
        ),
    ] = 0.0

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        scaled = "{x}" if self.factor == 1 else f"{{x}} * {template_literal(self.factor)}"
        if self.offset == 0 and self.factor != 1:
            return Lowering(expression=scaled)
        sign = "-" if self.offset < 0 else "+"
        return Lowering(expression=f"{scaled} {sign} {template_literal(abs(self.offset))}")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        offset = f" {'+' if self.offset > 0 else '−'} {abs(self.offset):g}" if self.offset else ""
        return f"×{self.factor:g}{offset}"


class Clamp(Function, frozen=True, kw_only=True):
    """Numbers kept within bounds."""

    info: ClassVar = LayerInfo(
        title="Clamp",
        category="shape",
        summary="Raises numbers that are too small and lowers those that are too large.",
        when="To keep a logarithm or a division away from zero, and pixels within their range.",
        shape="any shape, unchanged",
        formula="y = min(max(x, lowest), highest)",
        aliases=("clip", "limit", "bounds", "saturate"),
        link=docs("clamp"),
    )

    lowest: Annotated[
        float | None,
        Param(
            "Lowest",
            "Smaller numbers become this one; empty sets no bound.",
            low=None,
            high=None,
            step=0.1,
            suggest=(0,),
            on_card="from {}",
        ),
    ] = 0.0
    highest: Annotated[
        float | None,
        Param(
            "Highest",
            "Larger numbers become this one; empty sets no bound.",
            low=None,
            high=None,
            step=0.1,
            suggest=(1,),
            on_card="to {}",
        ),
    ] = None

    def verify(self) -> None:
        low, high = self.lowest, self.highest
        if low is None and high is None:
            raise ParameterError(
                "lowest",
                "Clamp needs a bound",
                why="Neither the lowest nor the highest is set.",
                hint="Set one of them.",
            )
        if low is not None and high is not None and low > high:
            raise ParameterError(
                "lowest",
                f"Lowest cannot be {low:g}",
                why=f"The highest is {high:g}.",
                hint=f"Set a value up to {high:g}.",
            )

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        bounds = [
            f"{name}={template_literal(value)}"
            for name, value in (("min", self.lowest), ("max", self.highest))
            if value is not None
        ]
        return Lowering(expression=f"{{x}}.clamp({', '.join(bounds)})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        bounds = (("from", self.lowest), ("to", self.highest))
        return " · ".join(f"{word} {value:g}" for word, value in bounds if value is not None)


LAYERS = (
    Exp,
    Log,
    Sqrt,
    Square,
    Power,
    Abs,
    Negate,
    Reciprocal,
    Sin,
    Cos,
    Scale,
    Clamp,
)
