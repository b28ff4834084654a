"""Losses: one number that says how far the prediction is from the target; training lowers it."""

from typing import Annotated, ClassVar

from nodes.errors import Remedy, ShapeError
from nodes.expectations import FLATTEN, POOL_ALL, described, replace, reshape
from nodes.layer import Layer, LayerInfo, Lowering, Port, differing, docs, template_literal
from nodes.params import Param
from nodes.sizes import Size, counted, product
from nodes.tensors import Inputs, TensorType, needs_float

LOSS = (Port(name="loss", help="One number for the batch: the mean over its samples"),)


PREDICTION_AND_TARGET = (
    Port(name="x", help="The prediction"),
    Port(name="target", target=True, help="What it should be"),
)


class Loss(Layer, frozen=True, kw_only=True):
    """What all losses share: they are summed, each as much as it weighs."""

    weight: Annotated[
        float,
        Param(
            "Weight",
            "How much it counts beside the other losses. 0 leaves it out and still draws its "
            "curve.",
            low=0,
            step=0.1,
            suggest=(0.1, 0.5, 1),
            on_card="×{}",
        ),
    ] = 1.0


class CrossEntropyLoss(Loss, frozen=True, kw_only=True):
    """For one right class out of several."""

    info: ClassVar = LayerInfo(
        title="Cross-entropy",
        category="loss",
        role="loss",
        summary="Compares one score for each class with the right class.",
        when="To choose one of several classes. The scores need no softmax before it: it has one.",
        shape="K scores and a label to one number",
        formula="−log(softmax(x)[target])",
        aliases=("cross entropy", "classification", "softmax loss", "log loss", "nll", "ce"),
        link=docs("nn.CrossEntropyLoss"),
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
        needs_labels("Cross-entropy", x, target)
        needs_scores("CrossEntropyLoss", x, target)
        needs_matching_classes(x, target)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        smoothing = (
            f", label_smoothing={template_literal(self.label_smoothing)}"
            if self.label_smoothing
            else ""
        )
        return Lowering(expression=f"F.cross_entropy({{x}}, {{target}}{smoothing})")


class Difference(Loss, frozen=True, kw_only=True):
    """What losses over differences of real numbers share."""

    function: ClassVar[str]

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, target = inputs["x"], inputs["target"]
        title = self.info.title
        needs_float(x, title)
        if target.dtype != "float":
            raise _needs_numbers(title, target)
        needs_equal_shapes(title, x, target)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        arguments = f"{prediction(inputs)}, {{target}}{self._written()}"
        return Lowering(expression=f"{self.function}({arguments})")

    def _written(self) -> str:
        """Write the arguments that differ from torch's defaults, each after a comma."""
        return ""


class MSELoss(Difference, frozen=True, kw_only=True):
    """For numbers, large misses weighing most."""

    function: ClassVar[str] = "F.mse_loss"

    info: ClassVar = LayerInfo(
        title="Mean squared error",
        category="loss",
        role="loss",
        summary="Takes the mean of the squared differences.",
        when="To predict numbers or to rebuild images. One large miss weighs more than many small "
        "ones.",
        shape="two equal shapes to one number",
        formula="mean((x − target)²)",
        aliases=("mean squared error", "regression", "l2", "squared error", "reconstruction"),
        link=docs("nn.MSELoss"),
        inputs=PREDICTION_AND_TARGET,
        outputs=LOSS,
    )


class L1Loss(Difference, frozen=True, kw_only=True):
    """For numbers, every miss weighing alike."""

    function: ClassVar[str] = "F.l1_loss"

    info: ClassVar = LayerInfo(
        title="Mean absolute error",
        category="loss",
        role="loss",
        summary="Takes the mean of the differences, without their sign.",
        when="To predict numbers where a few targets are far off: they pull less than with "
        "MSELoss.",
        shape="two equal shapes to one number",
        formula="mean(|x − target|)",
        aliases=("mean absolute error", "mae", "robust regression", "absolute error", "l1"),
        link=docs("nn.L1Loss"),
        inputs=PREDICTION_AND_TARGET,
        outputs=LOSS,
    )


class BCEWithLogitsLoss(Loss, frozen=True, kw_only=True):
    """For yes or no."""

    info: ClassVar = LayerInfo(
        title="Binary cross-entropy",
        category="loss",
        role="loss",
        summary="Compares scores with yes or no, each by itself.",
        when="For one yes-or-no question, or for several labels that may hold at once. The scores "
        "need no sigmoid before it: it has one.",
        shape="two equal shapes to one number",
        formula="−t·log σ(x) − (1 − t)·log(1 − σ(x))",
        aliases=("binary cross entropy", "bce", "yes or no", "multi-label", "logistic"),
        link=docs("nn.BCEWithLogitsLoss"),
        inputs=(
            Port(name="x", help="Scores: above 0 means yes"),
            Port(name="target", target=True, help="1 for yes, 0 for no"),
        ),
        outputs=LOSS,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, target = inputs["x"], inputs["target"]
        needs_float(x, self.info.title)
        needs_yes_or_no("BCEWithLogitsLoss", target)
        needs_equal_shapes(self.info.title, x, target)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        target = "{target}" if inputs["target"].dtype == "float" else "{target}.float()"
        return Lowering(
            expression=f"F.binary_cross_entropy_with_logits({prediction(inputs)}, {target})"
        )


def prediction(inputs: Inputs) -> str:
    """Write the prediction with the axes of the target."""
    # Torch would spread N×1 over N into N×N differences, and train on them.
    return "{x}" if inputs["x"].rank == inputs["target"].rank else "{x}.squeeze(-1)"


def needs_equal_shapes(title: str, x: TensorType, target: TensorType) -> None:
    """Refuse a prediction that is not as large as its target; N×1 is as good as N.

    Raises:
        ShapeError: The shapes differ.
    """
    if x.sizes in (target.sizes, (*target.sizes, 1)):
        return
    raise ShapeError(
        f"{title} needs two equal shapes",
        why=f"The prediction is {described(x)}, the target {described(target)}.",
        hint="Make the prediction as large as the target.",
        reason="shapes differ",
        code="LL-S012",
        remedies=_as_large_as(x, target),
    )


def _as_large_as(x: TensorType, target: TensorType) -> tuple[Remedy, ...]:
    """Offer to resize the layer before, or to arrange as many numbers in another way."""
    wanted = target.sizes[1:] or (1,)
    if not all(isinstance(size, int) for size in wanted):
        return ()
    if x.rank == 2 and len(wanted) == 1:
        return (_set_upstream("out_features", wanted[0]),)
    if x.rank == 4 and target.rank == 4 and x.sizes[2:] == target.sizes[2:]:
        return (_set_upstream("out_channels", wanted[0]),)
    if x.rank and product(x.sizes[1:]) == product(wanted):
        return (reshape(tuple(counted(size) for size in wanted)),)
    return ()


def written(*arguments: tuple[str, object, object]) -> str:
    """Write the arguments that differ from torch's defaults, each after a comma."""
    return "".join(f", {name}={template_literal(value)}" for name, value in differing(*arguments))


def _set_upstream(parameter: str, value: Size) -> Remedy:
    return Remedy(
        label=f"Give {value} outputs" if value != 1 else "Give 1 output",
        action="set_params",
        params={parameter: value},
        port="x",
        target="upstream",
    )


def _needs_numbers(title: str, target: TensorType) -> ShapeError:
    return ShapeError(
        f"{title} compares real numbers",
        why=f"The target holds {_kind(target)}.",
        hint="Connect a target of real numbers.",
        reason="target holds labels" if target.classes else "target holds whole numbers",
        code="LL-S015",
        remedies=(replace("CrossEntropyLoss"),) if target.classes else (),
    )


def needs_yes_or_no(title: str, target: TensorType) -> None:
    """Refuse labels of more than two classes.

    Raises:
        ShapeError: ``target`` is not made of zeros and ones.
    """
    if target.dtype == "int" and target.classes != 2:
        raise _no_yes_or_no(title, target)


def _no_yes_or_no(title: str, target: TensorType) -> ShapeError:
    return ShapeError(
        f"{title} needs yes or no",
        why=f"The target holds {_kind(target)}.",
        hint="Connect a target of zeros and ones.",
        reason="needs yes or no",
        code="LL-S015",
        remedies=(replace("CrossEntropyLoss"),) if target.classes else (),
    )


def _kind(target: TensorType) -> str:
    if target.classes:
        return f"labels of {target.classes} classes"
    return "flags" if target.dtype == "bool" else "whole numbers"


def needs_labels(title: str, x: TensorType, target: TensorType) -> None:
    """Refuse real numbers as the right class.

    Raises:
        ShapeError: ``target`` does not hold labels.
    """
    if target.dtype == "int":
        return
    raise ShapeError(
        f"{title} needs labels",
        why=f"The target holds real numbers: {described(target)}.",
        hint="Connect the field that holds the right class.",
        reason="needs labels",
        code="LL-S015",
        remedies=(replace("MSELoss"),) if x.sizes == target.sizes else (),
    )


def needs_scores(title: str, x: TensorType, target: TensorType) -> None:
    """Refuse a prediction without a score for each class beside each label.

    Raises:
        ShapeError: ``x`` does not have the axes of ``target`` and one for the classes.
    """
    if x.rank >= 2 and (x.sizes[0], *x.sizes[2:]) == target.sizes:
        return
    one_label = target.rank == 1
    needed = "for each sample" if one_label else "at each place"
    raise ShapeError(
        f"{title} needs one score for each class {needed}",
        why=f"The prediction is {described(x)}, the target {described(target)}.",
        reason="needs class scores",
        code="LL-S016",
        remedies=(FLATTEN, POOL_ALL) if one_label and x.rank == 4 else (),
    )


def needs_matching_classes(x: TensorType, target: TensorType) -> None:
    """Refuse as many scores as there are not classes.

    Raises:
        ShapeError: The second axis of ``x`` is not as long as ``target`` has classes.
    """
    classes, outputs = target.classes, x.sizes[1]
    if classes is None or not isinstance(outputs, int) or outputs == classes:
        return
    size = "out_features" if x.rank == 2 else "out_channels"
    raise ShapeError(
        f"{classes} classes, {outputs} outputs",
        why=f"The target has {classes} labels. The prediction gives {outputs} values.",
        reason="classes and outputs differ",
        code="LL-S014",
        remedies=(_set_upstream(size, classes),),
    )


LAYERS = (CrossEntropyLoss, MSELoss, L1Loss, BCEWithLogitsLoss)
