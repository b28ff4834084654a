"""Images cut into windows and put together again, and channels that change places."""

import math
from typing import Annotated, ClassVar

from nodes.errors import ShapeError
from nodes.expectations import must_come_out_even, must_share_out, needs_image, needs_sequence
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing, docs, short
from nodes.params import Param, Span
from nodes.sizes import product
from nodes.tensors import Inputs, TensorType, needs_float, text_of
from nodes.windows import Window, each, fits, single, slide

KERNEL = Param(
    "Kernel size",
    "The height and the width of the windows.",
    low=1,
    unit="px",
    suggest=(3, 4, 8),
    on_card="{}",
)
STRIDE = Param("Stride", "The step between windows.", low=1, unit="px", suggest=(1, 2))
PADDING = Param(
    "Padding", "Zeros added on every side before cutting.", low=0, unit="px", suggest=(0, 1)
)
DILATION = Param(
    "Dilation",
    "The distance between the pixels of one window.",
    low=1,
    unit="px",
    suggest=(1, 2),
    advanced=True,
)


class Windowed(Layer, frozen=True, kw_only=True):
    """What cutting into windows and putting together share."""

    kernel_size: Annotated[Span, KERNEL] = 3
    stride: Annotated[Span, STRIDE] = 1
    padding: Annotated[Span, PADDING] = 0
    dilation: Annotated[Span, DILATION] = 1

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        stride = each(self.stride, 2)
        parts = [short(each(self.kernel_size, 2))]
        parts += [f"stride {short(single(stride))}"] if set(stride) != {1} else []
        return " · ".join(parts)

    def windows(self) -> tuple[Window, ...]:
        """Return how the windows stand along height and width."""
        spans = (self.kernel_size, self.stride, self.padding, self.dilation)
        return tuple(
            Window(kernel=kernel, stride=stride, padding=padding, dilation=dilation)
            for kernel, stride, padding, dilation in zip(*(each(s, 2) for s in spans), strict=True)
        )

    def _differing(self) -> tuple[tuple[str, object], ...]:
        return differing(
            ("dilation", single(each(self.dilation, 2)), 1),
            ("padding", single(each(self.padding, 2)), 0),
            ("stride", single(each(self.stride, 2)), 1),
        )

    def _too_small(self, sizes: str) -> ShapeError:
        reach = text_of(window.reach for window in self.windows())
        return ShapeError(
            "The windows are larger than the image",
            why=f"A window spans {reach}, the image is {sizes}.",
            hint="Take smaller windows or more padding.",
            reason="image too small",
            code="LL-S003",
        )


class Unfold(Windowed, frozen=True, kw_only=True):
    """An image as a row of windows."""

    info: ClassVar = LayerInfo(
        title="Unfold",
        category="shape",
        summary="Cuts windows out of an image and writes each as one column.",
        when="To treat patches of an image by themselves, as a vision transformer does.",
        shape="C×H×W to C·kernel²×windows",
        aliases=("im2col", "patches", "windows", "sliding window", "extract patches"),
        link=docs("nn.Unfold"),
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_image(x, self.info.title)
        places = slide(self.windows(), x.sizes[2:])
        if not fits(places):
            raise self._too_small(text_of(x.sizes[2:]))
        column = x.sizes[1] * product(each(self.kernel_size, 2))
        return (x.with_sizes(x.sizes[0], column, product(places)),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        kernel = single(each(self.kernel_size, 2))
        return Lowering(
            expression="{module}({x})", module=Call("nn.Unfold", (kernel,), self._differing())
        )


class Fold(Windowed, frozen=True, kw_only=True):
    """A row of windows as an image."""

    info: ClassVar = LayerInfo(
        title="Fold",
        category="shape",
        summary="Puts windows back to where they stood in an image; where they overlap they are "
        "added.",
        when="After Unfold and what treats the windows, with the same kernel size and stride.",
        shape="C·kernel²×windows to C×H×W",
        aliases=("col2im", "patches", "overlap add", "assemble patches"),
        link=docs("nn.Fold"),
    )

    output_size: Annotated[
        Span,
        Param(
            "Output size",
            "The height and the width of the image.",
            low=1,
            unit="px",
            suggest=(28, 32, 224),
            on_card="to {}",
        ),
    ] = 28

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_sequence(x, self.info.title)
        taps = each(self.kernel_size, 2)
        must_hold(x, taps)
        size = each(self.output_size, 2)
        places = slide(self.windows(), size)
        if not fits(places):
            raise self._too_small(text_of(size))
        count = product(places)
        if isinstance(x.sizes[2], int) and x.sizes[2] != count:
            raise ShapeError(
                f"{count} windows make {text_of(size)}",
                why=f"It receives {x.sizes[2]} windows of {short(taps)}.",
                hint="Set kernel size and stride as in the Unfold before, and the size of its "
                "image.",
                reason="count differs",
                code="LL-S009",
            )
        return (x.with_sizes(x.sizes[0], x.sizes[1] // math.prod(taps), *size),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        size, kernel = single(each(self.output_size, 2)), single(each(self.kernel_size, 2))
        module = Call("nn.Fold", (size, kernel), self._differing())
        return Lowering(expression="{module}({x})", module=module)

    def on_card(self, inputs: Inputs | None) -> str:
        return f"to {short(each(self.output_size, 2))} · {super().on_card(inputs)}"


def must_hold(x: TensorType, taps: tuple[int, ...]) -> None:
    """Refuse columns that are no whole windows.

    Raises:
        ShapeError: The numbers of a column are not so many for each of some channels.
    """
    count = math.prod(taps)
    must_come_out_even(x.sizes[1], count, "Fold")
    if isinstance(x.sizes[1], int) and x.sizes[1] % count:
        raise ShapeError(
            f"{count} does not divide {x.sizes[1]}",
            why=f"A window of {short(taps)} has {count} numbers for each channel.",
            hint="Set the kernel size of the Unfold before.",
            reason="windows do not divide",
            code="LL-S005",
        )


class ChannelShuffle(Layer, frozen=True, kw_only=True):
    """Channels of several groups, mixed."""

    info: ClassVar = LayerInfo(
        title="ChannelShuffle",
        category="shape",
        summary="Deals the channels of several groups out in turn, like cards.",
        when="Between convolutions with groups, so that the groups learn of each other.",
        shape="C×…, unchanged",
        aliases=("shufflenet", "mix groups", "permute channels"),
        reference="Zhang et al. 2017, ShuffleNet",
        link=docs("nn.ChannelShuffle"),
    )

    groups: Annotated[
        int,
        Param(
            "Groups",
            "As in the convolution before.",
            low=1,
            suggest=(2, 4, 8),
            on_card="{} groups",
        ),
    ] = 2

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        if x.rank < 3:
            needs_image(x, self.info.title)
        must_come_out_even(x.sizes[1], self.groups, self.info.title)
        must_share_out(
            x.sizes[1],
            self.groups,
            title=self.info.title,
            what="channels",
            parameter="groups",
            unit="groups",
        )
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(
            expression="{module}({x})", module=Call("nn.ChannelShuffle", (self.groups,))
        )


LAYERS = (Unfold, Fold, ChannelShuffle)
