"""Pooling and resizing: fewer or more pixels, nothing learned."""

from typing import Annotated, ClassVar, Literal

from nodes.errors import Remedy, ShapeError
from nodes.expectations import needs_image, needs_sequence
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing, short
from nodes.params import Param, Span
from nodes.sizes import Size
from nodes.tensors import Inputs, TensorType, text_of
from nodes.windows import Window, explain, fits, pair, single, slide, spans

KERNEL = Param(
    "Kernel size",
    "The size of the window that becomes one pixel.",
    low=1,
    unit="px",
    suggest=(2, 3),
)
STRIDE = Param(
    "Stride",
    "The step between windows. Left empty it is the kernel size, so that windows do not overlap.",
    low=1,
    unit="px",
    suggest=(1, 2),
)
PADDING = Param(
    "Padding",
    "Pixels added on every side, at most half of the kernel.",
    low=0,
    unit="px",
    suggest=(0, 1),
)
CEIL = Param(
    "Round up",
    "Keeps a last window that reaches over the edge, so that no pixel is left out.",
    advanced=True,
)


class Pooling(Layer, frozen=True, kw_only=True):
    """What pooling over windows shares, along one axis or two."""

    axes: ClassVar[int] = 2

    kernel_size: Annotated[Span, KERNEL] = 2
    stride: Annotated[Span | None, STRIDE] = None
    padding: Annotated[Span, PADDING] = 0
    ceil_mode: Annotated[bool, CEIL] = False

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        if self.axes == 2:
            needs_image(x, self.info.title)
        else:
            needs_sequence(x, self.info.title)
        self._padding_fits()
        places = slide(self._windows(), x.sizes[2:])
        if not fits(places):
            raise self._too_small(x)
        return (x.with_sizes(*x.sizes[:2], *places),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        kernel = single(self._each(self.kernel_size))
        module = Call(f"nn.{type(self).__name__}", (kernel,), self._differing())
        return Lowering(expression="{module}({x})", module=module)

    def explain(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> str:
        sizes = zip(self._windows(), inputs["x"].sizes[2:], outputs[0].sizes[2:], strict=True)
        return explain(tuple(window.explain(size, out) for window, size, out in sizes))

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        kernel, stride = self._each(self.kernel_size), self._strides()
        parts = [short(kernel if self.axes == 2 else kernel[0])]
        if stride != kernel:
            parts.append(f"stride {short(single(stride))}")
        if any(self._each(self.padding)):
            parts.append(f"padding {short(single(self._each(self.padding)))}")
        return " · ".join(parts)

    def _dilation(self) -> Span:
        return 1

    def _each(self, span: Span) -> tuple[int, ...]:
        return pair(span)[: self.axes]

    def _strides(self) -> tuple[int, ...]:
        return self._each(self.kernel_size if self.stride is None else self.stride)

    def _windows(self) -> tuple[Window, ...]:
        parts = zip(
            self._each(self.kernel_size),
            self._strides(),
            self._each(self.padding),
            self._each(self._dilation()),
            strict=True,
        )
        return tuple(
            Window(
                kernel=kernel,
                stride=stride,
                padding=padding,
                dilation=dilation,
                ceil=self.ceil_mode,
            )
            for kernel, stride, padding, dilation in parts
        )

    def _differing(self) -> tuple[tuple[str, object], ...]:
        """Return the arguments that differ from torch's defaults, in torch's order."""
        kernel = single(self._each(self.kernel_size))
        return differing(
            ("stride", single(self._strides()), kernel),
            ("padding", single(self._each(self.padding)), 0),
            ("dilation", single(self._each(self._dilation())), 1),
            ("ceil_mode", self.ceil_mode, False),
        )

    def _padding_fits(self) -> None:
        allowed = tuple(kernel // 2 for kernel in self._each(self.kernel_size))
        if all(
            window.padding <= most for window, most in zip(self._windows(), allowed, strict=True)
        ):
            return
        best = tuple(
            min(p, most) for p, most in zip(self._each(self.padding), allowed, strict=True)
        )
        raise ShapeError(
            "The padding is larger than half of the kernel",
            why=f"A window of {short(self._each(self.kernel_size))} could lie outside the image "
            f"with padding {short(single(self._each(self.padding)))}.",
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

    def _too_small(self, x: TensorType) -> ShapeError:
        what = "image" if self.axes == 2 else "sequence"
        pixel = "pixel" if self.axes == 2 else "step"
        return ShapeError(
            f"The {what} becomes smaller than 1 {pixel}",
            why=f"A window of {text_of(window.reach for window in self._windows())} does not fit "
            f"into {text_of(x.sizes[2:])}.",
            reason=f"{what} too small",
            code="LL-S003",
            remedies=(
                Remedy(label="Remove this pooling", action="remove"),
                *self._smaller_window(x.sizes[2:]),
            ),
        )

    def _smaller_window(self, sizes: tuple[Size, ...]) -> tuple[Remedy, ...]:
        """Offer the largest window that stands on the image itself, moving pixel by pixel."""
        kernel = tuple(
            min(window.kernel, (size - 1) // window.dilation + 1)
            if isinstance(size, int)
            else window.kernel
            for size, window in zip(sizes, self._windows(), strict=True)
        )
        params: dict[str, object] = {"kernel_size": spans(kernel), "stride": 1}
        label = f"Set kernel size to {short(single(kernel))}, stride 1"
        if any(self._each(self.padding)):
            params["padding"] = 0
            label += ", padding 0"
        return (Remedy(label=label, action="set_params", params=params),)


MAX_DILATION = Param(
    "Dilation",
    "The distance between the pixels of one window.",
    low=1,
    unit="px",
    suggest=(1, 2),
    advanced=True,
)


class MaxPool1d(Pooling, frozen=True, kw_only=True):
    """The largest number of each window of a sequence."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="MaxPool1d",
        category="pool",
        summary="Keeps the largest number of each window, so that the sequence becomes shorter.",
        when="Between 1-d convolutions, to see more of the sequence with fewer numbers.",
        shape="C×T to C×T'",
        formula="T' = ⌊(T + 2·padding − dilation·(kernel − 1) − 1) ÷ stride⌋ + 1",
        aliases=("shorter sequence", "downsample", "subsampling", "halve", "max pooling"),
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html",
    )

    kernel_size: Annotated[int, KERNEL] = 2
    stride: Annotated[int | None, STRIDE] = None
    padding: Annotated[int, PADDING] = 0
    dilation: Annotated[int, MAX_DILATION] = 1

    def _dilation(self) -> Span:
        return self.dilation


class MaxPool2d(Pooling, frozen=True, kw_only=True):
    """The largest number of each window of an image."""

    info: ClassVar = LayerInfo(
        title="MaxPool2d",
        category="pool",
        summary="Keeps the largest number of each window, so that the image becomes smaller.",
        when="Between convolutions, to see more of the image with fewer numbers. Small shifts of "
        "what is in the picture then matter less.",
        shape="C×H×W to C×H'×W'",
        formula="H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) ÷ stride⌋ + 1",
        aliases=("smaller image", "downsample", "subsampling", "halve", "max pooling"),
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html",
    )

    dilation: Annotated[Span, MAX_DILATION] = 1

    def _dilation(self) -> Span:
        return self.dilation


class AveragePooling(Pooling, frozen=True, kw_only=True):
    """What average pooling shares, along one axis or two."""

    count_include_pad: Annotated[
        bool,
        Param(
            "Count the padding",
            "Takes the zeros of the padding into the mean.",
            when="padding",
            advanced=True,
        ),
    ] = True

    def _differing(self) -> tuple[tuple[str, object], ...]:
        return (
            *super()._differing(),
            *differing(("count_include_pad", self.count_include_pad, True)),
        )


class AvgPool1d(AveragePooling, frozen=True, kw_only=True):
    """The mean of each window of a sequence."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="AvgPool1d",
        category="pool",
        summary="Takes the mean of each window, so that the sequence becomes shorter.",
        when="To shorten a sequence smoothly, where every number should count.",
        shape="C×T to C×T'",
        formula="T' = ⌊(T + 2·padding − kernel) ÷ stride⌋ + 1",
        aliases=("shorter sequence", "downsample", "mean", "average pooling", "smooth"),
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html",
    )

    kernel_size: Annotated[int, KERNEL] = 2
    stride: Annotated[int | None, STRIDE] = None
    padding: Annotated[int, PADDING] = 0


class AvgPool2d(AveragePooling, frozen=True, kw_only=True):
    """The mean of each window of an image."""

    info: ClassVar = LayerInfo(
        title="AvgPool2d",
        category="pool",
        summary="Takes the mean of each window, so that the image becomes smaller.",
        when="To make an image smaller smoothly, where every pixel should count.",
        shape="C×H×W to C×H'×W'",
        formula="H' = ⌊(H + 2·padding − kernel) ÷ stride⌋ + 1",
        aliases=("smaller image", "downsample", "mean", "average pooling", "blur"),
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html",
    )


class AdaptiveAvgPool2d(Layer, frozen=True, kw_only=True):
    """An image of a wanted size, whatever arrives."""

    info: ClassVar = LayerInfo(
        title="AdaptiveAvgPool2d",
        category="pool",
        summary="Makes an image of exactly the size asked for, by means over even parts.",
        when="Before the linear layers, so that the network takes images of any size.",
        shape="C×H×W to C×size×size",
        aliases=("smaller image", "fixed size", "average pooling", "gap"),
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html",
    )

    output_size: Annotated[
        Span,
        Param(
            "Output size",
            "The height and the width that come out.",
            low=1,
            unit="px",
            suggest=(1, 2, 4, 7),
        ),
    ] = 1

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_image(x, self.info.title)
        return (x.with_sizes(*x.sizes[:2], *pair(self.output_size)),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call("nn.AdaptiveAvgPool2d", (single(pair(self.output_size)),))
        return Lowering(expression="{module}({x})", module=module)

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"to {short(pair(self.output_size))}"


class GlobalAvgPool2d(Layer, frozen=True, kw_only=True):
    """One number for each channel."""

    info: ClassVar = LayerInfo(
        title="GlobalAvgPool2d",
        category="pool",
        summary="Takes the mean of each channel: an image becomes a vector.",
        when="Before the last Linear, in place of Flatten: far fewer weights, and images of any "
        "size fit.",
        shape="C×H×W to C",
        formula="mean over H and W",
        aliases=("gap", "global average pooling", "mean", "squeeze", "vector"),
        reference="Lin, Chen and Yan 2013, Network In Network",
        compact=True,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_image(x, self.info.title)
        return (x.with_sizes(*x.sizes[:2]),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="F.adaptive_avg_pool2d({x}, 1).flatten(1)")


class Upsample(Layer, frozen=True, kw_only=True):
    """A larger image."""

    info: ClassVar = LayerInfo(
        title="Upsample",
        category="pool",
        summary="Makes an image larger by repeating or blending its pixels.",
        when="On the way back up in networks that give an image, such as U-Net. A convolution "
        "after it smooths what was repeated.",
        shape="C×H×W to C×factor·H×factor·W",
        aliases=("larger image", "resize", "interpolate", "enlarge", "unpool", "scale"),
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html",
    )

    scale_factor: Annotated[
        Span,
        Param(
            "Factor",
            "How many times larger the image becomes.",
            low=1,
            high=1024,
            suggest=(2, 4),
        ),
    ] = 2
    mode: Annotated[
        Literal["nearest", "bilinear", "bicubic"],
        Param("Mode", "“nearest” repeats pixels, “bilinear” and “bicubic” blend neighbours."),
    ] = "nearest"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_image(x, self.info.title)
        height, width = pair(self.scale_factor)
        return (x.with_sizes(*x.sizes[:2], x.sizes[2] * height, x.sizes[3] * width),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        kwargs = (
            ("scale_factor", single(pair(self.scale_factor))),
            *differing(("mode", self.mode, "nearest")),
        )
        return Lowering(expression="{module}({x})", module=Call("nn.Upsample", (), kwargs))

    def explain(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> str:
        sizes = zip(
            pair(self.scale_factor), inputs["x"].sizes[2:], outputs[0].sizes[2:], strict=True
        )
        return explain(tuple(f"{size} · {factor} = {out}" for factor, size, out in sizes))

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        factor = f"×{short(single(pair(self.scale_factor)))}"
        return factor if self.mode == "nearest" else f"{factor} · {self.mode}"


LAYERS = (
    MaxPool1d,
    MaxPool2d,
    AvgPool1d,
    AvgPool2d,
    AdaptiveAvgPool2d,
    GlobalAvgPool2d,
    Upsample,
)
