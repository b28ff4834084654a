"""Arithmetic on two tensors, number by number, and matrix products."""

from typing import Annotated, ClassVar, Literal

from nodes.errors import Remedy, ShapeError
from nodes.expectations import described
from nodes.layer import Layer, LayerInfo, Lowering, Port, docs, template_literal
from nodes.params import Param
from nodes.sizes import Size, product
from nodes.tensors import Inputs, TensorType, needs_batch_first, needs_float

A = Port(name="a", help="The first tensor")
B = Port(name="b", help="The second tensor")


def stretched(title: str, *tensors: TensorType) -> tuple[Size, ...]:
    """Return the common shape of tensors, where sizes of 1 stretch to fit.

    Raises:
        ShapeError: They have no common shape.
    """
    if len({tensor.rank for tensor in tensors}) == 1:
        columns = zip(*(tensor.sizes for tensor in tensors), strict=True)
        sizes = [_wider(column) for column in columns]
        if None not in sizes:
            return tuple(size for size in sizes if size is not None)
    arriving = " and ".join(described(tensor) for tensor in tensors)
    raise ShapeError(
        f"{title} needs equal shapes",
        why=f"It receives {arriving}.",
        hint="Give both the same shape; a size of 1 stretches. Unsqueeze adds an axis.",
        reason="shapes differ",
        code="LL-S012",
    )


def _wider(sizes: tuple[Size, ...]) -> Size | None:
    wider = {size for size in sizes if size != 1}
    if len(wider) > 1:
        return None
    return wider.pop() if wider else 1


class Pairwise(Layer, frozen=True, kw_only=True):
    """What arithmetic on two tensors shares."""

    template: ClassVar[str]

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        a, b = inputs["a"], inputs["b"]
        for tensor in (a, b):
            needs_float(tensor, self.info.title)
        return (TensorType(stretched(self.info.title, a, b)),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=self.template)


class Subtract(Pairwise, frozen=True, kw_only=True):
    """One tensor less another."""

    template: ClassVar[str] = "{a} - {b}"

    info: ClassVar = LayerInfo(
        title="Subtract",
        category="shape",
        summary="Takes one tensor off another, number by number.",
        when="To look at what differs: two frames of a film, two branches that share weights.",
        shape="equal shapes, or sizes of 1",
        formula="y = a − b",
        aliases=("minus", "difference", "sub", "-"),
        inputs=(A, B),
        compact=True,
    )


class Divide(Pairwise, frozen=True, kw_only=True):
    """One tensor divided by another."""

    template: ClassVar[str] = "{a} / {b}"

    info: ClassVar = LayerInfo(
        title="Divide",
        category="shape",
        summary="Divides one tensor by another, number by number.",
        when="To normalise by hand, as by a sum or a length. Keep the divisor away from zero.",
        shape="equal shapes, or sizes of 1",
        formula="y = a ÷ b",
        aliases=("ratio", "quotient", "div", "/"),
        inputs=(A, B),
        compact=True,
    )


class Maximum(Pairwise, frozen=True, kw_only=True):
    """The larger of two numbers."""

    template: ClassVar[str] = "torch.maximum({a}, {b})"

    info: ClassVar = LayerInfo(
        title="Maximum",
        category="shape",
        summary="Keeps the larger of two numbers at each place.",
        when="To let either of two branches speak up. Max goes along an axis of one tensor.",
        shape="equal shapes, or sizes of 1",
        formula="y = max(a, b)",
        aliases=("max of two", "larger", "maxout"),
        link=docs("maximum"),
        inputs=(A, B),
        compact=True,
    )


class Minimum(Pairwise, frozen=True, kw_only=True):
    """The smaller of two numbers."""

    template: ClassVar[str] = "torch.minimum({a}, {b})"

    info: ClassVar = LayerInfo(
        title="Minimum",
        category="shape",
        summary="Keeps the smaller of two numbers at each place.",
        when="To be as careful as the more careful of two branches.",
        shape="equal shapes, or sizes of 1",
        formula="y = min(a, b)",
        aliases=("min of two", "smaller"),
        link=docs("minimum"),
        inputs=(A, B),
        compact=True,
    )


