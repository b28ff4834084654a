"""Padding: numbers added around a sequence, an image or a volume."""

from typing import Annotated, ClassVar

from nodes.errors import Remedy, ShapeError
from nodes.expectations import MAPS, needs_map
from nodes.layer import Call, Layer, LayerInfo, Lowering, docs, short
from nodes.params import AnySpan, Param, Span, Span3
from nodes.sizes import Size
from nodes.tensors import Inputs, TensorType
from nodes.windows import each, single, spans

AROUND = Param(
    "Padding",
    "How many numbers are added on every side; they may differ from axis to axis.",
    low=0,
    unit="px",
    suggest=(1, 2, 3),
    on_card="{}",
)
VALUE = Param(
    "Value",
    "The number that is added everywhere.",
    low=None,
    high=None,
    step=0.1,
    suggest=(0, 1),
    on_card="value {}",
)


class Padding(Layer, frozen=True, kw_only=True):
    """What all kinds of padding share."""

    axes: ClassVar[int] = 2

    padding: Annotated[AnySpan, AROUND] = 1

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_map(x, self.info.title, self.axes)
        self._fits(x.sizes[2:])
        sizes = zip(x.sizes[2:], self._paddings(), strict=True)
        return (x.with_sizes(*x.sizes[:2], *(size + 2 * added for size, added in sizes)),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call(f"nn.{type(self).__name__}", (self._written(),))
        return Lowering(expression="{module}({x})", module=module)

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return short(single(self._paddings()))

    def _paddings(self) -> tuple[int, ...]:
        return each(self.padding, self.axes)

    def _written(self) -> object:
        # Torch names the sides from the last axis to the first, both sides of each.
        both = tuple(added for added in reversed(self._paddings()) for _ in range(2))
        return single(both)

    def _fits(self, sizes: tuple[Size, ...]) -> None:
        """Refuse more padding than can be filled."""


class Mirroring(Padding, frozen=True, kw_only=True):
    """What padding that is taken from the tensor itself shares."""

    spare: ClassVar[int]
    """How many numbers of an axis cannot be used to fill its padding."""

    def _fits(self, sizes: tuple[Size, ...]) -> None:
        pairs = tuple(zip(sizes, self._paddings(), strict=True))
        if all(not isinstance(size, int) or added <= size - self.spare for size, added in pairs):
            return
        best = tuple(
            min(added, size - self.spare) if isinstance(size, int) else added
            for size, added in pairs
        )
        raise ShapeError(
            f"The padding is larger than the {MAPS[self.axes]}",
            why=f"{short(single(self._paddings()))} on each side cannot be filled from "
            f"{'×'.join(str(size) for size in sizes)}.",
            reason="padding too large",
            code="LL-S006",
            remedies=(
                Remedy(
                    label=f"Set padding to {short(single(best))}",
                    action="set_params",
                    params={"padding": spans(best)},
                ),
            ),
        )


class ZeroPad1d(Padding, frozen=True, kw_only=True):
    """Zeros around a sequence."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="ZeroPad1d",
        category="conv",
        summary="Adds zeros on every side of a sequence.",
        when="To keep a size that later layers would cut off, or to reach one that they need.",
        shape="C×T to C×T'",
        formula="T' = T + 2·padding",
        aliases=("zeros", "border", "margin", "pad"),
        link=docs("nn.ZeroPad1d"),
    )

    padding: Annotated[int, AROUND] = 1


class ZeroPad2d(Padding, frozen=True, kw_only=True):
    """Zeros around an image."""

    info: ClassVar = LayerInfo(
        title="ZeroPad2d",
        category="conv",
        summary="Adds zeros on every side of an image.",
        when="To keep a size that later layers would cut off, or to reach one that they need.",
        shape="C×H×W to C×H'×W'",
        formula="H' = H + 2·padding",
        aliases=("zeros", "border", "margin", "pad"),
        link=docs("nn.ZeroPad2d"),
    )

    padding: Annotated[Span, AROUND] = 1


class ZeroPad3d(Padding, frozen=True, kw_only=True):
    """Zeros around a volume."""

    axes: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="ZeroPad3d",
        category="conv",
        summary="Adds zeros on every side of a volume.",
        when="To keep a size that later layers would cut off, or to reach one that they need.",
        shape="C×D×H×W to C×D'×H'×W'",
        formula="D' = D + 2·padding",
        aliases=("zeros", "border", "margin", "pad"),
        link=docs("nn.ZeroPad3d"),
    )

    padding: Annotated[Span3, AROUND] = 1


class ConstantPadding(Padding, frozen=True, kw_only=True):
    """What padding with a number of one's own shares."""

    value: Annotated[float, VALUE] = 0.0

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call(f"nn.{type(self).__name__}", (self._written(), self.value))
        return Lowering(expression="{module}({x})", module=module)

    def on_card(self, inputs: Inputs | None) -> str:
        return f"{super().on_card(inputs)} · value {self.value:g}"


class ConstantPad1d(ConstantPadding, frozen=True, kw_only=True):
    """One number around a sequence."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="ConstantPad1d",
        category="conv",
        summary="Adds a number of one's own on every side of a sequence.",
        when="Where zero means something in the data, so that another number must stand for "
        "“nothing”.",
        shape="C×T to C×T'",
        formula="T' = T + 2·padding",
        aliases=("border", "margin", "fill", "pad"),
        link=docs("nn.ConstantPad1d"),
    )

    padding: Annotated[int, AROUND] = 1


class ConstantPad2d(ConstantPadding, frozen=True, kw_only=True):
    """One number around an image."""

    info: ClassVar = LayerInfo(
        title="ConstantPad2d",
        category="conv",
        summary="Adds a number of one's own on every side of an image.",
        when="Where zero means something in the data, so that another number must stand for "
        "“nothing”.",
        shape="C×H×W to C×H'×W'",
        formula="H' = H + 2·padding",
        aliases=("border", "margin", "fill", "pad"),
        link=docs("nn.ConstantPad2d"),
    )

    padding: Annotated[Span, AROUND] = 1


class ConstantPad3d(ConstantPadding, frozen=True, kw_only=True):
    """One number around a volume."""

    axes: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="ConstantPad3d",
        category="conv",
        summary="Adds a number of one's own on every side of a volume.",
        when="Where zero means something in the data, so that another number must stand for "
        "“nothing”.",
        shape="C×D×H×W to C×D'×H'×W'",
        formula="D' = D + 2·padding",
        aliases=("border", "margin", "fill", "pad"),
        link=docs("nn.ConstantPad3d"),
    )

    padding: Annotated[Span3, AROUND] = 1


class ReflectionPad1d(Mirroring, frozen=True, kw_only=True):
    """The mirrored edge around a sequence."""

    axes: ClassVar[int] = 1
    spare: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="ReflectionPad1d",
        category="conv",
        summary="Adds what is near the edge of a sequence, mirrored, on every side.",
        when="In networks that give pictures: no dark rim appears at the edge.",
        shape="C×T to C×T'",
        formula="T' = T + 2·padding",
        aliases=("mirror", "reflect", "border", "pad"),
        link=docs("nn.ReflectionPad1d"),
    )

    padding: Annotated[int, AROUND] = 1


class ReflectionPad2d(Mirroring, frozen=True, kw_only=True):
    """The mirrored edge around an image."""

    spare: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="ReflectionPad2d",
        category="conv",
        summary="Adds what is near the edge of an image, mirrored, on every side.",
        when="In networks that give pictures: no dark rim appears at the edge.",
        shape="C×H×W to C×H'×W'",
        formula="H' = H + 2·padding",
        aliases=("mirror", "reflect", "border", "pad"),
        link=docs("nn.ReflectionPad2d"),
    )

    padding: Annotated[Span, AROUND] = 1


class ReflectionPad3d(Mirroring, frozen=True, kw_only=True):
    """The mirrored edge around a volume."""

    axes: ClassVar[int] = 3
    spare: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="ReflectionPad3d",
        category="conv",
        summary="Adds what is near the edge of a volume, mirrored, on every side.",
        when="In networks that give pictures: no dark rim appears at the edge.",
        shape="C×D×H×W to C×D'×H'×W'",
        formula="D' = D + 2·padding",
        aliases=("mirror", "reflect", "border", "pad"),
        link=docs("nn.ReflectionPad3d"),
    )

    padding: Annotated[Span3, AROUND] = 1


class ReplicationPad1d(Padding, frozen=True, kw_only=True):
    """The edge of a sequence, repeated."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="ReplicationPad1d",
        category="conv",
        summary="Repeats the outermost numbers of a sequence on every side.",
        when="In networks that give pictures, where mirroring would show.",
        shape="C×T to C×T'",
        formula="T' = T + 2·padding",
        aliases=("replicate", "edge", "border", "pad"),
        link=docs("nn.ReplicationPad1d"),
    )

    padding: Annotated[int, AROUND] = 1


