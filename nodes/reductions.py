"""One number for many: means, sums and extremes over axes of each sample."""

from typing import Annotated, ClassVar

from nodes.errors import ParameterError, Remedy, ShapeError
from nodes.expectations import axis, described, not_the_batch
from nodes.layer import Layer, LayerInfo, Lowering, docs, template_literal
from nodes.params import Param
from nodes.sizes import Size, product
from nodes.tensors import Inputs, TensorType, needs_float

AXES = Param(
    "Axes",
    "Over which axes; 1 is the channels or steps, −1 the last. The batch stays.",
    low=-7,
    high=7,
    suggest=(-1, 1),
)
KEEP = Param(
    "Keep the axes", "Leaves sizes of 1 in their place, so that the result stretches back."
)


class Reduction(Layer, frozen=True, kw_only=True):
    """What taking one number for many shares."""

    method: ClassVar[str]

    dims: Annotated[tuple[int, ...], AXES] = (-1,)
    keepdim: Annotated[bool, KEEP] = False

    def verify(self) -> None:
        for dim in self.dims:
            not_the_batch(dim, "The samples of a batch stay apart.")
        if not self.dims:
            raise ParameterError(
                "dims",
                "Axes cannot be empty",
                why="There would be nothing to take together.",
                hint="Name an axis, such as −1 for the last.",
            )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        places = self._places(x)
        return (TensorType(left_over(x, places, keep=self.keepdim)),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        dims = self.dims[0] if len(self.dims) == 1 else self.dims
        keep = ", keepdim=True" if self.keepdim else ""
        return Lowering(expression=f"{{x}}.{self.method}(dim={template_literal(dims)}{keep})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return over(self.dims)

    def _places(self, x: TensorType) -> set[int]:
        places = [named_axis(x, dim, self.info.title, "dims") for dim in self.dims]
        if len(set(places)) < len(places):
            raise ShapeError(
                f"{self.info.title} names an axis twice",
                why=f"It receives {described(x)}, whose axes {over(self.dims)} are not all "
                "different.",
                reason="axis named twice",
                code="LL-S009",
                remedies=(
                    Remedy(
                        label=f"Set axes to {', '.join(map(str, sorted(set(places))))}",
                        action="set_params",
                        params={"dims": sorted(set(places))},
                    ),
                ),
            )
        return set(places)


def named_axis(x: TensorType, dim: int, title: str, parameter: str) -> int:
    """Return the axis that ``dim`` means; where there is none, offer the last for a list of axes.

    Raises:
        ShapeError: ``x`` has no such axis, or it is the batch.
    """
    try:
        return axis(x, dim, title)
    except ShapeError as error:
        last = x.rank - 1
        error.remedies = (
            (Remedy(label=f"Set axis to {last}", action="set_params", params={parameter: [last]}),)
            if last > 0
            else ()
        )
        raise


def left_over(x: TensorType, places: set[int], *, keep: bool) -> tuple[Size, ...]:
    """Return the sizes that are left when some axes are taken together."""
    if keep:
        return tuple(1 if place in places else size for place, size in enumerate(x.sizes))
    return tuple(size for place, size in enumerate(x.sizes) if place not in places)


def over(dims: tuple[int, ...]) -> str:
    """Write axes as the card does: ``axes 2, 3``."""
    return f"{'axis' if len(dims) == 1 else 'axes'} {', '.join(map(str, dims))}"


class Mean(Reduction, frozen=True, kw_only=True):
    """The mean over axes."""

    method: ClassVar[str] = "mean"

    info: ClassVar = LayerInfo(
        title="Mean",
        category="shape",
        summary="Takes the mean over some axes.",
        when="To make one vector of a sequence (axis 1), or one number for each channel.",
        shape="the axes go away",
        formula="y = mean(x)",
        aliases=("average", "mean pooling", "reduce mean", "global average"),
        link=docs("mean"),
    )


class Sum(Reduction, frozen=True, kw_only=True):
    """The sum over axes."""

    method: ClassVar[str] = "sum"

    info: ClassVar = LayerInfo(
        title="Sum",
        category="shape",
        summary="Adds up the numbers along some axes.",
        when="To take evidence together where more of it counts more.",
        shape="the axes go away",
        formula="y = Σ x",
        aliases=("total", "add up", "reduce sum", "accumulate"),
        link=docs("sum"),
    )


class Max(Reduction, frozen=True, kw_only=True):
    """The largest along axes."""

    method: ClassVar[str] = "amax"

    info: ClassVar = LayerInfo(
        title="Max",
        category="shape",
        summary="Keeps the largest number along some axes.",
        when="To ask whether something is there anywhere.",
        shape="the axes go away",
        formula="y = max(x)",
        aliases=("maximum", "max over time", "reduce max", "largest"),
        link=docs("amax"),
    )


class Min(Reduction, frozen=True, kw_only=True):
    """The smallest along axes."""

    method: ClassVar[str] = "amin"

    info: ClassVar = LayerInfo(
        title="Min",
        category="shape",
        summary="Keeps the smallest number along some axes.",
        when="To find the nearest of several distances.",
        shape="the axes go away",
        formula="y = min(x)",
        aliases=("minimum", "reduce min", "smallest", "nearest"),
        link=docs("amin"),
    )


class Dispersion(Reduction, frozen=True, kw_only=True):
    """How far numbers lie from their mean over axes."""

    unbiased: Annotated[
        bool,
        Param(
            "Unbiased",
            "Divides by one less than the count, as for a sample of something larger.",
            advanced=True,
        ),
    ] = False

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        (y,) = super().infer(inputs)
        x = inputs["x"]
        if self.unbiased and product(x.sizes[place] for place in self._places(x)) == 1:
            raise ShapeError(
                f"{self.info.title} needs more than one number",
                why="Divided by one less than the count, a single number gives nothing.",
                reason="a single number",
                code="LL-S003",
                remedies=(
                    Remedy(
                        label="Divide by the count",
                        action="set_params",
                        params={"unbiased": False},
                    ),
                ),
            )
        return (y,)

    def lower(self, inputs: Inputs) -> Lowering:
        lowering = super().lower(inputs)
        if self.unbiased:
            return lowering
        return Lowering(expression=f"{lowering.expression[:-1]}, correction=0)")


class Std(Dispersion, frozen=True, kw_only=True):
    """The standard deviation over axes."""

    method: ClassVar[str] = "std"

    info: ClassVar = LayerInfo(
        title="Std",
        category="shape",
        summary="Says how far numbers lie apart along some axes.",
        when="To normalise by hand, or to show how much samples of a sequence differ.",
        shape="the axes go away",
        formula="y = √(mean((x − mean)²))",
        aliases=("standard deviation", "spread", "deviation", "sigma"),
        link=docs("std"),
    )


class Var(Dispersion, frozen=True, kw_only=True):
    """The variance over axes."""

    method: ClassVar[str] = "var"

    info: ClassVar = LayerInfo(
        title="Var",
        category="shape",
        summary="Says how far numbers lie apart along some axes, squared.",
        when="To normalise by hand.",
        shape="the axes go away",
        formula="y = mean((x − mean)²)",
        aliases=("variance", "spread", "dispersion"),
        link=docs("var"),
    )


class Norm(Reduction, frozen=True, kw_only=True):
    """The length along axes."""

    method: ClassVar[str] = "norm"

    info: ClassVar = LayerInfo(
        title="Norm",
        category="shape",
        summary="Takes the root of the summed squares along some axes: the length of a vector.",
        when="To measure vectors, or to divide by their length.",
        shape="the axes go away",
        formula="y = √(Σ x²)",
        aliases=("length", "l2 norm", "magnitude", "euclidean"),
        link=docs("linalg.vector_norm"),
    )


class LogSumExp(Reduction, frozen=True, kw_only=True):
    """A soft maximum along axes."""

    method: ClassVar[str] = "logsumexp"

    info: ClassVar = LayerInfo(
        title="LogSumExp",
        category="shape",
        summary="Adds up numbers that are given as logarithms; close to the largest of them.",
        when="For energies and chances, where a maximum would pass no gradient to the others.",
        shape="the axes go away",
        formula="y = ln Σ eˣ",
        aliases=("log sum exp", "soft maximum", "smooth max"),
        link=docs("logsumexp"),
    )


class Normalize(Layer, frozen=True, kw_only=True):
    """Vectors of length 1."""

    info: ClassVar = LayerInfo(
        title="Normalize",
        category="norm",
        summary="Divides each vector along an axis by its length, so that it has length 1.",
        when="Before comparing directions, as in contrastive learning and in searching by "
        "likeness.",
        shape="any shape, unchanged",
        formula="y = x ÷ |x|",
        aliases=("l2 normalize", "unit vector", "cosine", "normalise", "sphere"),
        link=docs("nn.functional.normalize"),
    )

    dim: Annotated[
        int,
        Param("Axis", "The axis along which a vector lies.", low=-7, high=7, suggest=(-1, 1)),
    ] = -1

    def verify(self) -> None:
        not_the_batch(self.dim, "The samples of a batch stay apart.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        axis(x, self.dim, self.info.title)
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=f"F.normalize({{x}}, dim={self.dim})")


class CumulativeSum(Layer, frozen=True, kw_only=True):
    """What has added up so far."""

    info: ClassVar = LayerInfo(
        title="CumulativeSum",
        category="shape",
        summary="Adds up along an axis: each place holds the sum up to it.",
        when="To turn steps into positions, or chances into thresholds.",
        shape="any shape, unchanged",
        formula="yₜ = x₁ + … + xₜ",
        aliases=("cumsum", "running total", "integrate", "prefix sum"),
        link=docs("cumsum"),
    )

    dim: Annotated[
        int, Param("Axis", "Along which axis.", low=-7, high=7, suggest=(-1, 1), on_card="axis {}")
    ] = 1

    def verify(self) -> None:
        not_the_batch(self.dim, "The samples of a batch stay apart.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        axis(x, self.dim, self.info.title)
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=f"{{x}}.cumsum(dim={self.dim})")


class ArgMax(Layer, frozen=True, kw_only=True):
    """The place of the largest."""

    info: ClassVar = LayerInfo(
        title="ArgMax",
        category="shape",
        summary="Says at which place along an axis the largest number stands: a label.",
        when="To read the class off the scores. Passes no gradient, so not before a loss.",
        shape="the axis goes away; whole numbers",
        formula="y = place of max(x)",
        aliases=("predicted class", "label", "winner", "index of maximum"),
        link=docs("argmax"),
    )

    dim: Annotated[
        int, Param("Axis", "Along which axis.", low=-7, high=7, suggest=(-1, 1), on_card="axis {}")
    ] = 1

    def verify(self) -> None:
        not_the_batch(self.dim, "It would choose among the samples of a batch.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        place = axis(x, self.dim, self.info.title)
        count = x.sizes[place]
        labels = count if isinstance(count, int) else None
        return (TensorType(left_over(x, {place}, keep=False), "int", labels),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=f"{{x}}.argmax(dim={self.dim})")


LAYERS = (
    Mean,
    Sum,
    Max,
    Min,
    Std,
    Var,
    Norm,
    LogSumExp,
    ArgMax,
    CumulativeSum,
    Normalize,
)
