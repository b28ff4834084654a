"""Convolutions: small learned filters that slide over an image or a sequence."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from nodes.activation import FUSED, ActivationName, activated
from nodes.errors import Remedy, ShapeError
from nodes.expectations import must_divide, needs_image, needs_sequence
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing, short
from nodes.params import Param, Span
from nodes.sizes import Size, counted, product
from nodes.tensors import Inputs, TensorType, text_of
from nodes.windows import Window, explain, fits, pair, single, slide, spans

Padding: TypeAlias = Literal["same", "valid"] | Span
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
    """What convolutions along one and two axes share."""

    axes: ClassVar[int] = 2

    out_channels: Annotated[int, CHANNELS] = 16
    kernel_size: Annotated[Span, KERNEL] = 3
    stride: Annotated[Span, STRIDE] = 1
    padding: Annotated[Padding, PADDING] = "same"
    dilation: Annotated[Span, DILATION] = 1
    groups: Annotated[int, GROUPS] = 1
    padding_mode: Annotated[PaddingMode, PADDING_MODE] = "zeros"
    bias: Annotated[bool, BIAS] = True
    activation: Annotated[ActivationName, FUSED] = "none"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        title = self.info.title
        if self.axes == 2:
            needs_image(x, title)
        else:
            needs_sequence(x, title)
        _groups_divide(title, self.groups, x.sizes[1], self.out_channels)
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
        sizes = zip(self._windows(), inputs["x"].sizes[2:], outputs[0].sizes[2:], strict=True)
        return explain(tuple(window.explain(size, out) for window, size, out in sizes))

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        kernel = self._each(self.kernel_size)
        parts = [str(self.out_channels), short(kernel if self.axes == 2 else kernel[0])]
        for name in ("stride", "dilation", "groups"):
            values = self._each(getattr(self, name))
            if set(values) != {1}:
                parts.append(f"{name} {short(single(values))}")
        return " · ".join(parts[:3])

    def _each(self, span: Span) -> tuple[int, ...]:
        return pair(span)[: self.axes]

    def _what(self) -> str:
        return "image" if self.axes == 2 else "sequence"

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

    def _windows(self) -> tuple[Window, ...]:
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
        return sizes if self._keeps_size() else slide(self._windows(), sizes)

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
        uneven = any((window.reach - 1) % 2 for window in self._windows())
        return "same" if self._keeps_size() and uneven else single(self._paddings())

    def _padding_fits(self, sizes: tuple[Size, ...]) -> None:
        """Refuse to mirror or wrap around more than there is."""
        spare = {"reflect": 1, "circular": 0}.get(self.padding_mode)
        if spare is None:
            return
        for size, window in zip(sizes, self._windows(), strict=True):
            # Of an uneven "same" the larger side counts.
            padding = window.padding
            if self._keeps_size():
                padding = window.reach // 2
            if isinstance(size, int) and padding > size - spare:
                raise ShapeError(
                    f"The padding is larger than the {self._what()}",
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
        what = self._what()
        windows = self._windows()
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
        windows = self._windows()
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
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html",
    )


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
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html",
    )

    kernel_size: Annotated[int, KERNEL] = 3
    stride: Annotated[int, STRIDE] = 1
    padding: Annotated[Literal["same", "valid"] | int, PADDING] = "same"
    dilation: Annotated[int, DILATION] = 1


class ConvTranspose2d(Layer, frozen=True, kw_only=True):
    """A learned way to make an image larger."""

    info: ClassVar = LayerInfo(
        title="ConvTranspose2d",
        category="conv",
        summary="Makes an image larger: every pixel paints a learned pattern.",
        when="In networks that give an image, such as decoders and U-Net. A kernel size that the "
        "stride divides avoids checkerboard patterns.",
        shape="C×H×W to K×H'×W'",
        formula="H' = (H − 1)·stride − 2·padding + dilation·(kernel − 1) + output padding + 1",
        aliases=("deconvolution", "deconv", "larger image", "upsample", "upconv", "decoder"),
        reference="Zeiler et al. 2010, Deconvolutional Networks",
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html",
    )

    out_channels: Annotated[int, CHANNELS] = 16
    kernel_size: Annotated[
        Span,
        Param(
            "Kernel size",
            "The size of the pattern that each pixel paints.",
            low=1,
            unit="px",
            suggest=(2, 4),
        ),
    ] = 2
    stride: Annotated[
        Span,
        Param(
            "Stride",
            "The distance between the patterns of two neighbours. 2 doubles the size.",
            low=1,
            unit="px",
            suggest=(2, 4),
        ),
    ] = 2
    padding: Annotated[
        Span,
        Param("Padding", "How much is cut off on every side.", low=0, unit="px", suggest=(0, 1)),
    ] = 0
    output_padding: Annotated[
        Span,
        Param(
            "Output padding",
            "Pixels added on one side of the output, to meet the size of an earlier layer.",
            low=0,
            unit="px",
            suggest=(0, 1),
            advanced=True,
        ),
    ] = 0
    dilation: Annotated[Span, DILATION] = 1
    groups: Annotated[int, GROUPS] = 1
    bias: Annotated[bool, BIAS] = True
    activation: Annotated[ActivationName, FUSED] = "none"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        title = self.info.title
        needs_image(x, title)
        _groups_divide(title, self.groups, x.sizes[1], self.out_channels)
        self._output_padding_fits()
        sizes = tuple(
            (size - 1) * stride - 2 * padding + reach + extra
            for size, (stride, padding, reach, extra) in zip(x.sizes[2:], self._axes(), strict=True)
        )
        if not fits(sizes):
            raise self._cut_away(x)
        return (x.with_sizes(x.sizes[0], self.out_channels, *sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        module = Call(
            "nn.ConvTranspose2d",
            (inputs["x"].sizes[1], self.out_channels),
            (
                ("kernel_size", single(pair(self.kernel_size))),
                *differing(
                    ("stride", single(pair(self.stride)), 1),
                    ("padding", single(pair(self.padding)), 0),
                    ("output_padding", single(pair(self.output_padding)), 0),
                    ("groups", self.groups, 1),
                    ("bias", self.bias, True),
                    ("dilation", single(pair(self.dilation)), 1),
                ),
            ),
        )
        return Lowering(expression=activated("{module}({x})", self.activation), module=module)

    def parameters(self, inputs: Inputs) -> int:
        weights = inputs["x"].sizes[1] * self._weights_per_input()
        return counted(weights + self.out_channels * int(self.bias))

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        return product(inputs["x"].sample) * self._weights_per_input()

    def explain(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> str:
        parts = []
        for size, out, (stride, padding, reach, extra) in zip(
            inputs["x"].sizes[2:], outputs[0].sizes[2:], self._axes(), strict=True
        ):
            terms = f"({size} − 1) · {stride}"
            terms += f" − 2·{padding}" if padding else ""
            parts.append(f"{terms} + {reach + extra} = {out}")
        return explain(tuple(parts))

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        parts = [str(self.out_channels), short(pair(self.kernel_size))]
        if set(pair(self.stride)) != {1}:
            parts.append(f"stride {short(single(pair(self.stride)))}")
        return " · ".join(parts)

    def _axes(self) -> tuple[tuple[int, int, int, int], ...]:
        """Return stride, padding, reach of the kernel and output padding along each axis."""
        taps = zip(pair(self.kernel_size), pair(self.dilation), strict=True)
        reaches = tuple(dilation * (kernel - 1) + 1 for kernel, dilation in taps)
        return tuple(
            zip(
                pair(self.stride),
                pair(self.padding),
                reaches,
                pair(self.output_padding),
                strict=True,
            )
        )

    def _weights_per_input(self) -> int:
        height, width = pair(self.kernel_size)
        return self.out_channels // self.groups * height * width

    def _output_padding_fits(self) -> None:
        steps = tuple(map(max, pair(self.stride), pair(self.dilation)))
        extra = pair(self.output_padding)
        if all(added < step for added, step in zip(extra, steps, strict=True)):
            return
        best = tuple(min(added, step - 1) for added, step in zip(extra, steps, strict=True))
        raise ShapeError(
            "The output padding is not smaller than the stride",
            why=f"Output padding {short(single(extra))} would leave pixels that nothing paints.",
            reason="output padding too large",
            code="LL-S006",
            remedies=(
                Remedy(
                    label=f"Set output padding to {short(single(best))}",
                    action="set_params",
                    params={"output_padding": spans(best)},
                ),
            ),
        )

    def _cut_away(self, x: TensorType) -> ShapeError:
        return ShapeError(
            "The padding cuts the whole image away",
            why=f"It receives {x} and cuts {short(single(pair(self.padding)))} off every side.",
            reason="image too small",
            code="LL-S003",
            remedies=(
                Remedy(label="Set padding to 0", action="set_params", params={"padding": 0}),
            ),
        )


def _groups_divide(title: str, groups: int, channels: Size, outputs: int) -> None:
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


LAYERS = (Conv1d, Conv2d, ConvTranspose2d)
