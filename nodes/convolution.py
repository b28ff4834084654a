"""Convolutions: small learned filters that slide over an image or a sequence."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from nodes.activation import FUSED, ActivationName, activated
from nodes.errors import Remedy, ShapeError
from nodes.expectations import MAPS, must_divide, needs_map
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing, docs, short
from nodes.params import AnySpan, Param, Span, Span3
from nodes.sizes import Size, counted, product
from nodes.tensors import Inputs, TensorType, text_of
from nodes.windows import Window, each, explain, fits, single, slide, spans

PaddingMode: TypeAlias = Literal["zeros", "reflect", "replicate", "circular"]

CHANNELS = Param(
    "Output channels",
    "How many filters are learned; each gives one channel of the output. More find more kinds of "
    "patterns and cost more.",
    low=1,
    suggest=(16, 32, 64, 128, 256),
)
KERNEL = Param(
    "Kernel size",
    "The size of the window a filter looks at. A larger one sees more at once and costs more.",
    low=1,
    unit="px",
    suggest=(1, 3, 5, 7),
)
STRIDE = Param(
    "Stride",
    "The step between windows. 2 halves the size of the output.",
    low=1,
    unit="px",
    suggest=(1, 2),
)
PADDING = Param(
    "Padding",
    "What is added on every side. “same” keeps the size (divided by the stride), “valid” adds "
    "nothing.",
    low=0,
    unit="px",
    suggest=(0, 1, 2, 3),
)
DILATION = Param(
    "Dilation",
    "The distance between the points a filter looks at. 2 sees twice as far with as many weights.",
    low=1,
    unit="px",
    suggest=(1, 2, 4),
    advanced=True,
)
GROUPS = Param(
    "Groups",
    "Splits the channels into groups that do not see each other. As many groups as input channels "
    "make it depthwise.",
    low=1,
    suggest=(1, 2, 4, 8),
    advanced=True,
)
PADDING_MODE = Param(
    "Padding mode",
    "What the padding is filled with: zeros, the mirrored image, its edge, or its other side.",
    advanced=True,
)
BIAS = Param(
    "Bias",
    "Adds a learned number to every channel. Not needed right before a batch norm.",
)


class Convolution(Layer, frozen=True, kw_only=True):
    """What convolutions along one, two and three axes share."""

    axes: ClassVar[int] = 2

    out_channels: Annotated[int, CHANNELS] = 16
    kernel_size: Annotated[AnySpan, KERNEL] = 3
    stride: Annotated[AnySpan, STRIDE] = 1
    padding: Annotated[Literal["same", "valid"] | AnySpan, PADDING] = "same"
    dilation: Annotated[AnySpan, DILATION] = 1
    groups: Annotated[int, GROUPS] = 1
    padding_mode: Annotated[PaddingMode, PADDING_MODE] = "zeros"
    bias: Annotated[bool, BIAS] = True
    activation: Annotated[ActivationName, FUSED] = "none"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        title = self.info.title
        needs_map(x, title, self.axes)
        groups_divide(title, self.groups, x.sizes[1], self.out_channels)
        self._padding_fits(x.sizes[2:])
        places = self._places(x.sizes[2:])
        if not fits(places):
            raise self._too_small(x)
        return (x.with_sizes(x.sizes[0], self.out_channels, *places),)

    def lower(self, inputs: Inputs) -> Lowering:
        module = Call(
            f"nn.{type(self).__name__}",
            (inputs["x"].sizes[1], self.out_channels),
            (("kernel_size", single(self._each(self.kernel_size))), *self._differing()),
        )
        return Lowering(expression=activated("{module}({x})", self.activation), module=module)

    def parameters(self, inputs: Inputs) -> int:
        return counted(self.out_channels * (self._weights_per_output(inputs) + int(self.bias)))

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        return product(outputs[0].sample) * self._weights_per_output(inputs)

    def explain(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> str:
        if self._keeps_size():
            return "The padding keeps the size"
        sizes = zip(self.windows(), inputs["x"].sizes[2:], outputs[0].sizes[2:], strict=True)
        return explain(tuple(window.explain(size, out) for window, size, out in sizes))

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        kernel = self._each(self.kernel_size)
        parts = [str(self.out_channels), short(kernel if self.axes > 1 else kernel[0])]
        for name in ("stride", "dilation", "groups"):
            values = self._each(getattr(self, name))
            if set(values) != {1}:
                parts.append(f"{name} {short(single(values))}")
        return " · ".join(parts[:3])

    def _each(self, span: AnySpan) -> tuple[int, ...]:
        return each(span, self.axes)

    def _keeps_size(self) -> bool:
        return self.padding == "same" and set(self._each(self.stride)) == {1}

    def _paddings(self) -> tuple[int, ...]:
        """Return what is added on each side; for "same" half of what the window reaches over."""
        if self.padding == "valid":
            return (0,) * self.axes
        if self.padding != "same":
            return self._each(self.padding)
        taps = zip(self._each(self.kernel_size), self._each(self.dilation), strict=True)
        return tuple(dilation * (kernel - 1) // 2 for kernel, dilation in taps)

    def windows(self) -> tuple[Window, ...]:
        """Return how the filter moves along each axis."""
        parts = zip(
            self._each(self.kernel_size),
            self._each(self.stride),
            self._paddings(),
            self._each(self.dilation),
            strict=True,
        )
        return tuple(
            Window(kernel=kernel, stride=stride, padding=padding, dilation=dilation)
            for kernel, stride, padding, dilation in parts
        )

    def _places(self, sizes: tuple[Size, ...]) -> tuple[Size, ...]:
        return sizes if self._keeps_size() else slide(self.windows(), sizes)

    def _weights_per_output(self, inputs: Inputs) -> Size:
        return inputs["x"].sizes[1] // self.groups * product(self._each(self.kernel_size))

    def _differing(self) -> tuple[tuple[str, object], ...]:
        """Return the arguments that differ from torch's defaults, in torch's order."""
        return differing(
            ("stride", single(self._each(self.stride)), 1),
            ("padding", self._written_padding(), 0),
            ("dilation", single(self._each(self.dilation)), 1),
            ("groups", self.groups, 1),
            ("bias", self.bias, True),
            ("padding_mode", self.padding_mode, "zeros"),
        )

    def _written_padding(self) -> object:
        # A number is what people write; it cannot say that one side gets a pixel more, as an
        # even kernel needs. With a stride torch refuses "same".
        uneven = any((window.reach - 1) % 2 for window in self.windows())
        return "same" if self._keeps_size() and uneven else single(self._paddings())

    def _padding_fits(self, sizes: tuple[Size, ...]) -> None:
        """Refuse to mirror or wrap around more than there is."""
        spare = {"reflect": 1, "circular": 0}.get(self.padding_mode)
        if spare is None:
            return
        for size, window in zip(sizes, self.windows(), strict=True):
            # Of an uneven "same" the larger side counts.
            padding = window.padding
            if self._keeps_size():
                padding = window.reach // 2
            if isinstance(size, int) and padding > size - spare:
                raise ShapeError(
                    f"The padding is larger than the {MAPS[self.axes]}",
                    why=f"{padding} on each side cannot be filled from {size}.",
                    reason="padding too large",
                    code="LL-S006",
                    remedies=(
                        Remedy(
                            label="Fill the padding with zeros",
                            action="set_params",
                            params={"padding_mode": "zeros"},
                        ),
                    ),
                )

    def _too_small(self, x: TensorType) -> ShapeError:
        what = MAPS[self.axes]
        windows = self.windows()
        reach = text_of(window.reach for window in windows)
        room = text_of(
            size + 2 * window.padding for size, window in zip(x.sizes[2:], windows, strict=True)
        )
        padded = ", padding included" if any(window.padding for window in windows) else ""
        return ShapeError(
            f"The kernel is larger than the {what}",
            why=f"The window spans {reach}, the {what} {room}{padded}.",
            reason=f"{what} too small",
            code="LL-S003",
            remedies=self._room_for_kernel(x.sizes[2:]),
        )

    def _room_for_kernel(self, sizes: tuple[Size, ...]) -> tuple[Remedy, ...]:
        windows = self.windows()
        # Rounded up, the added pixels on both sides make up for what is missing.
        needed = tuple(
            max(window.padding, (window.reach - size + 1) // 2)
            if isinstance(size, int)
            else window.padding
            for size, window in zip(sizes, windows, strict=True)
        )
        kernel = tuple(
            min(window.kernel, max(1, (size + 2 * window.padding - 1) // window.dilation + 1))
            if isinstance(size, int)
            else window.kernel
            for size, window in zip(sizes, windows, strict=True)
        )
        return (
            Remedy(
                label=f"Set padding to {short(single(needed))}",
                action="set_params",
                params={"padding": spans(needed)},
            ),
            Remedy(
                label=f"Set kernel size to {short(single(kernel))}",
                action="set_params",
                params={"kernel_size": spans(kernel)},
            ),
        )


class Conv2d(Convolution, frozen=True, kw_only=True):
    """Filters over an image."""

    info: ClassVar = LayerInfo(
        title="Conv2d",
        category="conv",
        summary="Slides small learned filters over an image and shows where each one matches.",
        when="The first choice for images. Stack several: the first find edges and strokes, later "
        "ones find parts and whole objects.",
        shape="C×H×W to K×H'×W'",
        formula="H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) ÷ stride⌋ + 1",
        aliases=("convolution", "filter", "cnn", "feature map", "depthwise", "pointwise"),
        reference="LeCun et al. 1998, Gradient-Based Learning Applied to Document Recognition",
        link=docs("nn.Conv2d"),
    )

    kernel_size: Annotated[Span, KERNEL] = 3
    stride: Annotated[Span, STRIDE] = 1
    padding: Annotated[Literal["same", "valid"] | Span, PADDING] = "same"
    dilation: Annotated[Span, DILATION] = 1


class Conv1d(Convolution, frozen=True, kw_only=True):
    """Filters over a sequence."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="Conv1d",
        category="conv",
        summary="Slides small learned filters along a sequence and shows where each one matches.",
        when="For sound, sensor readings and other series, where what is near in time belongs "
        "together.",
        shape="C×T to K×T'",
        formula="T' = ⌊(T + 2·padding − dilation·(kernel − 1) − 1) ÷ stride⌋ + 1",
        aliases=("convolution", "filter", "signal", "time series", "temporal", "tcn"),
        reference="Waibel et al. 1989, Phoneme Recognition Using Time-Delay Neural Networks",
        link=docs("nn.Conv1d"),
    )

    kernel_size: Annotated[int, KERNEL] = 3
    stride: Annotated[int, STRIDE] = 1
    padding: Annotated[Literal["same", "valid"] | int, PADDING] = "same"
    dilation: Annotated[int, DILATION] = 1


