"""Chance inside a network: the sampler of variational autoencoders."""

from typing import ClassVar

from nodes.errors import ShapeError
from nodes.expectations import described
from nodes.layer import Call, Layer, LayerInfo, Lowering, Port
from nodes.tensors import Inputs, TensorType, needs_float


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
        aliases=("vae", "reparameterization", "reparameterisation", "latent", "noise", "sample"),
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


LAYERS = (VariationalSampler,)