class ReplicationPad2d(Padding, frozen=True, kw_only=True):
    """The edge of an image, repeated."""

    info: ClassVar = LayerInfo(
        title="ReplicationPad2d",
        category="conv",
        summary="Repeats the outermost numbers of an image on every side.",
        when="In networks that give pictures, where mirroring would show.",
        shape="C×H×W to C×H'×W'",
        formula="H' = H + 2·padding",
        aliases=("replicate", "edge", "border", "pad"),
        link=docs("nn.ReplicationPad2d"),
    )

    padding: Annotated[Span, AROUND] = 1


class ReplicationPad3d(Padding, frozen=True, kw_only=True):
    """The edge of a volume, repeated."""

    axes: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="ReplicationPad3d",
        category="conv",
        summary="Repeats the outermost numbers of a volume on every side.",
        when="In networks that give pictures, where mirroring would show.",
        shape="C×D×H×W to C×D'×H'×W'",
        formula="D' = D + 2·padding",
        aliases=("replicate", "edge", "border", "pad"),
        link=docs("nn.ReplicationPad3d"),
    )

    padding: Annotated[Span3, AROUND] = 1


class CircularPad1d(Mirroring, frozen=True, kw_only=True):
    """The other side of a sequence."""

    axes: ClassVar[int] = 1
    spare: ClassVar[int] = 0

    info: ClassVar = LayerInfo(
        title="CircularPad1d",
        category="conv",
        summary="Adds what stands at the other end of a sequence on every side.",
        when="For what has no edge: angles, panoramas, the globe.",
        shape="C×T to C×T'",
        formula="T' = T + 2·padding",
        aliases=("wrap", "periodic", "ring", "border", "pad"),
        link=docs("nn.CircularPad1d"),
    )

    padding: Annotated[int, AROUND] = 1


