"""Losses that measure how far two areas cover each other."""

from typing import ClassVar

from nodes.classification_losses import SCORES_AND_CLASS
from nodes.layer import Call, Layer, LayerInfo, Lowering
from nodes.losses import LOSS, needs_labels, needs_matching_classes, needs_scores
from nodes.tensors import Inputs, TensorType, needs_float


class DiceLoss(Layer, frozen=True, kw_only=True):
    """For areas of a picture."""

    info: ClassVar = LayerInfo(
        title="Dice loss",
        category="loss",
        role="loss",
        summary="Compares the area that each class is given with the area that it has.",
        when="To label every pixel where some classes are small: each class counts alike, however "
        "few pixels it has. Steadier beside CrossEntropyLoss on the same two wires.",
        shape="K scores and a label to one number",
        formula="1 − mean(2·common ÷ (given + true))",
        aliases=("dice", "f1", "overlap", "segmentation", "iou", "sorensen"),
        reference="Milletari et al. 2016, V-Net: Fully Convolutional Neural Networks for "
        "Volumetric Medical Image Segmentation",
        inputs=SCORES_AND_CLASS,
        outputs=LOSS,
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, target = inputs["x"], inputs["target"]
        needs_float(x, self.info.title)
        needs_labels("DiceLoss", x, target)
        needs_scores("DiceLoss", x, target)
        needs_matching_classes(x, target)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        return Lowering(expression="{module}({x}, {target})", module=Call("Dice"), helper="Dice")


LAYERS = (DiceLoss,)