class Conv3d(Convolution, frozen=True, kw_only=True):
    """Filters over a volume."""

    axes: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="Conv3d",
        category="conv",
        summary="Slides small learned filters through a volume and shows where each one matches.",
        when="For scans of bodies and for short videos, where the third axis is depth or time. "
        "It costs much more than Conv2d.",
        shape="C×D×H×W to K×D'×H'×W'",
        formula="D' = ⌊(D + 2·padding − dilation·(kernel − 1) − 1) ÷ stride⌋ + 1",
        aliases=("convolution", "filter", "volume", "video", "medical scan", "voxel"),
        reference="Ji et al. 2010, 3D Convolutional Neural Networks for Human Action Recognition",
        link=docs("nn.Conv3d"),
    )

    kernel_size: Annotated[Span3, KERNEL] = 3
    stride: Annotated[Span3, STRIDE] = 1
    padding: Annotated[Literal["same", "valid"] | Span3, PADDING] = "same"
    dilation: Annotated[Span3, DILATION] = 1


def groups_divide(title: str, groups: int, channels: Size, outputs: int) -> None:
    """Refuse a number of groups that does not share out inputs and outputs evenly.

    Raises:
        ShapeError: ``groups`` does not divide one of them.
    """
    must_divide(groups, channels, title=title, parameter="groups", outputs=outputs)
    if outputs % groups == 0:
        return
    below = outputs // groups * groups
    raise ShapeError(
        f"{groups} groups do not divide {outputs}",
        why=f"Each group gives the same share of the {outputs} output channels.",
        reason="groups do not divide",
        code="LL-S005",
        remedies=tuple(
            Remedy(
                label=f"Use {count} output channels",
                action="set_params",
                params={"out_channels": count},
            )
            for count in (below + groups, below)
            if count
        ),
    )


LAYERS = (Conv1d, Conv2d, Conv3d)
