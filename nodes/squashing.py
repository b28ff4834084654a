"""Activations that bound numbers, shrink them, or gate one half by the other."""

from typing import Annotated, ClassVar

from nodes.activation import Elementwise, as_module
from nodes.errors import ParameterError, ShapeError
from nodes.expectations import axis, described, must_come_out_even, not_the_batch
from nodes.layer import LayerInfo, Lowering, docs
from nodes.params import LARGEST, Param
from nodes.tensors import Inputs, TensorType


class GLU(Elementwise, frozen=True, kw_only=True):
    """One half gates the other."""

    info: ClassVar = LayerInfo(
        title="GLU",
        category="act",
        summary="Halves the channels: one half is multiplied with the sigmoid of the other.",
        when="After a layer that gives twice as many channels as wanted, in language and sound "
        "networks.",
        shape="the axis becomes half as long",
        formula="a·σ(b), x = [a, b]",
        aliases=(
            "gated linear unit",
            "gate",
            "nonlinearity",
        ),
        reference="Dauphin et al. 2016, Language Modeling with Gated Convolutional Networks",
        link=docs("nn.GLU"),
        glyph="activation-glu",
    )

    dim: Annotated[
        int,
        Param(
            "Axis",
            "The axis that is halved. 1 is the channels or features, −1 the last axis.",
            low=-7,
            high=7,
            suggest=(-1, 1),
            on_card="axis {}",
        ),
    ] = -1

    def verify(self) -> None:
        not_the_batch(self.dim, "It would gate some samples by others.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        (x,) = super().infer(inputs)
        place = axis(x, self.dim, self.info.title)
        size = x.sizes[place]
        if isinstance(size, int) and size % 2:
            raise ShapeError(
                f"{size} cannot be halved",
                why=f"GLU needs two equal halves along axis {place}. It receives {described(x)}.",
                hint="Give the layer before an even number of outputs.",
                reason="cannot be halved",
                code="LL-S005",
            )
        must_come_out_even(size, 2, self.info.title)
        return (x.with_sizes(*x.sizes[:place], size // 2, *x.sizes[place + 1 :]),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("GLU", ("dim", self.dim, -1))


class Hardtanh(Elementwise, frozen=True, kw_only=True):
    """A tanh made of straight lines."""

    info: ClassVar = LayerInfo(
        title="Hardtanh",
        category="act",
        summary="Cuts every number off at a lowest and a highest value.",
        when="To keep numbers within bounds, cheaply.",
        shape="any shape, unchanged",
        formula="min(max(x, low), high)",
        aliases=(
            "clip",
            "clamp",
            "hard tanh",
            "nonlinearity",
        ),
        link=docs("nn.Hardtanh"),
        glyph="activation-hardtanh",
    )

    min_val: Annotated[
        float,
        Param(
            "Lowest",
            "Smaller numbers become this one.",
            low=None,
            high=None,
            step=0.5,
            suggest=(-1, 0),
            on_card="from {}",
        ),
    ] = -1.0
    max_val: Annotated[
        float,
        Param(
            "Highest",
            "Larger numbers become this one.",
            low=None,
            high=None,
            step=0.5,
            suggest=(1, 6),
            on_card="to {}",
        ),
    ] = 1.0

    def verify(self) -> None:
        if self.min_val >= self.max_val:
            raise ParameterError(
                "min_val",
                f"Lowest cannot be {self.min_val:g}",
                why=f"The highest is {self.max_val:g}.",
                hint=f"Set a value below {self.max_val:g}.",
            )

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module(
            "Hardtanh", ("min_val", self.min_val, -1.0), ("max_val", self.max_val, 1.0)
        )


class Hardsigmoid(Elementwise, frozen=True, kw_only=True):
    """A sigmoid made of straight lines."""

    info: ClassVar = LayerInfo(
        title="Hardsigmoid",
        category="act",
        summary="Nearly a sigmoid, made of straight lines so that it is cheap.",
        when="For gates in networks for phones, such as MobileNetV3.",
        shape="any shape, unchanged",
        formula="min(max(x + 3, 0), 6) ÷ 6",
        aliases=(
            "hard sigmoid",
            "gate",
            "mobilenet",
            "nonlinearity",
        ),
        reference="Howard et al. 2019, Searching for MobileNetV3",
        link=docs("nn.Hardsigmoid"),
        glyph="activation-hardsigmoid",
        compact=True,
    )

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("Hardsigmoid")


class LogSigmoid(Elementwise, frozen=True, kw_only=True):
    """The logarithm of a sigmoid."""

    info: ClassVar = LayerInfo(
        title="LogSigmoid",
        category="act",
        summary="Takes the logarithm of the sigmoid, exactly even where that is tiny.",
        when="To build a loss of one's own out of chances.",
        shape="any shape, unchanged",
        formula="ln(1 ÷ (1 + e⁻ˣ))",
        aliases=(
            "log sigmoid",
            "logistic",
            "log probability",
        ),
        link=docs("nn.LogSigmoid"),
        compact=True,
    )

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("LogSigmoid")


class Softsign(Elementwise, frozen=True, kw_only=True):
    """A slower tanh."""

    info: ClassVar = LayerInfo(
        title="Softsign",
        category="act",
        summary="Squeezes every number between −1 and 1, more gently than tanh.",
        when="In place of Tanh, where it saturates too soon.",
        shape="any shape, unchanged",
        formula="x ÷ (1 + |x|)",
        aliases=(
            "soft sign",
            "squash",
            "nonlinearity",
        ),
        reference="Turian et al. 2009, Quadratic Features and Deep Architectures for Chunking",
        link=docs("nn.Softsign"),
        glyph="activation-softsign",
        compact=True,
    )

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("Softsign")


class Softshrink(Elementwise, frozen=True, kw_only=True):
    """All numbers move towards zero."""

    info: ClassVar = LayerInfo(
        title="Softshrink",
        category="act",
        summary="Moves every number towards zero by a fixed step; small ones become zero.",
        when="In sparse coding, where it is one step of the method.",
        shape="any shape, unchanged",
        formula="x − λ, x + λ, or 0 between",
        aliases=(
            "soft shrink",
            "soft threshold",
            "lasso",
            "sparse",
            "denoise",
        ),
        reference="Beck and Teboulle 2009, A Fast Iterative Shrinkage-Thresholding Algorithm",
        link=docs("nn.Softshrink"),
    )

    lambd: Annotated[
        float,
        Param(
            "Threshold",
            "Numbers closer to zero than this become zero.",
            low=0,
            high=LARGEST,
            step=0.1,
            suggest=(0.1, 0.5),
            on_card="λ {}",
        ),
    ] = 0.5

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("Softshrink", ("lambd", self.lambd, 0.5))


class Hardshrink(Elementwise, frozen=True, kw_only=True):
    """Small numbers become zero."""

    info: ClassVar = LayerInfo(
        title="Hardshrink",
        category="act",
        summary="Turns numbers close to zero into zero and keeps the others.",
        when="To make features sparse, and to take noise off.",
        shape="any shape, unchanged",
        formula="x for |x| > λ, else 0",
        aliases=(
            "hard shrink",
            "threshold",
            "sparse",
            "denoise",
        ),
        link=docs("nn.Hardshrink"),
    )

    lambd: Annotated[
        float,
        Param(
            "Threshold",
            "Numbers closer to zero than this become zero.",
            low=0,
            high=LARGEST,
            step=0.1,
            suggest=(0.1, 0.5),
            on_card="λ {}",
        ),
    ] = 0.5

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("Hardshrink", ("lambd", self.lambd, 0.5))


class Tanhshrink(Elementwise, frozen=True, kw_only=True):
    """A number less its tanh."""

    info: ClassVar = LayerInfo(
        title="Tanhshrink",
        category="act",
        summary="Takes its tanh off each number, so that small ones come close to zero.",
        when="Rarely: in sparse coding.",
        shape="any shape, unchanged",
        formula="x − tanh(x)",
        aliases=(
            "tanh shrink",
            "shrinkage",
            "sparse",
        ),
        link=docs("nn.Tanhshrink"),
        compact=True,
    )

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return as_module("Tanhshrink")


LAYERS = (GLU, Hardtanh, Hardsigmoid, LogSigmoid, Softsign, Softshrink, Hardshrink, Tanhshrink)
