"""Losses for classes, for yes and no, and for labels without places."""

from typing import Annotated, ClassVar, Literal

from nodes.errors import ShapeError
from nodes.expectations import described
from nodes.layer import Call, LayerInfo, Lowering, Port, docs
from nodes.losses import (
    LOSS,
    Difference,
    Loss,
    needs_equal_shapes,
    needs_labels,
    needs_matching_classes,
    needs_scores,
    needs_yes_or_no,
    prediction,
    written,
)
from nodes.params import Param
from nodes.tensors import Inputs, TensorType, needs_float

SCORES_AND_CLASS = (
    Port(name="x", help="One number for each class"),
    Port(name="target", target=True, help="The right class"),
)
YES_OR_NO = (
    Port(name="x", help="The prediction"),
    Port(name="target", target=True, help="1 for yes, 0 for no"),
)


class NLLLoss(Loss, frozen=True, kw_only=True):
    """For one right class, from logarithms of chances."""

    info: ClassVar = LayerInfo(
        title="Negative log likelihood",
        category="loss",
        role="loss",
        summary="Takes the logarithm of the chance that the right class was given.",
        when="After LogSoftmax. CrossEntropyLoss does both at once.",
        shape="K logarithms and a label to one number",
        formula="−x[target]",
        aliases=("nll", "log likelihood", "classification"),
        link=docs("nn.NLLLoss"),
        inputs=SCORES_AND_CLASS,
        outputs=LOSS,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, target = inputs["x"], inputs["target"]
        needs_float(x, self.info.title)
        needs_labels("NLLLoss", x, target)
        needs_scores("NLLLoss", x, target)
        needs_matching_classes(x, target)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="F.nll_loss({x}, {target})")


class MultiMarginLoss(Loss, frozen=True, kw_only=True):
    """For one right class, that shall lead by a margin."""

    info: ClassVar = LayerInfo(
        title="Multi-class margin loss",
        category="loss",
        role="loss",
        summary="Asks that the score of the right class leads all others by a margin.",
        when="To choose one of several classes without chances, as a support vector machine does.",
        shape="K scores and a label to one number",
        formula="Σ max(0, margin − x[target] + x[i]) ÷ K",
        aliases=("hinge loss", "svm", "classification", "margin"),
        reference="Crammer and Singer 2001, On the Algorithmic Implementation of Multiclass "
        "Kernel-based Vector Machines",
        link=docs("nn.MultiMarginLoss"),
        inputs=SCORES_AND_CLASS,
        outputs=LOSS,
    )

    p: Annotated[Literal["1", "2"], Param("Power", "2 squares what is missing.", advanced=True)] = (
        "1"
    )
    margin: Annotated[
        float,
        Param("Margin", "By how much the right class shall lead.", low=0, suggest=(0.5, 1)),
    ] = 1.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, target = inputs["x"], inputs["target"]
        needs_float(x, self.info.title)
        needs_labels("MultiMarginLoss", x, target)
        needs_scores("MultiMarginLoss", x, target)
        needs_matching_classes(x, target)
        if x.rank != 2:
            raise _one_label(self.info.title, x)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        arguments = written(("p", int(self.p), 1), ("margin", self.margin, 1.0))
        return Lowering(expression=f"F.multi_margin_loss({{x}}, {{target}}{arguments})")


