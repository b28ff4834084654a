"""Chance inside a network: the sampler of variational autoencoders, and noise."""

import math
from typing import Annotated, ClassVar, Final, Literal

from nodes.errors import ParameterError, ShapeError
from nodes.expectations import described
from nodes.layer import Call, Layer, LayerInfo, Lowering, Port, differing, docs, short
from nodes.params import Param
from nodes.tensors import Inputs, TensorType, needs_batch_first, needs_float

_LARGEST_DRAW: Final = 1_000_000
_KEPT_DRAWS: Final = 64


class VariationalSampler(Layer, frozen=True, kw_only=True):
    """A draw from a learned normal distribution."""

    info: ClassVar = LayerInfo(
        title="VariationalSampler",
        category="linear",
        summary="Draws from a normal distribution whose mean and spread the network gives.",
        when="Between encoder and decoder of a variational autoencoder, with GaussianKLLoss on the "
        "same two wires. After training it gives the mean.",
        shape="two equal shapes, unchanged",
        formula="z = mean + e^(log variance ÷ 2)·noise",
        aliases=(
            "vae",
            "reparameterize",
            "reparameterization",
            "reparameterisation",
            "latent",
            "noise",
            "sample",
        ),
        reference="Kingma and Welling 2013, Auto-Encoding Variational Bayes",
        inputs=(
            Port(name="mean", help="The mean of each number"),
            Port(name="log_variance", help="The logarithm of the variance of each number"),
        ),
        compact=True,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        mean, spread = inputs["mean"], inputs["log_variance"]
        for tensor in (mean, spread):
            needs_float(tensor, self.info.title)
        needs_a_spread_for_each(self.info.title, mean, spread)
        return (mean.with_sizes(*mean.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        name = "VariationalSampler"
        return Lowering(
            expression="{module}({mean}, {log_variance})", module=Call(name), helper=name
        )


def needs_a_spread_for_each(title: str, mean: TensorType, spread: TensorType) -> None:
    """Refuse means and spreads of different shapes.

    Raises:
        ShapeError: ``mean`` and ``spread`` differ.
    """
    if mean.sizes != spread.sizes:
        raise ShapeError(
            f"{title} needs two equal shapes",
            why=f"The mean is {described(mean)}, the log variance {described(spread)}.",
            hint="Give both layers as many outputs.",
            reason="shapes differ",
            code="LL-S012",
        )


class Noise(Layer, frozen=True, kw_only=True):
    """Random numbers, new ones for each sample and each step."""

    info: ClassVar = LayerInfo(
        title="Noise",
        category="data",
        summary="Gives random numbers; one draw for each sample that arrives.",
        when="As what a generator begins with, or to add to something. Outside of training it "
        "always gives the same draws, so that pictures can be compared.",
        shape="any shape to the sizes",
        formula="y ~ N(0, 1)",
        aliases=("random", "latent", "gan", "generator input", "gaussian", "uniform", "z"),
        link=docs("randn"),
        inputs=(Port(name="x", help="Any tensor: it says how many samples there are"),),
    )

    sizes: Annotated[
        tuple[int, ...],
        Param("Sizes", "The sizes of one draw.", low=1, high=1_000_000, suggest=(32, 64, 100)),
    ] = (64,)
    distribution: Annotated[
        Literal["normal", "uniform"],
        Param("Distribution", "Normal: mean 0, spread 1. Uniform: from −1 to 1."),
    ] = "normal"

    def verify(self) -> None:
        if math.prod(self.sizes) > _LARGEST_DRAW:
            raise ParameterError(
                "sizes",
                "A draw cannot be so large",
                why=f"It has {math.prod(self.sizes)} numbers; up to {_LARGEST_DRAW} are possible.",
                hint="Make a size smaller.",
            )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_batch_first(x, self.info.title)
        if not x.rank:
            raise ShapeError(
                "Noise needs a batch",
                why="It receives a single number.",
                reason="needs a batch",
                code="LL-S002",
            )
        return (TensorType((x.sizes[0], *self.sizes)),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        options = differing(("distribution", self.distribution, "normal"))
        return Lowering(
            expression="{module}({x})", module=Call("Noise", (self.sizes,), options), helper="Noise"
        )

    def buffers(self, inputs: Inputs) -> int:
        del inputs
        return _KEPT_DRAWS * math.prod(self.sizes)

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return short(self.sizes)


LAYERS = (VariationalSampler, Noise)