class MatMul(Layer, frozen=True, kw_only=True):
    """A matrix product."""

    info: ClassVar = LayerInfo(
        title="MatMul",
        category="shape",
        summary="Multiplies matrices: every row of one with every column of the other.",
        when="To draw an attention of your own, or to compare all pairs of two sequences.",
        shape="T×D and D×S to T×S",
        formula="y = A·B",
        aliases=("matrix multiplication", "dot product", "bmm", "mm", "@"),
        link=docs("matmul"),
        inputs=(A, B),
    )

    transpose_b: Annotated[
        bool,
        Param(
            "Turn the second",
            "Exchanges rows and columns of the second tensor first, to compare T×D with S×D.",
            on_card="A·Bᵀ",
        ),
    ] = False

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        a, b = inputs["a"], inputs["b"]
        for tensor in (a, b):
            needs_float(tensor, self.info.title)
        if min(a.rank, b.rank) < 3 or a.rank != b.rank:
            raise self._wrong(a, b, "needs two matrices for each sample")
        rows, columns = self._second(b)
        if a.sizes[-1] != rows:
            raise self._wrong(a, b, "needs as many rows as the first has columns")
        leading = stretched(self.info.title, TensorType(a.sizes[:-2]), TensorType(b.sizes[:-2]))
        return (TensorType((*leading, a.sizes[-2], columns)),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        turned = ".transpose(-2, -1)" if self.transpose_b else ""
        return Lowering(expression=f"{{a}} @ {{b}}{turned}")

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        return product(outputs[0].sample) * inputs["a"].sizes[-1]

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return "A·Bᵀ" if self.transpose_b else ""

    def _second(self, b: TensorType) -> tuple[Size, Size]:
        rows, columns = b.sizes[-2:]
        return (columns, rows) if self.transpose_b else (rows, columns)

    def _wrong(self, a: TensorType, b: TensorType, needs: str) -> ShapeError:
        fits_turned = a.rank == b.rank > 2 and a.sizes[-1] == self._second(b)[1]
        turned = not self.transpose_b
        return ShapeError(
            f"MatMul {needs}",
            why=f"It receives {described(a)} and {described(b)}.",
            hint="Make the columns of the first as many as the rows of the second.",
            reason="matrices do not fit",
            code="LL-S012",
            remedies=(
                Remedy(
                    label="Turn the second" if turned else "Do not turn the second",
                    action="set_params",
                    params={"transpose_b": turned},
                ),
            )
            if fits_turned
            else (),
        )


class Where(Layer, frozen=True, kw_only=True):
    """One of two numbers, as flags say."""

    info: ClassVar = LayerInfo(
        title="Where",
        category="shape",
        summary="Takes the first number where a flag is set, and the second elsewhere.",
        when="To choose between two branches place by place, or to blank out padding.",
        shape="three equal shapes, or sizes of 1",
        formula="y = a where true, else b",
        aliases=("choose", "select by mask", "if", "masked"),
        link=docs("where"),
        inputs=(Port(name="condition", help="Flags: true takes the first"), A, B),
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        condition, a, b = inputs["condition"], inputs["a"], inputs["b"]
        for tensor in (a, b):
            needs_float(tensor, self.info.title)
        if condition.dtype != "bool":
            raise ShapeError(
                "Where needs flags to choose by",
                why=f"It receives {described(condition)} that are neither true nor false.",
                hint="Compare it with a number first.",
                reason="needs flags",
                code="LL-S004",
            )
        return (TensorType(stretched(self.info.title, condition, a, b)),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="torch.where({condition}, {a}, {b})")


class Compare(Layer, frozen=True, kw_only=True):
    """Flags from numbers."""

    info: ClassVar = LayerInfo(
        title="Compare",
        category="shape",
        summary="Says for each number whether it is equal to, above or below a value.",
        when="To make the mask of the padding for attention: tokens equal to 0. Passes no "
        "gradient.",
        shape="any shape, unchanged",
        formula="y = x ∘ value",
        aliases=("equal", "greater", "less", "mask", "padding mask", "flags", "==", ">", "<"),
        link=docs("eq"),
    )

    relation: Annotated[
        Literal["equal", "different", "above", "below"],
        Param("Relation", "What is asked of each number.", on_card="{}"),
    ] = "equal"
    value: Annotated[
        float,
        Param(
            "Value",
            "What each number is compared with.",
            low=None,
            high=None,
            suggest=(0, 0.5, 1),
            on_card="{}",
        ),
    ] = 0.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_batch_first(x, self.info.title)
        return (TensorType(x.sizes, "bool"),)

    def lower(self, inputs: Inputs) -> Lowering:
        sign = {"equal": "==", "different": "!=", "above": ">", "below": "<"}[self.relation]
        whole = inputs["x"].dtype != "float" and self.value.is_integer()
        value = template_literal(int(self.value) if whole else self.value)
        return Lowering(expression=f"{{x}} {sign} {value}")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return (
            f"{self.relation} {self.value:g}" if self.relation != "equal" else f"= {self.value:g}"
        )


LAYERS = (Subtract, Divide, MatMul, Maximum, Minimum, Where, Compare)
