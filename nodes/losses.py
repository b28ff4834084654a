"""Losses: one number that says how far the prediction is from the target; training lowers it."""

from typing import Annotated, ClassVar

from nodes.errors import Remedy, ShapeError
from nodes.expectations import FLATTEN, POOL_ALL, described, replace
from nodes.layer import Layer, LayerInfo, Lowering, Port, template_literal
from nodes.params import Param
from nodes.tensors import Inputs, TensorType, needs_float

LOSS = (Port(name="loss", help="One number for the batch: the mean over its samples"),)


class CrossEntropyLoss(Layer, frozen=True, kw_only=True):
    """For one right class out of several."""

    info: ClassVar = LayerInfo(
        title="CrossEntropyLoss",
        category="loss",
        role="loss",
        summary="Compares one score for each class with the right class.",
        when="To choose one of several classes. The scores need no softmax before it: it has one.",
        shape="K scores and a label to one number",
        formula="−log(softmax(x)[target])",
        aliases=("cross entropy", "classification", "softmax loss", "log loss", "nll", "ce"),
        link="https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html",
        inputs=(
            Port(name="x", help="One score for each class"),
            Port(name="target", target=True, help="The right class"),
        ),
        outputs=LOSS,
    )

    label_smoothing: Annotated[
        float,
        Param(
            "Label smoothing",
            "Takes this share of certainty from the right class and gives it to all. A little "
            "keeps the network from being too sure of itself.",
            low=0,
            high=1,
            step=0.05,
            suggest=(0, 0.05, 0.1),
            on_card="smoothing {}",
        ),
    ] = 0.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, target = inputs["x"], inputs["target"]
        needs_float(x, self.info.title)
        _needs_labels(x, target)
        _needs_scores(x, target)
        _needs_matching_classes(x, target)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        smoothing = (
            f", label_smoothing={template_literal(self.label_smoothing)}"
            if self.label_smoothing
            else ""
        )
        return Lowering(expression=f"F.cross_entropy({{x}}, {{target}}{smoothing})")


def _needs_labels(x: TensorType, target: TensorType) -> None:
    if target.dtype == "int":
        return
    raise ShapeError(
        "CrossEntropyLoss needs labels",
        why=f"The target holds real numbers: {described(target)}.",
        hint="Connect the field that holds the right class.",
        reason="needs labels",
        code="LL-S021",
        remedies=(replace("MSELoss"),) if x.sizes == target.sizes else (),
    )


def _needs_scores(x: TensorType, target: TensorType) -> None:
    if x.rank >= 2 and (x.sizes[0], *x.sizes[2:]) == target.sizes:
        return
    one_label = target.rank == 1
    needed = "for each sample" if one_label else "at each place"
    raise ShapeError(
        f"CrossEntropyLoss needs one score for each class {needed}",
        why=f"The prediction is {described(x)}, the target {described(target)}.",
        reason="needs class scores",
        code="LL-S022",
        remedies=(FLATTEN, POOL_ALL) if one_label and x.rank == 4 else (),
    )


def _needs_matching_classes(x: TensorType, target: TensorType) -> None:
    classes, outputs = target.classes, x.sizes[1]
    if classes is None or not isinstance(outputs, int) or outputs == classes:
        return
    size = "out_features" if x.rank == 2 else "out_channels"
    raise ShapeError(
        f"{classes} classes, {outputs} outputs",
        why=f"The target has {classes} labels. The prediction gives {outputs} values.",
        reason="classes and outputs differ",
        code="LL-S020",
        remedies=(
            Remedy(
                label=f"Give {classes} outputs",
                action="set_params",
                params={size: classes},
                port="x",
                target="upstream",
            ),
        ),
    )


LAYERS = (CrossEntropyLoss,)
