"""Pooling to a wanted size, whatever arrives."""

from typing import Annotated, ClassVar

from nodes.errors import Remedy, ShapeError
from nodes.expectations import MAPS, needs_image, needs_map
from nodes.layer import Call, Layer, LayerInfo, Lowering, docs, short
from nodes.params import AnySpan, Param, Span, Span3
from nodes.sizes import Size
from nodes.tensors import Inputs, TensorType, text_of
from nodes.windows import each, single, spans

LENGTH = Param("Output size", "The length that comes out.", low=1, unit="px", suggest=(1, 2, 4, 7))
SIZE = Param(
    "Output size",
    "The sizes that come out: one number for all axes, or one for each.",
    low=1,
    unit="px",
    suggest=(1, 2, 4, 7),
)

WINDOW = Param("Kernel size", "The size of the windows.", low=1, unit="px", suggest=(2, 3))


class AdaptivePooling(Layer, frozen=True, kw_only=True):
    """What pooling to a wanted size shares."""

    axes: ClassVar[int] = 2

    output_size: Annotated[AnySpan, SIZE] = 1

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_map(x, self.info.title, self.axes)
        return (x.with_sizes(*x.sizes[:2], *self._sizes()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call(f"nn.{type(self).__name__}", (single(self._sizes()),))
        return Lowering(expression="{module}({x})", module=module)

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"to {short(self._sizes())}"

    def _sizes(self) -> tuple[int, ...]:
        return each(self.output_size, self.axes)


class AdaptiveAvgPool1d(AdaptivePooling, frozen=True, kw_only=True):
    """The means of even parts of a sequence."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="AdaptiveAvgPool1d",
        category="pool",
        summary="Makes a sequence of exactly the size asked for, by means over even parts.",
        when="Before the linear layers, so that the network takes sequences of any length.",
        shape="C×T to C×size",
        aliases=("shorter sequence", "fixed size", "average pooling", "gap", "mean"),
        link=docs("nn.AdaptiveAvgPool1d"),
    )

    output_size: Annotated[int, LENGTH] = 1


class AdaptiveAvgPool2d(AdaptivePooling, frozen=True, kw_only=True):
    """The means of even parts of an image."""

    info: ClassVar = LayerInfo(
        title="AdaptiveAvgPool2d",
        category="pool",
        summary="Makes an image of exactly the size asked for, by means over even parts.",
        when="Before the linear layers, so that the network takes images of any size.",
        shape="C×H×W to C×size×size",
        aliases=("smaller image", "fixed size", "average pooling", "gap", "mean"),
        link=docs("nn.AdaptiveAvgPool2d"),
    )

    output_size: Annotated[Span, SIZE] = 1


class AdaptiveAvgPool3d(AdaptivePooling, frozen=True, kw_only=True):
    """The means of even parts of a volume."""

    axes: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="AdaptiveAvgPool3d",
        category="pool",
        summary="Makes a volume of exactly the size asked for, by means over even parts.",
        when="Before the linear layers, so that the network takes volumes of any size.",
        shape="C×D×H×W to C×size×size×size",
        aliases=("smaller volume", "fixed size", "average pooling", "gap", "mean"),
        link=docs("nn.AdaptiveAvgPool3d"),
    )

    output_size: Annotated[Span3, SIZE] = 1


class AdaptiveMaxPool1d(AdaptivePooling, frozen=True, kw_only=True):
    """The largest numbers of even parts of a sequence."""

    axes: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="AdaptiveMaxPool1d",
        category="pool",
        summary="Makes a sequence of exactly the size asked for, keeping the largest number of "
        "each part.",
        when="Before the linear layers, so that the network takes sequences of any length.",
        shape="C×T to C×size",
        aliases=("shorter sequence", "fixed size", "max pooling", "global max pooling"),
        link=docs("nn.AdaptiveMaxPool1d"),
    )

    output_size: Annotated[int, LENGTH] = 1


class AdaptiveMaxPool2d(AdaptivePooling, frozen=True, kw_only=True):
    """The largest numbers of even parts of an image."""

    info: ClassVar = LayerInfo(
        title="AdaptiveMaxPool2d",
        category="pool",
        summary="Makes an image of exactly the size asked for, keeping the largest number of each "
        "part.",
        when="Before the linear layers, so that the network takes images of any size.",
        shape="C×H×W to C×size×size",
        aliases=("smaller image", "fixed size", "max pooling", "global max pooling"),
        link=docs("nn.AdaptiveMaxPool2d"),
    )

    output_size: Annotated[Span, SIZE] = 1


class AdaptiveMaxPool3d(AdaptivePooling, frozen=True, kw_only=True):
    """The largest numbers of even parts of a volume."""

    axes: ClassVar[int] = 3

    info: ClassVar = LayerInfo(
        title="AdaptiveMaxPool3d",
        category="pool",
        summary="Makes a volume of exactly the size asked for, keeping the largest number of each "
        "part.",
        when="Before the linear layers, so that the network takes volumes of any size.",
        shape="C×D×H×W to C×size×size×size",
        aliases=("smaller volume", "fixed size", "max pooling", "global max pooling"),
        link=docs("nn.AdaptiveMaxPool3d"),
    )

    output_size: Annotated[Span3, SIZE] = 1


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


class GlobalMaxPool2d(Layer, frozen=True, kw_only=True):
    """The largest number of each channel."""

    info: ClassVar = LayerInfo(
        title="GlobalMaxPool2d",
        category="pool",
        summary="Keeps the largest number of each channel: an image becomes a vector.",
        when="Before the last Linear, where it matters whether something is in the picture and not "
        "how much of it.",
        shape="C×H×W to C",
        formula="max over H and W",
        aliases=("global max pooling", "maximum", "squeeze", "vector"),
        reference="Oquab et al. 2015, Is Object Localization for Free?",
        compact=True,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_image(x, self.info.title)
        return (x.with_sizes(*x.sizes[:2]),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="F.adaptive_max_pool2d({x}, 1).flatten(1)")


class FractionalPooling(AdaptivePooling, frozen=True, kw_only=True):
    """What max pooling over windows at random places shares."""

    spare: ClassVar[int] = 0
    """How much larger than the windows need torch wants the input to be."""

    kernel_size: Annotated[AnySpan, WINDOW] = 2

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        (y,) = super().infer(inputs)
        pairs = zip(self._sizes(), self._kernel(), strict=True)
        needed = tuple(size + kernel - 1 + self.spare for size, kernel in pairs)
        sizes = inputs["x"].sizes[2:]
        if any(
            isinstance(size, int) and size < need for size, need in zip(sizes, needed, strict=True)
        ):
            raise self._too_small(sizes, needed)
        return (y,)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call(
            f"nn.{type(self).__name__}",
            (single(self._kernel()),),
            (("output_size", single(self._sizes())),),
        )
        return Lowering(expression="{module}({x})", module=module)

    def on_card(self, inputs: Inputs | None) -> str:
        return f"{short(self._kernel())} · {super().on_card(inputs)}"

    def _kernel(self) -> tuple[int, ...]:
        return each(self.kernel_size, self.axes)

    def _too_small(self, sizes: tuple[Size, ...], needed: tuple[int, ...]) -> ShapeError:
        what = MAPS[self.axes]
        fitting = tuple(
            min(wanted, size - self.spare) if isinstance(size, int) else wanted
            for size, wanted in zip(sizes, self._sizes(), strict=True)
        )
        return ShapeError(
            f"The {what} is too small for {text_of(self._sizes())} windows",
            why=f"Windows of {short(self._kernel())} need {text_of(needed)}. It receives "
            f"{text_of(sizes)}.",
            reason=f"{what} too small",
            code="LL-S003",
            remedies=(
                Remedy(
                    label=f"Set kernel size to 1, output size to {short(single(fitting))}",
                    action="set_params",
                    params={"kernel_size": 1, "output_size": spans(fitting)},
                ),
            )
            if min(fitting) > 0
            else (),
        )


class FractionalMaxPool2d(FractionalPooling, frozen=True, kw_only=True):
    """The largest numbers of windows at random places of an image."""

    info: ClassVar = LayerInfo(
        title="FractionalMaxPool2d",
        category="pool",
        summary="Keeps the largest number of windows that stand at slightly random places.",
        when="To make an image smaller by less than half at a time. The chance in it works against "
        "learning by heart. ONNX has no such operator.",
        shape="C×H×W to C×size×size",
        aliases=("smaller image", "random pooling", "stochastic pooling", "max pooling"),
        reference="Graham 2014, Fractional Max-Pooling",
        link=docs("nn.FractionalMaxPool2d"),
    )

    output_size: Annotated[Span, SIZE] = 1
    kernel_size: Annotated[Span, WINDOW] = 2


class FractionalMaxPool3d(FractionalPooling, frozen=True, kw_only=True):
    """The largest numbers of windows at random places of a volume."""

    axes: ClassVar[int] = 3
    spare: ClassVar[int] = 1

    info: ClassVar = LayerInfo(
        title="FractionalMaxPool3d",
        category="pool",
        summary="Keeps the largest number of windows that stand at slightly random places.",
        when="To make a volume smaller by less than half at a time. ONNX has no such operator.",
        shape="C×D×H×W to C×size×size×size",
        aliases=("smaller volume", "random pooling", "stochastic pooling", "max pooling"),
        reference="Graham 2014, Fractional Max-Pooling",
        link=docs("nn.FractionalMaxPool3d"),
    )

    output_size: Annotated[Span3, SIZE] = 1
    kernel_size: Annotated[Span3, WINDOW] = 2


LAYERS = (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    GlobalAvgPool2d,
    GlobalMaxPool2d,
    FractionalMaxPool2d,
    FractionalMaxPool3d,
)
