"""Losses for numbers beside the mean squared and the mean absolute error."""

from typing import Annotated, ClassVar

from nodes.errors import ShapeError
from nodes.expectations import described
from nodes.layer import Call, LayerInfo, Lowering, Port, docs
from nodes.losses import (
    LOSS,
    PREDICTION_AND_TARGET,
    Difference,
    Loss,
    needs_equal_shapes,
    prediction,
    written,
)
from nodes.params import Param
from nodes.sampling import needs_a_spread_for_each
from nodes.tensors import Inputs, TensorType, needs_float


class SmoothL1Loss(Difference, frozen=True, kw_only=True):
    """Squared near zero, straight beyond."""

    function: ClassVar[str] = "F.smooth_l1_loss"

    info: ClassVar = LayerInfo(
        title="Smooth absolute error",
        category="loss",
        role="loss",
        summary="Squares small differences and takes large ones as they are.",
        when="For the corners of boxes in detectors, and wherever a few targets are far off.",
        shape="two equal shapes to one number",
        formula="d² ÷ (2·β) below β, else |d| − β ÷ 2",
        aliases=("smooth l1", "robust regression", "box regression", "fast r-cnn"),
        reference="Girshick 2015, Fast R-CNN",
        link=docs("nn.SmoothL1Loss"),
        inputs=PREDICTION_AND_TARGET,
        outputs=LOSS,
    )

    beta: Annotated[
        float,
        Param(
            "Beta",
            "Where the square goes over into the straight line.",
            low=0,
            step=0.1,
            suggest=(0.1, 1),
            on_card="β {}",
        ),
    ] = 1.0

    def _written(self) -> str:
        return written(("beta", self.beta, 1.0))


class HuberLoss(Difference, frozen=True, kw_only=True):
    """Squared near zero, straight beyond, with a slope that grows with the border."""

    function: ClassVar[str] = "F.huber_loss"

    info: ClassVar = LayerInfo(
        title="Huber loss",
        category="loss",
        role="loss",
        summary="Squares small differences and takes large ones times a border.",
        when="To predict numbers where a few targets are far off.",
        shape="two equal shapes to one number",
        formula="d² ÷ 2 below δ, else δ·(|d| − δ ÷ 2)",
        aliases=("huber", "robust regression", "outliers"),
        reference="Huber 1964, Robust Estimation of a Location Parameter",
        link=docs("nn.HuberLoss"),
        inputs=PREDICTION_AND_TARGET,
        outputs=LOSS,
    )

    delta: Annotated[
        float,
        Param(
            "Delta",
            "Where the square goes over into the straight line.",
            low=0.0001,
            step=0.1,
            suggest=(0.5, 1),
            on_card="δ {}",
        ),
    ] = 1.0

    def _written(self) -> str:
        return written(("delta", self.delta, 1.0))


class PoissonNLLLoss(Difference, frozen=True, kw_only=True):
    """For counts."""

    function: ClassVar[str] = "F.poisson_nll_loss"

    info: ClassVar = LayerInfo(
        title="Poisson loss",
        category="loss",
        role="loss",
        summary="Compares predicted rates with counts.",
        when="To predict how often something happens: visits, photons, goals.",
        shape="two equal shapes to one number",
        formula="eˣ − target·x",
        aliases=("count regression", "rate", "negative log likelihood", "events"),
        link=docs("nn.PoissonNLLLoss"),
        inputs=PREDICTION_AND_TARGET,
        outputs=LOSS,
    )

    log_input: Annotated[
        bool,
        Param(
            "Predicts the logarithm",
            "Reads the prediction as the logarithm of the rate, so that rates are positive.",
        ),
    ] = True

    def _written(self) -> str:
        return written(("log_input", self.log_input, True))


