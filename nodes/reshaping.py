"""Layers that arrange the same numbers along other axes."""

import math
from typing import Annotated, ClassVar

from nodes.errors import ParameterError, Remedy, ShapeError
from nodes.expectations import described, near_divisors
from nodes.layer import Layer, LayerInfo, Lowering, docs, literal, short
from nodes.params import Param
from nodes.sizes import Size, divides, product
from nodes.tensors import Inputs, TensorType, needs_batch_first

MOST_AXES = 7


class Flatten(Layer, frozen=True, kw_only=True):
    """Several axes in one row."""

    info: ClassVar = LayerInfo(
        title="Flatten",
        category="shape",
        summary="Writes all numbers of a sample in one row.",
        when="Between the convolutions and the linear layers of a network.",
        shape="C×H×W to C·H·W",
        aliases=("vector", "row", "unroll", "ravel", "view"),
        link=docs("flatten"),
        glyph="flatten",
        compact=True,
    )

    start_dim: Annotated[
        int,
        Param(
            "First axis",
            "Where the row begins. 1 takes the whole sample, 2 keeps the channels apart.",
            low=1,
            high=MOST_AXES,
            suggest=(1, 2),
            advanced=True,
        ),
    ] = 1
    end_dim: Annotated[
        int,
        Param(
            "Last axis",
            "Where the row ends; −1 is the last axis.",
            low=-1,
            high=MOST_AXES,
            suggest=(-1,),
            advanced=True,
        ),
    ] = -1

    def verify(self) -> None:
        if 0 <= self.end_dim < self.start_dim:
            raise ParameterError(
                "end_dim",
                f"Last axis cannot be {self.end_dim}",
                why=f"The row begins at axis {self.start_dim}.",
                hint=f"Set a value from {self.start_dim} up, or −1 for the last axis.",
            )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_batch_first(x, self.info.title)
        if x.rank < 2 or max(self.start_dim, self.end_dim) >= x.rank:
            raise _no_such_axes(x)
        end = self._end(x)
        row = product(x.sizes[self.start_dim : end])
        sizes = (*x.sizes[: self.start_dim], row, *x.sizes[end:])
        return (TensorType(sizes, x.dtype, x.classes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        end = "" if self.end_dim == -1 else f", {self.end_dim}"
        return Lowering(expression=f"{{x}}.flatten({self.start_dim}{end})")

    def explain(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> str:
        x = inputs["x"]
        factors = x.sizes[self.start_dim : self._end(x)]
        if len(factors) < 2:
            return ""
        row = outputs[0].sizes[self.start_dim]
        return f"{' · '.join(str(size) for size in factors)} = {row}"

    def _end(self, x: TensorType) -> int:
        return x.rank if self.end_dim == -1 else self.end_dim + 1


class Reshape(Layer, frozen=True, kw_only=True):
    """The same numbers along other axes."""

    info: ClassVar = LayerInfo(
        title="Reshape",
        category="shape",
        summary="Arranges the numbers of a sample along other axes, in the same order.",
        when="To make an image of a row of numbers, or to split features into heads. It does not "
        "turn images: their numbers keep their order.",
        shape="any sizes with as many numbers",
        aliases=("view", "unflatten", "rearrange", "resize", "squeeze"),
        link=docs("reshape"),
        glyph="reshape",
    )

    sizes: Annotated[
        tuple[int, ...],
        Param(
            "Sizes",
            "The sizes of one sample. One of them may be −1: it takes what is left.",
            low=-1,
            suggest=(-1,),
        ),
    ] = (1, -1)

    def verify(self) -> None:
        if len(self.sizes) > MOST_AXES:
            raise ParameterError(
                "sizes",
                f"Sizes cannot have more than {MOST_AXES} axes",
                why=f"There are {len(self.sizes)}.",
                hint="Take some together.",
            )
        if 0 in self.sizes or self.sizes.count(-1) > 1:
            raise ParameterError(
                "sizes",
                f"Sizes cannot be {_written(self.sizes)}",
                why="No size can be 0." if 0 in self.sizes else "Only one size can be −1.",
                hint="Write the sizes of one sample, with −1 for at most one of them.",
            )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_batch_first(x, self.info.title)
        if x.rank < 1:
            raise _no_such_axes(x)
        total = product(x.sizes[1:])
        fixed = self._fixed()
        left = _quotient(total, fixed)
        if left is None or (-1 not in self.sizes and left != 1):
            raise self._wrong_count(x, total)
        filled = tuple(left if size == -1 else size for size in self.sizes)
        return (TensorType((x.sizes[0], *filled), x.dtype, x.classes),)

    def lower(self, inputs: Inputs) -> Lowering:
        (y,) = self.infer(inputs)
        if all(isinstance(size, int) for size in y.sample):
            # Only the batch stays open, so that it alone is left to torch.
            batch, sizes = "-1", y.sizes[1:]
        else:
            batch, sizes = "{x}.shape[0]", self.sizes
        return Lowering(expression=f"{{x}}.reshape({', '.join((batch, *map(literal, sizes)))})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return _written(self.sizes)

    def _fixed(self) -> int:
        return math.prod(size for size in self.sizes if size != -1)

    def _wrong_count(self, x: TensorType, total: Size) -> ShapeError:
        fixed = self._fixed()
        return ShapeError(
            f"{total} numbers do not fill {_written(self.sizes)}",
            why=f"It receives {described(x)}. The sizes hold "
            f"{'a multiple of ' if -1 in self.sizes else ''}{fixed} numbers.",
            hint="Write sizes that multiply to the same number.",
            reason="counts differ",
            code="LL-S009",
            remedies=self._fitting(total),
        )

    def _fitting(self, total: Size) -> tuple[Remedy, ...]:
        """Let the first size take what is left, or take the nearest one that divides."""
        if not self.sizes or not isinstance(total, int):
            return ()
        rest = self.sizes[1:]
        left = _quotient(total, math.prod(rest)) if -1 not in rest else None
        divisors = near_divisors(total, self.sizes[0]) if rest == (-1,) else []
        first = divisors[0] if divisors else left
        if not isinstance(first, int):
            return ()
        sizes = [first, *rest]
        return (
            Remedy(
                label=f"Set sizes to {_written(tuple(sizes))}",
                action="set_params",
                params={"sizes": sizes},
            ),
        )


def _quotient(total: Size, divisor: int) -> Size | None:
    """Divide where that comes out even for every value of the letters."""
    return total // divisor if divides(divisor, total) else None


def _written(sizes: tuple[int, ...]) -> str:
    return short(sizes).replace("-1", "…") or "one number"


def _no_such_axes(x: TensorType) -> ShapeError:
    return ShapeError(
        "There are not as many axes to flatten" if x.rank else "There is nothing to arrange",
        why=f"It receives {described(x)}.",
        reason="too few axes",
        code="LL-S008",
        remedies=(Remedy(label="Remove this layer", action="remove"),),
    )


LAYERS = (Flatten, Reshape)
