"""Resizing: more or fewer pixels, nothing learned."""

import math
from typing import Annotated, ClassVar, Literal, TypeAlias

from nodes.errors import Remedy, ShapeError
from nodes.expectations import (
    described,
    must_come_out_even,
    near_divisors,
    needs_image,
    needs_places,
)
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing, docs, short, template_literal
from nodes.params import AnySpan, Param, Span
from nodes.tensors import Inputs, TensorType, text_of
from nodes.windows import each, explain, single

Mode: TypeAlias = Literal["nearest", "linear", "bilinear", "bicubic", "trilinear", "area"]

_AXES_OF_MODE = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
_BLENDING = {1: "linear", 2: "bilinear", 3: "trilinear"}

MODE = Param(
    "Mode",
    "“nearest” repeats pixels. The others blend neighbours: “linear” in sequences, “bilinear” and "
    "“bicubic” in images, “trilinear” in volumes.",
)


class Upsample(Layer, frozen=True, kw_only=True):
    """A larger image."""

    info: ClassVar = LayerInfo(
        title="Upsample",
        category="pool",
        summary="Makes an image larger by repeating or blending its pixels.",
        when="On the way back up in networks that give an image, such as U-Net. A convolution "
        "after it smooths what was repeated. Takes sequences and volumes too.",
        shape="C×H×W to C×factor·H×factor·W",
        aliases=(
            "larger image",
            "resize",
            "interpolate",
            "enlarge",
            "unpool",
            "scale",
            "upsampling nearest",
            "upsampling bilinear",
        ),
        link=docs("nn.Upsample"),
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
    mode: Annotated[Literal["nearest", "linear", "bilinear", "bicubic", "trilinear"], MODE] = (
        "nearest"
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_places(x, self.info.title)
        factors = _along(x, self.scale_factor, self.info.title, "scale_factor")
        needs_mode(x, self.info.title, self.mode)
        sizes = (size * factor for size, factor in zip(x.sizes[2:], factors, strict=True))
        return (x.with_sizes(*x.sizes[:2], *sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        factors = each(self.scale_factor, inputs["x"].rank - 2)
        kwargs = (
            ("scale_factor", single(factors)),
            *differing(("mode", self.mode, "nearest")),
        )
        return Lowering(expression="{module}({x})", module=Call("nn.Upsample", (), kwargs))

    def explain(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> str:
        x = inputs["x"]
        factors = each(self.scale_factor, x.rank - 2)
        sizes = zip(factors, x.sizes[2:], outputs[0].sizes[2:], strict=True)
        return explain(tuple(f"{size} · {factor} = {out}" for factor, size, out in sizes))

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        factor = f"×{short(single(each(self.scale_factor, 2)))}"
        return factor if self.mode == "nearest" else f"{factor} · {self.mode}"


class Interpolate(Layer, frozen=True, kw_only=True):
    """An image of a wanted size."""

    info: ClassVar = LayerInfo(
        title="Interpolate",
        category="pool",
        summary="Resizes an image to exactly the size asked for, larger or smaller.",
        when="To bring maps of several scales to one size before they are added or joined, as in "
        "feature pyramids. Takes sequences and volumes too.",
        shape="C×H×W to C×size×size",
        aliases=("resize", "rescale", "larger image", "smaller image", "upsample", "zoom"),
        link=docs("nn.functional.interpolate"),
    )

    size: Annotated[
        Span,
        Param(
            "Size",
            "The height and the width that come out.",
            low=1,
            unit="px",
            suggest=(7, 14, 28, 56, 224),
        ),
    ] = 28
    mode: Annotated[Mode, MODE] = "nearest"
    align_corners: Annotated[
        bool,
        Param(
            "Align corners",
            "Keeps the outermost pixels where they are. Off is what most programs do.",
            advanced=True,
        ),
    ] = False

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_places(x, self.info.title)
        sizes = _along(x, self.size, self.info.title, "size")
        needs_mode(x, self.info.title, self.mode)
        return (x.with_sizes(*x.sizes[:2], *sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        size = template_literal(single(each(self.size, inputs["x"].rank - 2)))
        mode = "" if self.mode == "nearest" else f", mode={template_literal(self.mode)}"
        blends = self.mode in _AXES_OF_MODE and self.align_corners
        corners = ", align_corners=True" if blends else ""
        return Lowering(expression=f"F.interpolate({{x}}, size={size}{mode}{corners})")

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        size = f"to {short(each(self.size, 2))}"
        return size if self.mode == "nearest" else f"{size} · {self.mode}"


def needs_mode(x: TensorType, title: str, mode: str) -> None:
    """Refuse a way of blending that is made for another number of axes.

    Raises:
        ShapeError: ``mode`` does not go with ``x``.
    """
    axes = x.rank - 2
    if _AXES_OF_MODE.get(mode, axes) == axes:
        return
    raise ShapeError(
        f"{title} cannot blend {described(x)} as “{mode}”",
        why=f"“{mode}” is made for {_AXES_OF_MODE[mode]} axes of places, and there "
        f"{'is 1' if axes == 1 else f'are {axes}'}.",
        reason="mode does not fit",
        code="LL-S007",
        remedies=(
            Remedy(
                label=f"Set mode to {_BLENDING[axes]}",
                action="set_params",
                params={"mode": _BLENDING[axes]},
            ),
        ),
    )


def _along(x: TensorType, span: AnySpan, title: str, parameter: str) -> tuple[int, ...]:
    """Return a number for each axis of places; a pair is for images alone."""
    axes = x.rank - 2
    if axes == 2 or not isinstance(span, tuple):
        return each(span, axes)
    raise ShapeError(
        f"{title} needs one number for all axes here",
        why=f"It receives {described(x)}, which is not an image, and is set to {short(span)}.",
        reason="needs one number",
        code="LL-S009",
        remedies=(
            Remedy(
                label=f"Set {span[0]} for all axes",
                action="set_params",
                params={parameter: span[0]},
            ),
        ),
    )


class PixelShuffle(Layer, frozen=True, kw_only=True):
    """A larger image out of many channels."""

    info: ClassVar = LayerInfo(
        title="PixelShuffle",
        category="pool",
        summary="Makes an image larger by taking its new pixels from the channels.",
        when="At the end of networks that sharpen images: a convolution gives factor² times as "
        "many channels, which become pixels.",
        shape="C·f²×H×W to C×f·H×f·W",
        aliases=("depth to space", "sub-pixel convolution", "super resolution", "larger image"),
        reference="Shi et al. 2016, Real-Time Single Image and Video Super-Resolution",
        link=docs("nn.PixelShuffle"),
    )

    upscale_factor: Annotated[
        int,
        Param(
            "Factor",
            "How many times larger the image becomes; its square must divide the channels.",
            low=1,
            high=1024,
            suggest=(2, 3, 4),
            on_card="×{}",
        ),
    ] = 2

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        factor = self.upscale_factor
        needs_image(x, self.info.title)
        channels = x.sizes[1]
        must_come_out_even(channels, factor**2, self.info.title)
        if isinstance(channels, int) and channels % factor**2:
            raise self._channels_left(channels)
        sizes = (channels // factor**2, x.sizes[2] * factor, x.sizes[3] * factor)
        return (x.with_sizes(x.sizes[0], *sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(
            expression="{module}({x})", module=Call("nn.PixelShuffle", (self.upscale_factor,))
        )

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"×{self.upscale_factor}"

    def _channels_left(self, channels: int) -> ShapeError:
        square = self.upscale_factor**2
        wanted = -(-channels // square) * square
        return ShapeError(
            f"{square} does not divide {channels} channels",
            why=f"Each new pixel takes a channel: {self.upscale_factor}·{self.upscale_factor} of "
            "them make one.",
            reason="channels do not divide",
            code="LL-S005",
            remedies=(
                Remedy(
                    label=f"Give {wanted} channels",
                    action="set_params",
                    params={"out_channels": wanted},
                    port="x",
                    target="upstream",
                ),
            ),
        )


class PixelUnshuffle(Layer, frozen=True, kw_only=True):
    """A smaller image of many channels."""

    info: ClassVar = LayerInfo(
        title="PixelUnshuffle",
        category="pool",
        summary="Makes an image smaller without losing a pixel: they become channels.",
        when="At the beginning of networks for large images, in place of a pooling that throws "
        "pixels away.",
        shape="C×H×W to C·f²×H÷f×W÷f",
        aliases=("space to depth", "focus", "smaller image", "patches"),
        link=docs("nn.PixelUnshuffle"),
    )

    downscale_factor: Annotated[
        int,
        Param(
            "Factor",
            "How many times smaller the image becomes; it must divide height and width.",
            low=1,
            high=1024,
            suggest=(2, 4),
            on_card="÷{}",
        ),
    ] = 2

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        factor = self.downscale_factor
        needs_image(x, self.info.title)
        sides = [size for size in x.sizes[2:] if isinstance(size, int)]
        if any(side % factor for side in sides):
            raise self._sides_left(x, math.gcd(*sides))
        for size in x.sizes[2:]:
            must_come_out_even(size, factor, self.info.title)
        sizes = (x.sizes[1] * factor**2, x.sizes[2] // factor, x.sizes[3] // factor)
        return (x.with_sizes(x.sizes[0], *sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(
            expression="{module}({x})", module=Call("nn.PixelUnshuffle", (self.downscale_factor,))
        )

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return f"÷{self.downscale_factor}"

    def _sides_left(self, x: TensorType, common: int) -> ShapeError:
        return ShapeError(
            f"{self.downscale_factor} does not divide {text_of(x.sizes[2:])}",
            why="Height and width must share out evenly, or pixels would be lost.",
            reason="sides do not divide",
            code="LL-S005",
            remedies=tuple(
                Remedy(
                    label=f"Set factor to {factor}",
                    action="set_params",
                    params={"downscale_factor": factor},
                )
                for factor in near_divisors(common, self.downscale_factor)
            ),
        )


LAYERS = (Upsample, Interpolate, PixelShuffle, PixelUnshuffle)
