"""Pooling and resizing: fewer or more pixels, nothing learned."""

from typing import Annotated, ClassVar

from nodes.errors import Remedy, ShapeError
from nodes.expectations import needs_image, needs_sequence
from nodes.layer import Call, Layer, LayerInfo, Lowering, short
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
        given: tuple[tuple[str, object, object], ...] = (
            ("stride", single(self._strides()), kernel),
            ("padding", single(self._each(self.padding)), 0),
            ("dilation", single(self._each(self._dilation())), 1),
            ("ceil_mode", self.ceil_mode, False),
        )
        return tuple((name, value) for name, value, default in given if value != default)

    def _padding_fits(self) -> None:
        allowed = tuple(self._most_padding(window) for window in self._windows())
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

    def _most_padding(self, window: Window) -> int:
        return window.reach // 2

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
        kernel = tuple(
            min(window.kernel, size) if isinstance(size, int) else window.kernel
            for size, window in zip(sizes, self._windows(), strict=True)
        )
        return (
            Remedy(
                label=f"Set kernel size to {short(single(kernel))}, stride 1",
                action="set_params",
                params={"kernel_size": spans(kernel), "stride": 1},
            ),
        )


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

    dilation: Annotated[
        Span,
        Param(
            "Dilation",
            "The distance between the pixels of one window.",
            low=1,
            unit="px",
            suggest=(1, 2),
            advanced=True,
        ),
    ] = 1

    def _dilation(self) -> Span:
        return self.dilation


LAYERS = (MaxPool2d,)
