"""Tensors out of nothing or out of labels: constants, positions, one-hot vectors."""

from typing import Annotated, ClassVar

from nodes.embedding import needs_tokens
from nodes.errors import Remedy, ShapeError
from nodes.expectations import described
from nodes.layer import Layer, LayerInfo, Lowering, Port, docs, template_literal
from nodes.params import Param
from nodes.tensors import Inputs, TensorType, needs_batch_first


class OneHot(Layer, frozen=True, kw_only=True):
    """A row of zeros with a single one."""

    info: ClassVar = LayerInfo(
        title="OneHot",
        category="shape",
        summary="Turns a label into a row of zeros with a 1 at its place.",
        when="To give a network few categories as numbers, or to condition it on a class. For "
        "many, Embedding is better.",
        shape="label to K",
        aliases=("indicator", "dummy variable", "categorical", "to categorical"),
        link=docs("nn.functional.one_hot"),
        inputs=(Port(name="x", help="Whole numbers: labels or tokens"),),
    )

    num_classes: Annotated[
        int | None,
        Param(
            "Classes",
            "How many different labels there are. Left empty it is what the data says.",
            low=1,
            suggest=(2, 10),
            on_card="{}",
        ),
    ] = None

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_tokens(x, self.info.title)
        needs_batch_first(x, self.info.title)
        return (TensorType((*x.sizes, self._count(x))),)

    def lower(self, inputs: Inputs) -> Lowering:
        return Lowering(expression=f"F.one_hot({{x}}, {self._count(inputs['x'])}).float()")

    def _count(self, x: TensorType) -> int:
        count = self.num_classes or x.classes
        if count is None:
            raise ShapeError(
                "OneHot needs to know the classes",
                why="The data does not say how many different labels there are.",
                hint="Set the classes.",
                reason="classes are open",
                code="LL-S019",
            )
        if x.classes is not None and count < x.classes:
            raise ShapeError(
                f"{x.classes} labels, {count} places",
                why=f"Labels up to {x.classes - 1} arrive.",
                reason="too few places",
                code="LL-S014",
                remedies=(
                    Remedy(
                        label=f"Set classes to {x.classes}",
                        action="set_params",
                        params={"num_classes": x.classes},
                    ),
                ),
            )
        return count


class Positions(Layer, frozen=True, kw_only=True):
    """0, 1, 2, … along the steps."""

    info: ClassVar = LayerInfo(
        title="Positions",
        category="shape",
        summary="Numbers the steps of a sequence from 0 up.",
        when="Before an Embedding, to learn a vector for each position.",
        shape="T×… to T whole numbers",
        formula="yₜ = t",
        aliases=("arange", "index", "step number", "counter", "range"),
        link=docs("arange"),
        compact=True,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_batch_first(x, self.info.title)
        if x.rank < 2:
            raise ShapeError(
                "Positions needs steps to number",
                why=f"It receives {described(x)}.",
                reason="no steps",
                code="LL-S002",
            )
        steps = x.sizes[1]
        return (TensorType(x.sizes[:2], "int", steps if isinstance(steps, int) else None),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        steps = "torch.arange({x}.shape[1], device={x}.device)"
        return Lowering(expression=f"{steps}.expand({{x}}.shape[0], -1)")


class Constant(Layer, frozen=True, kw_only=True):
    """One number everywhere."""

    info: ClassVar = LayerInfo(
        title="Constant",
        category="shape",
        summary="Gives the same number at every place of a shape; one for each sample that "
        "arrives.",
        when="To add or compare with a fixed number, or as a start for a recurrence.",
        shape="any shape to the sizes",
        formula="y = value",
        aliases=("fill", "zeros", "ones", "full", "number"),
        link=docs("full"),
        inputs=(Port(name="x", help="Any tensor: it says how many samples there are"),),
    )

    value: Annotated[
        float,
        Param(
            "Value",
            "The number.",
            low=None,
            high=None,
            step=0.1,
            suggest=(0, 1),
            on_card="{}",
        ),
    ] = 0.0
    sizes: Annotated[
        tuple[int, ...],
        Param("Sizes", "The sizes of one sample.", low=1, suggest=(1,)),
    ] = (1,)

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_batch_first(x, self.info.title)
        if not x.rank:
            raise ShapeError(
                "Constant needs a batch",
                why="It receives a single number.",
                reason="needs a batch",
                code="LL-S002",
            )
        return (TensorType((x.sizes[0], *self.sizes)),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        sizes = ", ".join(("{x}.shape[0]", *map(str, self.sizes)))
        sizes += "" if self.sizes else ","
        value = template_literal(self.value)
        return Lowering(expression=f"torch.full(({sizes}), {value}, device={{x}}.device)")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"{self.value:g}"


class ToFloat(Layer, frozen=True, kw_only=True):
    """Whole numbers as real ones."""

    info: ClassVar = LayerInfo(
        title="ToFloat",
        category="shape",
        summary="Reads whole numbers and flags as real numbers: true is 1.",
        when="To compute with a count, an age or a mask. Labels of classes want OneHot or "
        "Embedding.",
        shape="any shape, unchanged",
        aliases=("cast", "convert", "real numbers", "to number", "as type"),
        link=docs("Tensor.float"),
        compact=True,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_batch_first(x, self.info.title)
        return (TensorType(x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="{x}.float()")


LAYERS = (OneHot, Positions, Constant, ToFloat)