class BCELoss(Loss, frozen=True, kw_only=True):
    """For yes or no, from chances."""

    info: ClassVar = LayerInfo(
        title="Binary cross-entropy of chances",
        category="loss",
        role="loss",
        summary="Compares chances between 0 and 1 with yes or no, each by itself.",
        when="After Sigmoid, as at the end of an autoencoder of black and white. "
        "BCEWithLogitsLoss does both at once, and more exactly.",
        shape="two equal shapes to one number",
        formula="−t·ln x − (1 − t)·ln(1 − x)",
        aliases=("binary cross entropy", "bce", "yes or no", "probability"),
        link=docs("nn.BCELoss"),
        inputs=YES_OR_NO,
        outputs=LOSS,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        return _yes_or_no("BCELoss", inputs)

    def lower(self, inputs: Inputs) -> Lowering:
        arguments = f"{prediction(inputs)}, {_as_numbers(inputs)}"
        return Lowering(expression=f"F.binary_cross_entropy({arguments})")


class MultiLabelSoftMarginLoss(Loss, frozen=True, kw_only=True):
    """For several labels that may hold at once."""

    info: ClassVar = LayerInfo(
        title="Multi-label cross-entropy",
        category="loss",
        role="loss",
        summary="Compares scores with yes or no for each label, the mean over labels.",
        when="To tag pictures or texts, where several tags may hold. Much the same as "
        "BCEWithLogitsLoss.",
        shape="two equal shapes to one number",
        formula="−mean(t·ln σ(x) + (1 − t)·ln(1 − σ(x)))",
        aliases=("multi-label", "tags", "several classes", "yes or no"),
        link=docs("nn.MultiLabelSoftMarginLoss"),
        inputs=YES_OR_NO,
        outputs=LOSS,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        if x.rank < 2 or x.rank != inputs["target"].rank:
            needs_float(x, self.info.title)
            raise ShapeError(
                "MultiLabelSoftMarginLoss needs a score for each label",
                why=f"It receives {described(x)} and {described(inputs['target'])}.",
                hint="Take BCEWithLogitsLoss for a single question.",
                reason="needs several labels",
                code="LL-S002",
            )
        return _yes_or_no("MultiLabelSoftMarginLoss", inputs)

    def lower(self, inputs: Inputs) -> Lowering:
        arguments = f"{{x}}, {_as_numbers(inputs)}"
        return Lowering(expression=f"F.multilabel_soft_margin_loss({arguments})")


class SoftMarginLoss(Loss, frozen=True, kw_only=True):
    """For yes or no, as −1 and 1."""

    info: ClassVar = LayerInfo(
        title="Soft margin loss",
        category="loss",
        role="loss",
        summary="Compares scores with −1 or 1, each by itself.",
        when="For yes or no where targets are −1 and 1; labels of two classes are read as such.",
        shape="two equal shapes to one number",
        formula="ln(1 + e^(−t·x))",
        aliases=("logistic loss", "binary", "plus minus one", "yes or no"),
        link=docs("nn.SoftMarginLoss"),
        inputs=YES_OR_NO,
        outputs=LOSS,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        return _yes_or_no("SoftMarginLoss", inputs)

    def lower(self, inputs: Inputs) -> Lowering:
        real = inputs["target"].dtype == "float"
        target = "{target}" if real else "2.0 * {target} - 1.0"
        return Lowering(expression=f"F.soft_margin_loss({prediction(inputs)}, {target})")


class MultiLabelMarginLoss(Loss, frozen=True, kw_only=True):
    """For several right classes, that shall lead by a margin."""

    info: ClassVar = LayerInfo(
        title="Multi-label margin loss",
        category="loss",
        role="loss",
        summary="Asks that the scores of the right classes lead all others by 1.",
        when="To choose several of many classes. The target lists the right ones first and −1 "
        "after them.",
        shape="K scores and K whole numbers to one number",
        formula="Σ max(0, 1 − x[right] + x[wrong]) ÷ K",
        aliases=("multi-label", "hinge loss", "ranking", "margin"),
        link=docs("nn.MultiLabelMarginLoss"),
        inputs=(
            Port(name="x", help="One score for each class"),
            Port(name="target", target=True, help="The right classes first, then −1"),
        ),
        outputs=LOSS,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, target = inputs["x"], inputs["target"]
        needs_float(x, self.info.title)
        needs_labels("MultiLabelMarginLoss", x, target)
        if x.rank != 2:
            raise _one_label(self.info.title, x)
        needs_equal_shapes("MultiLabelMarginLoss", x, target)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="F.multilabel_margin_loss({x}, {target})")


class KLDivLoss(Difference, frozen=True, kw_only=True):
    """How far one distribution is from another."""

    function: ClassVar[str] = "F.kl_div"

    info: ClassVar = LayerInfo(
        title="KL divergence",
        category="loss",
        role="loss",
        summary="Says how far predicted chances are from given ones.",
        when="To let a small network learn from the chances that a large one gives "
        "(distillation). The prediction comes from LogSoftmax.",
        shape="two equal shapes to one number",
        formula="Σ t·(ln t − x) ÷ N",
        aliases=("kullback leibler", "distillation", "soft labels", "relative entropy"),
        reference="Kullback and Leibler 1951, On Information and Sufficiency",
        link=docs("nn.KLDivLoss"),
        inputs=(
            Port(name="x", help="Logarithms of chances"),
            Port(name="target", target=True, help="Chances"),
        ),
        outputs=LOSS,
    )

    log_target: Annotated[
        bool,
        Param("Target is a logarithm", "Reads the target as logarithms too.", advanced=True),
    ] = False

    def _written(self) -> str:
        return written(("reduction", "batchmean", "mean"), ("log_target", self.log_target, False))


class CTCLoss(Loss, frozen=True, kw_only=True):
    """For labels whose places are not known."""

    info: ClassVar = LayerInfo(
        title="CTC loss",
        category="loss",
        role="loss",
        summary="Adds up all ways in which steps can spell a sequence of labels.",
        when="For speech and handwriting, where it is known what was said and not when.",
        shape="T×K scores and S labels to one number",
        formula="−ln Σ chance of each alignment",
        aliases=(
            "connectionist temporal classification",
            "speech recognition",
            "handwriting",
            "alignment",
        ),
        reference="Graves et al. 2006, Connectionist Temporal Classification",
        link=docs("nn.CTCLoss"),
        inputs=(
            Port(name="x", help="Steps×classes: a score for each; class 0 is the blank"),
            Port(name="target", target=True, help="Labels from 1 up; 0 fills the end"),
        ),
        outputs=LOSS,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, target = inputs["x"], inputs["target"]
        needs_float(x, self.info.title)
        needs_labels("CTCLoss", x, target)
        if x.rank != 3 or target.rank != 2:
            raise ShapeError(
                "CTCLoss needs steps×classes and a row of labels",
                why=f"It receives {described(x)} and {described(target)}.",
                reason="needs steps and labels",
                code="LL-S002",
            )
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="{module}({x}, {target})", module=Call("CTC"), helper="CTC")


def _yes_or_no(title: str, inputs: Inputs) -> tuple[TensorType, ...]:
    x, target = inputs["x"], inputs["target"]
    needs_float(x, title)
    needs_yes_or_no(title, target)
    needs_equal_shapes(title, x, target)
    return (TensorType(()),)


def _as_numbers(inputs: Inputs) -> str:
    return "{target}" if inputs["target"].dtype == "float" else "{target}.float()"


def _one_label(title: str, x: TensorType) -> ShapeError:
    return ShapeError(
        f"{title} needs one row of scores for each sample",
        why=f"The prediction is {described(x)}.",
        hint="Flatten it, or take CrossEntropyLoss.",
        reason="needs class scores",
        code="LL-S016",
    )


LAYERS = (
    NLLLoss,
    BCELoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
    MultiLabelMarginLoss,
    SoftMarginLoss,
    KLDivLoss,
    CTCLoss,
)
