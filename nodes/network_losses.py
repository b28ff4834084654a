"""Losses between networks: one judges another, teaches another, or knows what belongs together."""

from typing import Annotated, ClassVar, Literal

from nodes.errors import ShapeError
from nodes.expectations import described
from nodes.layer import Call, LayerInfo, Lowering, Port
from nodes.losses import LOSS, Loss
from nodes.params import Param
from nodes.tensors import Inputs, TensorType, needs_float

_REAL = {
    "logistic": "F.softplus(-{x}).mean()",
    "least_squares": "({x} - 1).square().mean()",
    "hinge": "F.relu(1 - {x}).mean()",
    "wasserstein": "-{x}.mean()",
}
_MADE = {
    "logistic": "F.softplus({x}).mean()",
    "least_squares": "{x}.square().mean()",
    "hinge": "F.relu(1 + {x}).mean()",
    "wasserstein": "{x}.mean()",
}


class AdversarialLoss(Loss, frozen=True, kw_only=True):
    """For a network that tells real from made, and for the one that it judges."""

    info: ClassVar = LayerInfo(
        title="Adversarial loss",
        category="loss",
        role="loss",
        summary="Asks that a judging network calls what it sees real, or made.",
        when="In a GAN, three times: the discriminator lowers one for real samples and one for "
        "made ones; the generator lowers one that asks for its own to be called real.",
        shape="any scores to one number",
        formula="softplus(−x) for real, softplus(x) for made",
        aliases=("gan", "discriminator", "generator", "critic", "wasserstein", "real or fake"),
        reference="Goodfellow et al. 2014, Generative Adversarial Nets; least squares: Mao et al. "
        "2017; Wasserstein: Arjovsky et al. 2017; hinge: Miyato et al. 2018",
        inputs=(Port(name="x", help="Scores: above 0 means real"),),
        outputs=LOSS,
    )

    call: Annotated[
        Literal["real", "made"],
        Param("Should be called", "What the scores should say.", on_card="{}"),
    ] = "real"
    form: Annotated[
        Literal["logistic", "least_squares", "hinge", "wasserstein"],
        Param(
            "Form",
            "How scores are weighed. Wasserstein needs a judge that cannot be steep: clip its "
            "weights or use a norm.",
            on_card="{}",
        ),
    ] = "logistic"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        needs_float(inputs["x"], self.info.title)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression=(_REAL if self.call == "real" else _MADE)[self.form])


class DistillationLoss(Loss, frozen=True, kw_only=True):
    """For a small network that learns from a large one."""

    info: ClassVar = LayerInfo(
        title="Distillation loss",
        category="loss",
        role="loss",
        summary="Brings the chances of a student to those of a teacher, both softened.",
        when="Beside the loss with the right classes: the teacher also says which wrong classes "
        "are nearly right. The teacher does not learn from it.",
        shape="two equal rows of scores to one number",
        formula="T²·KL(softmax(teacher ÷ T), softmax(x ÷ T))",
        aliases=("knowledge distillation", "teacher", "student", "soft labels", "temperature"),
        reference="Hinton, Vinyals and Dean 2015, Distilling the Knowledge in a Neural Network",
        inputs=(
            Port(name="x", help="The scores of the student"),
            Port(name="teacher", target=True, help="The scores of the teacher"),
        ),
        outputs=LOSS,
    )

    temperature: Annotated[
        float,
        Param(
            "Temperature",
            "Higher shows more of what the teacher finds nearly right.",
            low=0.1,
            high=100,
            step=0.5,
            suggest=(2, 4, 8),
            on_card="T {}",
        ),
    ] = 4.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, teacher = inputs["x"], inputs["teacher"]
        for tensor in (x, teacher):
            needs_float(tensor, self.info.title)
        if x.rank < 2 or x.sizes != teacher.sizes:
            raise _needs_two_alike("DistillationLoss needs equal scores", x, teacher)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call("Distillation", (self.temperature,))
        return Lowering(expression="{module}({x}, {teacher})", module=module, helper="Distillation")


class NTXentLoss(Loss, frozen=True, kw_only=True):
    """For two views of each sample."""

    info: ClassVar = LayerInfo(
        title="NT-Xent",
        category="loss",
        role="loss",
        summary="Asks that two views of one sample are more alike than views of different ones.",
        when="To learn from samples without labels: change each in two ways, send both through "
        "branches that share weights, and compare here. Larger batches teach more.",
        shape="two equal vectors to one number",
        formula="−log(e^(cos(a, b) ÷ T) ÷ Σ e^(cos ÷ T))",
        aliases=("contrastive", "simclr", "self-supervised", "infonce", "views"),
        reference="Chen et al. 2020, A Simple Framework for Contrastive Learning of Visual "
        "Representations",
        inputs=(
            Port(name="a", help="The vector of one view"),
            Port(name="b", help="The vector of the other view"),
        ),
        outputs=LOSS,
    )

    temperature: Annotated[
        float,
        Param(
            "Temperature",
            "Lower asks for sharper differences.",
            low=0.001,
            high=100,
            step=0.1,
            suggest=(0.1, 0.5, 1),
            on_card="T {}",
        ),
    ] = 0.5

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        a, b = inputs["a"], inputs["b"]
        for tensor in (a, b):
            needs_float(tensor, self.info.title)
        if a.rank != 2 or a.sizes != b.sizes:
            raise _needs_two_alike("NTXentLoss needs two equal vectors", a, b)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        module = Call("NTXent", (self.temperature,))
        return Lowering(expression="{module}({a}, {b})", module=module, helper="NTXent")


def _needs_two_alike(title: str, one: TensorType, other: TensorType) -> ShapeError:
    return ShapeError(
        title,
        why=f"One is {described(one)}, the other {described(other)}.",
        hint="Give both branches as many outputs.",
        reason="shapes differ",
        code="LL-S012",
    )


LAYERS = (AdversarialLoss, DistillationLoss, NTXentLoss)
