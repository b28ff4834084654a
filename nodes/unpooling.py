"""Max pooling undone: each number goes back to the place it was taken from."""

from typing import Annotated, ClassVar

from nodes.errors import Remedy, ShapeError
from nodes.expectations import described, needs_map
from nodes.layer import Call, Layer, LayerInfo, Lowering, Port, differing, docs, short
from nodes.params import AnySpan, Param, Span, Span3
from nodes.tensors import Inputs, TensorType
from nodes.windows import each, fits, single

KERNEL = Param(
    "Kernel size",
    "The window of the max pooling that is undone.",
    low=1,
    unit="px",
    suggest=(2, 3),
)
STRIDE = Param(
    "Stride",
    "The step of the max pooling that is undone. Left empty it is the kernel size.",
    low=1,
    unit="px",
    suggest=(2,),
)
PADDING = Param(
    "Padding", "The padding of the max pooling that is undone.", low=0, unit="px", suggest=(0,)
)
PORTS = (
    Port(name="x", help="The numbers to put back"),
    Port(name="indices", help="Their places, from a max pooling that gives places"),
)
ALIASES = ("undo max pooling", "unpool", "upsample", "decoder", "segnet")
REFERENCE = "Zeiler et al. 2011, Adaptive Deconvolutional Networks for Mid and High Level Features"


class Unpooling(Layer, frozen=True, kw_only=True):
    """What undoing max pooling shares."""

    axes: ClassVar[int] = 2

    kernel_size: Annotated[AnySpan, KERNEL] = 2
    stride: Annotated[AnySpan | None, STRIDE] = None
    padding: Annotated[AnySpan, PADDING] = 0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, places = inputs["x"], inputs["indices"]
        needs_map(x, self.info.title, self.axes)
        _needs_places(self.info.title, x, places)
        kernel, stride, padding = self._windows()
        sizes = tuple(
            (size - 1) * step - 2 * cut + taps
            for size, taps, step, cut in zip(x.sizes[2:], kernel, stride, padding, strict=True)
        )
        if not fits(sizes):
            raise _cut_away(x, padding)
        return (x.with_sizes(*x.sizes[:2], *sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        kernel, stride, padding = (single(values) for values in self._windows())
        module = Call(
            f"nn.{type(self).__name__}",
            (kernel,),
            differing(("stride", stride, kernel), ("padding", padding, 0)),
        )
        return Lowering(expression="{module}({x}, {indices})", module=module)

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        kernel = each(self.kernel_size, self.axes)
        return short(kernel if self.axes > 1 else kernel[0])

    def _windows(self) -> tuple[tuple[int, ...], ...]:
        """Return kernel, stride and padding along each axis."""
        stride = self.kernel_size if self.stride is None else self.stride
        return tuple(each(span, self.axes) for span in (self.kernel_size, stride, self.padding))


def _needs_places(title: str, x: TensorType, places: TensorType) -> None:
    if places.dtype == "int" and places.sizes == x.sizes:
        return
    raise ShapeError(
        f"{title} needs a place for each number",
        why=f"It receives {described(x)} and {described(places)} as places.",
        hint="Connect the places that the max pooling gives.",
        reason="needs places",
        code="LL-S012",
    )


def _cut_away(x: TensorType, padding: tuple[int, ...]) -> ShapeError:
    return ShapeError(
        "The padding cuts everything away",
        why=f"It receives {x} and cuts {short(single(padding))} off every side.",
        reason="padding too large",
        code="LL-S003",
        remedies=(Remedy(label="Set padding to 0", action="set_params", params={"padding": 0}),),
    )


class MaxUnpool1d(Unpooling, frozen=True, kw_only=True):
    """Max pooling of a sequence, undone."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="MaxUnpool1d",
        category="pool",
        summary="Puts each number back where a max pooling found it, with zeros between.",
        when="On the way back up, in place of Upsample, where exact places matter.",
        shape="C×T to C×T'",
        formula="T' = (T − 1)·stride − 2·padding + kernel",
        aliases=ALIASES,
        reference=REFERENCE,
        link=docs("nn.MaxUnpool1d"),
        inputs=PORTS,
    )

    kernel_size: Annotated[int, KERNEL] = 2
    stride: Annotated[int | None, STRIDE] = None
    padding: Annotated[int, PADDING] = 0


class MaxUnpool2d(Unpooling, frozen=True, kw_only=True):
    """Max pooling of an image, undone."""

    info: ClassVar = LayerInfo(
        title="MaxUnpool2d",
        category="pool",
        summary="Puts each number back where a max pooling found it, with zeros between.",
        when="In decoders such as SegNet, where exact places matter: connect the places of the "
        "max pooling on the way down.",
        shape="C×H×W to C×H'×W'",
        formula="H' = (H − 1)·stride − 2·padding + kernel",
        aliases=(*ALIASES, "larger image"),
        reference=REFERENCE,
        link=docs("nn.MaxUnpool2d"),
        inputs=PORTS,
    )

    kernel_size: Annotated[Span, KERNEL] = 2
    stride: Annotated[Span | None, STRIDE] = None
    padding: Annotated[Span, PADDING] = 0


class MaxUnpool3d(Unpooling, frozen=True, kw_only=True):
    """Max pooling of a volume, undone."""

    axes: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="MaxUnpool3d",
        category="pool",
        summary="Puts each number back where a max pooling found it, with zeros between.",
        when="On the way back up in networks for volumes, where exact places matter.",
        shape="C×D×H×W to C×D'×H'×W'",
        formula="D' = (D − 1)·stride − 2·padding + kernel",
        aliases=ALIASES,
        reference=REFERENCE,
        link=docs("nn.MaxUnpool3d"),
        inputs=PORTS,
    )

    kernel_size: Annotated[Span3, KERNEL] = 2
    stride: Annotated[Span3 | None, STRIDE] = None
    padding: Annotated[Span3, PADDING] = 0


LAYERS = (MaxUnpool1d, MaxUnpool2d, MaxUnpool3d)