class GaussianNLLLoss(Loss, frozen=True, kw_only=True):
    """For numbers whose spread is predicted too."""

    info: ClassVar = LayerInfo(
        title="Gaussian loss",
        category="loss",
        role="loss",
        summary="Compares numbers with a predicted mean and a predicted variance.",
        when="To let a network say how sure it is of each number. Make the variance positive, as "
        "with Softplus.",
        shape="three equal shapes to one number",
        formula="(ln σ² + (x − target)² ÷ σ²) ÷ 2",
        aliases=("uncertainty", "heteroscedastic", "negative log likelihood", "variance"),
        reference="Nix and Weigend 1994, Estimating the Mean and Variance of the Target "
        "Probability Distribution",
        link=docs("nn.GaussianNLLLoss"),
        inputs=(
            Port(name="x", help="The predicted mean"),
            Port(name="variance", help="The predicted variance; above zero"),
            Port(name="target", target=True, help="What the mean should be"),
        ),
        outputs=LOSS,
    )

    full: Annotated[
        bool,
        Param(
            "With the constant",
            "Adds what does not depend on the prediction, so that values can be compared.",
            advanced=True,
        ),
    ] = False

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, variance, target = inputs["x"], inputs["variance"], inputs["target"]
        for tensor in (x, variance, target):
            needs_float(tensor, self.info.title)
        needs_equal_shapes("GaussianNLLLoss", x, target)
        needs_a_spread_for_each("GaussianNLLLoss", x, variance)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        narrow = inputs["x"].rank != inputs["target"].rank
        variance = "{variance}.squeeze(-1)" if narrow else "{variance}"
        arguments = f"{prediction(inputs)}, {{target}}, {variance}"
        arguments += written(("full", self.full, False))
        return Lowering(expression=f"F.gaussian_nll_loss({arguments})")


class GaussianKLLoss(Loss, frozen=True, kw_only=True):
    """How far a distribution is from the standard normal one."""

    info: ClassVar = LayerInfo(
        title="Gaussian KL divergence",
        category="loss",
        role="loss",
        summary="Says how far the distributions of a VariationalSampler are from the standard "
        "normal one.",
        when="In a variational autoencoder, beside the loss of the reconstruction.",
        shape="two equal shapes to one number",
        formula="mean(μ² + σ² − ln σ² − 1) ÷ 2",
        aliases=("vae", "kl divergence", "kullback leibler", "latent", "beta-vae"),
        reference="Kingma and Welling 2013, Auto-Encoding Variational Bayes",
        inputs=(
            Port(name="x", help="The mean of each number"),
            Port(name="log_variance", help="The logarithm of the variance of each number"),
        ),
        outputs=LOSS,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        mean, spread = inputs["x"], inputs["log_variance"]
        for tensor in (mean, spread):
            needs_float(tensor, self.info.title)
        needs_a_spread_for_each("GaussianKLLoss", mean, spread)
        if mean.rank < 2:
            raise ShapeError(
                "GaussianKLLoss needs vectors",
                why=f"It receives {described(mean)}.",
                reason="needs vectors",
                code="LL-S002",
            )
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(
            expression="{module}({x}, {log_variance})",
            module=Call("GaussianKL"),
            helper="GaussianKL",
        )


class QuantileLoss(Loss, frozen=True, kw_only=True):
    """For a band that holds a number as often as is asked for."""

    info: ClassVar = LayerInfo(
        title="Quantile loss",
        category="loss",
        role="loss",
        summary="Teaches two numbers to be the ends of a band in which the target lies so often.",
        when="To say how sure a forecast is: one output for the number, with a loss of its own, "
        "and one with two numbers for its band.",
        shape="two numbers and a target to one number",
        formula="mean(max(q·d, (q − 1)·d)), d = target − x",
        aliases=("pinball loss", "uncertainty", "prediction interval", "confidence band"),
        reference="Koenker and Bassett 1978, Regression Quantiles",
        inputs=(
            Port(name="x", help="The lower end and the upper end: two numbers"),
            Port(name="target", target=True, help="The number that the band should hold"),
        ),
        outputs=LOSS,
    )

    coverage: Annotated[
        float,
        Param(
            "Holds",
            "How often the target is to lie within the band: 0.8 is four times out of five.",
            low=0.01,
            high=0.99,
            step=0.05,
            suggest=(0.5, 0.8, 0.9),
            on_card="{} inside",
        ),
    ] = 0.8

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, target = inputs["x"], inputs["target"]
        for tensor in (x, target):
            needs_float(tensor, self.info.title)
        if x.rank < 2 or x.sizes[-1] != 2 or target.sizes != (*x.sizes[:-1], 1):
            raise ShapeError(
                "Quantile loss needs two ends for each number",
                why=f"It receives {described(x)} for {described(target)}.",
                hint="Put a Linear with two outputs before it, and connect one number as target.",
                reason="needs two ends",
                code="LL-S012",
            )
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call("Band", (self.coverage,))
        return Lowering(expression="{module}({x}, {target})", module=module, helper="Band")


LAYERS = (
    SmoothL1Loss,
    HuberLoss,
    PoissonNLLLoss,
    GaussianNLLLoss,
    GaussianKLLoss,
    QuantileLoss,
)
