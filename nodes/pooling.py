"""Pooling and resizing: fewer or more pixels, nothing learned."""

from typing import Annotated, ClassVar

from nodes.errors import Remedy, ShapeError
from nodes.expectations import MAPS, needs_map
from nodes.layer import Call, Layer, LayerInfo, Lowering, Port, differing, docs, short
from nodes.params import AnySpan, Param, Span, Span3
from nodes.sizes import Size
from nodes.tensors import Inputs, TensorType, text_of
from nodes.windows import Window, each, explain, fits, single, slide, spans

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
    """What pooling over windows shares, along one, two or three axes."""

    axes: ClassVar[int] = 2
    whole_windows: ClassVar[bool] = False
    """Torch refuses windows larger than the tensor even where padding makes room for them."""

    kernel_size: Annotated[AnySpan, KERNEL] = 2
    stride: Annotated[AnySpan | None, STRIDE] = None
    ceil_mode: Annotated[bool, CEIL] = False

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_map(x, self.info.title, self.axes)
        places = slide(self.windows(), x.sizes[2:])
        if not fits(places) or (self.whole_windows and not self._inside(x.sizes[2:])):
            raise self._too_small(x)
        return (x.with_sizes(*x.sizes[:2], *places),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        kernel = single(self._each(self.kernel_size))
        module = Call(f"nn.{type(self).__name__}", (kernel,), self._differing())
        return Lowering(expression="{module}({x})", module=module)

    def explain(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> str:
        sizes = zip(self.windows(), inputs["x"].sizes[2:], outputs[0].sizes[2:], strict=True)
        return explain(tuple(window.explain(size, out) for window, size, out in sizes))

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        kernel, stride = self._each(self.kernel_size), self._strides()
        parts = [short(kernel if self.axes > 1 else kernel[0])]
        if stride != kernel:
            parts.append(f"stride {short(single(stride))}")
        if any(self._paddings()):
            parts.append(f"padding {short(single(self._paddings()))}")
        return " · ".join(parts)

    def _paddings(self) -> tuple[int, ...]:
        return (0,) * self.axes

    def _dilation(self) -> AnySpan:
        return 1

    def _each(self, span: AnySpan) -> tuple[int, ...]:
        return each(span, self.axes)

    def _inside(self, sizes: tuple[Size, ...]) -> bool:
        kernel = self._each(self.kernel_size)
        return fits(tuple(size - taps + 1 for size, taps in zip(sizes, kernel, strict=True)))

    def _strides(self) -> tuple[int, ...]:
        return self._each(self.kernel_size if self.stride is None else self.stride)

    def windows(self) -> tuple[Window, ...]:
        """Return how the window moves along each axis."""
        parts = zip(
            self._each(self.kernel_size),
            self._strides(),
            self._paddings(),
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
            ("padding", single(self._paddings()), 0),
            ("dilation", single(self._each(self._dilation())), 1),
            ("ceil_mode", self.ceil_mode, False),
        )

    def _too_small(self, x: TensorType) -> ShapeError:
        what = MAPS[self.axes]
        pixel = {1: "step", 2: "pixel", 3: "voxel"}[self.axes]
        return ShapeError(
            f"The {what} becomes smaller than 1 {pixel}",
            why=f"A window of {text_of(window.reach for window in self.windows())} does not fit "
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
            for size, window in zip(sizes, self.windows(), strict=True)
        )
        params: dict[str, object] = {"kernel_size": spans(kernel), "stride": 1}
        label = f"Set kernel size to {short(single(kernel))}, stride 1"
        if any(self._paddings()):
            params["padding"] = 0
            label += ", padding 0"
        return (Remedy(label=label, action="set_params", params=params),)


class PaddedPooling(Pooling, frozen=True, kw_only=True):
    """What pooling over windows that may reach over the edge shares."""

    padding: Annotated[AnySpan, PADDING] = 0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        needs_map(inputs["x"], self.info.title, self.axes)
        self._padding_fits()
        return super().infer(inputs)

    def _paddings(self) -> tuple[int, ...]:
        return self._each(self.padding)

    def _padding_fits(self) -> None:
        allowed = tuple(kernel // 2 for kernel in self._each(self.kernel_size))
        if all(
            window.padding <= most for window, most in zip(self.windows(), allowed, strict=True)
        ):
            return
        best = tuple(min(p, most) for p, most in zip(self._paddings(), allowed, strict=True))
        raise ShapeError(
            "The padding is larger than half of the kernel",
            why=f"A window of {short(self._each(self.kernel_size))} could lie outside "
            f"the {MAPS[self.axes]} "
            f"with padding {short(single(self._paddings()))}.",
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


INDICES = Param(
    "Give places",
    "Also puts out where in the window each largest number stood, as MaxUnpool needs it.",
    advanced=True,
)
MAX_DILATION = Param(
    "Dilation",
    "The distance between the pixels of one window.",
    low=1,
    unit="px",
    suggest=(1, 2),
    advanced=True,
)


class MaxPooling(PaddedPooling, frozen=True, kw_only=True):
    """What max pooling shares."""

    dilation: Annotated[AnySpan, MAX_DILATION] = 1
    return_indices: Annotated[bool, INDICES] = False

    def outputs(self) -> tuple[Port, ...]:
        places = Port(name="indices", help="Where each largest number stood")
        return (*self.info.outputs, places) if self.return_indices else self.info.outputs

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        (y,) = super().infer(inputs)
        return (y, TensorType(y.sizes, "int")) if self.return_indices else (y,)

    def _dilation(self) -> AnySpan:
        return self.dilation

    def _differing(self) -> tuple[tuple[str, object], ...]:
        places = (("return_indices", True),) if self.return_indices else ()
        return (*super()._differing(), *places)


class MaxPool1d(MaxPooling, frozen=True, kw_only=True):
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
        link=docs("nn.MaxPool1d"),
    )

    kernel_size: Annotated[int, KERNEL] = 2
    stride: Annotated[int | None, STRIDE] = None
    padding: Annotated[int, PADDING] = 0
    dilation: Annotated[int, MAX_DILATION] = 1


class MaxPool2d(MaxPooling, frozen=True, kw_only=True):
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
        link=docs("nn.MaxPool2d"),
    )

    kernel_size: Annotated[Span, KERNEL] = 2
    stride: Annotated[Span | None, STRIDE] = None
    padding: Annotated[Span, PADDING] = 0
    dilation: Annotated[Span, MAX_DILATION] = 1


class MaxPool3d(MaxPooling, frozen=True, kw_only=True):
    """The largest number of each window of a volume."""

    axes: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="MaxPool3d",
        category="pool",
        summary="Keeps the largest number of each window, so that the volume becomes smaller.",
        when="Between 3-d convolutions, to see more of the volume with fewer numbers.",
        shape="C×D×H×W to C×D'×H'×W'",
        formula="D' = ⌊(D + 2·padding − dilation·(kernel − 1) − 1) ÷ stride⌋ + 1",
        aliases=("smaller volume", "downsample", "subsampling", "halve", "max pooling", "video"),
        link=docs("nn.MaxPool3d"),
    )

    kernel_size: Annotated[Span3, KERNEL] = 2
    stride: Annotated[Span3 | None, STRIDE] = None
    padding: Annotated[Span3, PADDING] = 0
    dilation: Annotated[Span3, MAX_DILATION] = 1


class AveragePooling(PaddedPooling, frozen=True, kw_only=True):
    """What average pooling shares."""

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
        link=docs("nn.AvgPool1d"),
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
        link=docs("nn.AvgPool2d"),
    )

    kernel_size: Annotated[Span, KERNEL] = 2
    stride: Annotated[Span | None, STRIDE] = None
    padding: Annotated[Span, PADDING] = 0


class AvgPool3d(AveragePooling, frozen=True, kw_only=True):
    """The mean of each window of a volume."""

    axes: ClassVar[int] = 3
    whole_windows: ClassVar[bool] = True

    info: ClassVar = LayerInfo(
        title="AvgPool3d",
        category="pool",
        summary="Takes the mean of each window, so that the volume becomes smaller.",
        when="To make a volume smaller smoothly, where every point should count.",
        shape="C×D×H×W to C×D'×H'×W'",
        formula="D' = ⌊(D + 2·padding − kernel) ÷ stride⌋ + 1",
        aliases=("smaller volume", "downsample", "mean", "average pooling", "video"),
        link=docs("nn.AvgPool3d"),
    )

    kernel_size: Annotated[Span3, KERNEL] = 2
    stride: Annotated[Span3 | None, STRIDE] = None
    padding: Annotated[Span3, PADDING] = 0


LAYERS = (MaxPool1d, MaxPool2d, MaxPool3d, AvgPool1d, AvgPool2d, AvgPool3d)