class CircularPad2d(Mirroring, frozen=True, kw_only=True):
    """The other side of an image."""

    spare: ClassVar[int] = 0

    info: ClassVar = LayerInfo(
        title="CircularPad2d",
        category="conv",
        summary="Adds what stands at the other end of an image on every side.",
        when="For what has no edge: angles, panoramas, the globe.",
        shape="C×H×W to C×H'×W'",
        formula="H' = H + 2·padding",
        aliases=("wrap", "periodic", "ring", "border", "pad"),
        link=docs("nn.CircularPad2d"),
    )

    padding: Annotated[Span, AROUND] = 1


class CircularPad3d(Mirroring, frozen=True, kw_only=True):
    """The other side of a volume."""

    axes: ClassVar[int] = 3
    spare: ClassVar[int] = 0

    info: ClassVar = LayerInfo(
        title="CircularPad3d",
        category="conv",
        summary="Adds what stands at the other end of a volume on every side.",
        when="For what has no edge: angles, panoramas, the globe.",
        shape="C×D×H×W to C×D'×H'×W'",
        formula="D' = D + 2·padding",
        aliases=("wrap", "periodic", "ring", "border", "pad"),
        link=docs("nn.CircularPad3d"),
    )

    padding: Annotated[Span3, AROUND] = 1


LAYERS = (
    ZeroPad1d,
    ZeroPad2d,
    ZeroPad3d,
    ConstantPad1d,
    ConstantPad2d,
    ConstantPad3d,
    ReflectionPad1d,
    ReflectionPad2d,
    ReflectionPad3d,
    ReplicationPad1d,
    ReplicationPad2d,
    ReplicationPad3d,
    CircularPad1d,
    CircularPad2d,
    CircularPad3d,
)
