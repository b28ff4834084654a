"""Transposed convolutions: learned ways to make a sequence, an image or a volume larger."""

from typing import Annotated, ClassVar

from nodes.activation import FUSED, ActivationName, activated
from nodes.convolution import BIAS, CHANNELS, DILATION, GROUPS, groups_divide
from nodes.errors import Remedy, ShapeError
from nodes.expectations import MAPS, needs_map
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing, docs, short
from nodes.params import AnySpan, Param, Span, Span3
from nodes.sizes import Size, counted, product
from nodes.tensors import Inputs, TensorType
from nodes.windows import Window, each, explain, fits, single, spans

KERNEL = Param(
    "Kernel size",
    "The size of the pattern that each pixel paints.",
    low=1,
    unit="px",
    suggest=(2, 4),
)
STRIDE = Param(
    "Stride",
    "The distance between the patterns of two neighbours. 2 doubles the size.",
    low=1,
    unit="px",
    suggest=(2, 4),
)
PADDING = Param("Padding", "How much is cut off on every side.", low=0, unit="px", suggest=(0, 1))
OUTPUT_PADDING = Param(
    "Output padding",
    "Pixels added on one side of the output, to meet the size of an earlier layer.",
    low=0,
    unit="px",
    suggest=(0, 1),
    advanced=True,
)


class TransposedConvolution(Layer, frozen=True, kw_only=True):
    """What transposed convolutions along one, two and three axes share."""

    axes: ClassVar[int] = 2

    out_channels: Annotated[int, CHANNELS] = 16
    kernel_size: Annotated[AnySpan, KERNEL] = 2
    stride: Annotated[AnySpan, STRIDE] = 2
    padding: Annotated[AnySpan, PADDING] = 0
    output_padding: Annotated[AnySpan, OUTPUT_PADDING] = 0
    dilation: Annotated[AnySpan, DILATION] = 1
    groups: Annotated[int, GROUPS] = 1
    bias: Annotated[bool, BIAS] = True
    activation: Annotated[ActivationName, FUSED] = "none"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        title = self.info.title
        needs_map(x, title, self.axes)
        groups_divide(title, self.groups, x.sizes[1], self.out_channels)
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
            f"nn.{type(self).__name__}",
            (inputs["x"].sizes[1], self.out_channels),
            (
                ("kernel_size", single(self._each(self.kernel_size))),
                *differing(
                    ("stride", single(self._each(self.stride)), 1),
                    ("padding", single(self._each(self.padding)), 0),
                    ("output_padding", single(self._each(self.output_padding)), 0),
                    ("groups", self.groups, 1),
                    ("bias", self.bias, True),
                    ("dilation", single(self._each(self.dilation)), 1),
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
        kernel = self._each(self.kernel_size)
        parts = [str(self.out_channels), short(kernel if self.axes > 1 else kernel[0])]
        if set(self._each(self.stride)) != {1}:
            parts.append(f"stride {short(single(self._each(self.stride)))}")
        return " · ".join(parts)

    def _each(self, span: AnySpan) -> tuple[int, ...]:
        return each(span, self.axes)

    def windows(self) -> tuple[Window, ...]:
        """Return the windows that the outputs of each input place stand in, along each axis."""
        parts = zip(
            self._each(self.kernel_size),
            self._each(self.stride),
            self._each(self.padding),
            self._each(self.dilation),
            strict=True,
        )
        return tuple(
            Window(kernel=kernel, stride=stride, padding=padding, dilation=dilation)
            for kernel, stride, padding, dilation in parts
        )

    def _axes(self) -> tuple[tuple[int, int, int, int], ...]:
        """Return stride, padding, reach of the kernel and output padding along each axis."""
        taps = zip(self._each(self.kernel_size), self._each(self.dilation), strict=True)
        reaches = tuple(dilation * (kernel - 1) + 1 for kernel, dilation in taps)
        return tuple(
            zip(
                self._each(self.stride),
                self._each(self.padding),
                reaches,
                self._each(self.output_padding),
                strict=True,
            )
        )

    def _weights_per_input(self) -> Size:
        return self.out_channels // self.groups * product(self._each(self.kernel_size))

    def _output_padding_fits(self) -> None:
        steps = tuple(map(max, self._each(self.stride), self._each(self.dilation)))
        extra = self._each(self.output_padding)
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
        what = MAPS[self.axes]
        return ShapeError(
            f"The padding cuts the whole {what} away",
            why=f"It receives {x} and cuts {short(single(self._each(self.padding)))} off every "
            "side.",
            reason=f"{what} too small",
            code="LL-S003",
            remedies=(
                Remedy(label="Set padding to 0", action="set_params", params={"padding": 0}),
            ),
        )


class ConvTranspose1d(TransposedConvolution, frozen=True, kw_only=True):
    """A learned way to make a sequence longer."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="ConvTranspose1d",
        category="conv",
        summary="Makes a sequence longer: every step paints a learned pattern.",
        when="In networks that give sound or another signal, such as decoders and vocoders.",
        shape="C×T to K×T'",
        formula="T' = (T − 1)·stride − 2·padding + dilation·(kernel − 1) + output padding + 1",
        aliases=("deconvolution", "deconv", "longer sequence", "upsample", "decoder"),
        reference="Zeiler et al. 2010, Deconvolutional Networks",
        link=docs("nn.ConvTranspose1d"),
    )

    kernel_size: Annotated[int, KERNEL] = 2
    stride: Annotated[int, STRIDE] = 2
    padding: Annotated[int, PADDING] = 0
    output_padding: Annotated[int, OUTPUT_PADDING] = 0
    dilation: Annotated[int, DILATION] = 1


class ConvTranspose2d(TransposedConvolution, frozen=True, kw_only=True):
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
        link=docs("nn.ConvTranspose2d"),
    )

    kernel_size: Annotated[Span, KERNEL] = 2
    stride: Annotated[Span, STRIDE] = 2
    padding: Annotated[Span, PADDING] = 0
    output_padding: Annotated[Span, OUTPUT_PADDING] = 0
    dilation: Annotated[Span, DILATION] = 1


class ConvTranspose3d(TransposedConvolution, frozen=True, kw_only=True):
    """A learned way to make a volume larger."""

    axes: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="ConvTranspose3d",
        category="conv",
        summary="Makes a volume larger: every point paints a learned pattern.",
        when="On the way back up in networks for volumes, such as a 3-d U-Net.",
        shape="C×D×H×W to K×D'×H'×W'",
        formula="D' = (D − 1)·stride − 2·padding + dilation·(kernel − 1) + output padding + 1",
        aliases=("deconvolution", "deconv", "larger volume", "upsample", "decoder", "voxel"),
        reference="Zeiler et al. 2010, Deconvolutional Networks",
        link=docs("nn.ConvTranspose3d"),
    )

    kernel_size: Annotated[Span3, KERNEL] = 2
    stride: Annotated[Span3, STRIDE] = 2
    padding: Annotated[Span3, PADDING] = 0
    output_padding: Annotated[Span3, OUTPUT_PADDING] = 0
    dilation: Annotated[Span3, DILATION] = 1


LAYERS = (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)
