"""Losses for pairs and triples: what belongs together shall be near."""

from typing import Annotated, ClassVar

from nodes.errors import ShapeError
from nodes.expectations import described
from nodes.layer import LayerInfo, Lowering, Port, docs
from nodes.losses import LOSS, Loss, needs_equal_shapes, prediction, written
from nodes.params import Param
from nodes.tensors import Inputs, TensorType, needs_float

TOGETHER = Port(name="target", target=True, help="1 for alike, −1 for different")


def _margin(text: str, low: float = -100) -> Param:
    return Param("Margin", text, low=low, high=100, step=0.1, suggest=(0.2, 0.5, 1), on_card="{}")


class HingeEmbeddingLoss(Loss, frozen=True, kw_only=True):
    """For distances of pairs."""

    info: ClassVar = LayerInfo(
        title="Hinge embedding loss",
        category="loss",
        role="loss",
        summary="Pulls the distances of like pairs down, and pushes those of others over a margin.",
        when="After PairwiseDistance of two branches that share weights.",
        shape="two equal shapes to one number",
        formula="x for 1, max(0, margin − x) for −1",
        aliases=("siamese", "contrastive", "metric learning", "distance"),
        reference="Hadsell, Chopra and LeCun 2006, Dimensionality Reduction by Learning an "
        "Invariant Mapping",
        link=docs("nn.HingeEmbeddingLoss"),
        inputs=(Port(name="x", help="A distance"), TOGETHER),
        outputs=LOSS,
    )

    margin: Annotated[float, _margin("How far apart others shall be.")] = 1.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x, target = inputs["x"], inputs["target"]
        for tensor in (x, target):
            needs_float(tensor, self.info.title)
        needs_equal_shapes("HingeEmbeddingLoss", x, target)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        arguments = f"{prediction(inputs)}, {{target}}{written(('margin', self.margin, 1.0))}"
        return Lowering(expression=f"F.hinge_embedding_loss({arguments})")


class CosineEmbeddingLoss(Loss, frozen=True, kw_only=True):
    """For directions of pairs."""

    info: ClassVar = LayerInfo(
        title="Cosine embedding loss",
        category="loss",
        role="loss",
        summary="Turns like pairs the same way, and others apart.",
        when="To learn vectors whose directions mean something, as of texts and of pictures.",
        shape="two vectors and ±1 to one number",
        formula="1 − cos for 1, max(0, cos − margin) for −1",
        aliases=("siamese", "contrastive", "metric learning", "similarity"),
        link=docs("nn.CosineEmbeddingLoss"),
        inputs=(
            Port(name="a", help="The first vector"),
            Port(name="b", help="The second vector"),
            TOGETHER,
        ),
        outputs=LOSS,
    )

    margin: Annotated[float, _margin("How alike others may still point.")] = 0.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        a, b, target = inputs["a"], inputs["b"], inputs["target"]
        for tensor in (a, b, target):
            needs_float(tensor, self.info.title)
        if a.rank != 2 or a.sizes != b.sizes or target.sizes != a.sizes[:1]:
            raise _do_not_fit("CosineEmbeddingLoss needs two vectors and one answer", inputs)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        margin = written(("margin", self.margin, 0.0))
        return Lowering(expression=f"F.cosine_embedding_loss({{a}}, {{b}}, {{target}}{margin})")


class MarginRankingLoss(Loss, frozen=True, kw_only=True):
    """For which of two ranks higher."""

    info: ClassVar = LayerInfo(
        title="Margin ranking loss",
        category="loss",
        role="loss",
        summary="Asks that one score leads another by a margin.",
        when="To learn an order from pairs: which of two results is better.",
        shape="three equal shapes to one number",
        formula="max(0, −t·(a − b) + margin)",
        aliases=("learning to rank", "preference", "order", "pairwise"),
        link=docs("nn.MarginRankingLoss"),
        inputs=(
            Port(name="a", help="The first score"),
            Port(name="b", help="The second score"),
            Port(name="target", target=True, help="1 where the first ranks higher, else −1"),
        ),
        outputs=LOSS,
    )

    margin: Annotated[float, _margin("By how much the better one shall lead.")] = 0.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        a, b, target = inputs["a"], inputs["b"], inputs["target"]
        for tensor in (a, b, target):
            needs_float(tensor, self.info.title)
        if a.sizes != b.sizes or a.sizes not in (target.sizes, (*target.sizes, 1)):
            raise _do_not_fit("MarginRankingLoss needs three equal shapes", inputs)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        narrow = "" if inputs["a"].rank == inputs["target"].rank else ".squeeze(-1)"
        scores = f"{{a}}{narrow}, {{b}}{narrow}"
        margin = written(("margin", self.margin, 0.0))
        return Lowering(expression=f"F.margin_ranking_loss({scores}, {{target}}{margin})")


class TripletMarginLoss(Loss, frozen=True, kw_only=True):
    """For one that is nearer than another."""

    info: ClassVar = LayerInfo(
        title="Triplet loss",
        category="loss",
        role="loss",
        summary="Asks that a vector lies nearer to its like than to another, by a margin.",
        when="To learn faces or voices: two of one person and one of another go through branches "
        "that share weights.",
        shape="three equal shapes to one number",
        formula="max(0, |a − p| − |a − n| + margin)",
        aliases=("metric learning", "siamese", "facenet", "contrastive", "anchor"),
        reference="Schroff, Kalenichenko and Philbin 2015, FaceNet",
        link=docs("nn.TripletMarginLoss"),
        inputs=(
            Port(name="anchor", help="The vector that is compared"),
            Port(name="positive", help="One that is like it"),
            Port(name="negative", help="One that is not"),
        ),
        outputs=LOSS,
    )

    margin: Annotated[float, _margin("How much nearer the like one shall be.", 1e-6)] = 1.0
    p: Annotated[
        float,
        Param(
            "Power",
            "2 is the distance as the crow flies.",
            low=0.1,
            high=64,
            suggest=(1, 2),
            advanced=True,
        ),
    ] = 2.0

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        three = [inputs[port.name] for port in self.info.inputs]
        for tensor in three:
            needs_float(tensor, self.info.title)
        if three[0].rank < 2 or len({tensor.sizes for tensor in three}) > 1:
            raise _do_not_fit("TripletMarginLoss needs three equal vectors", inputs)
        return (TensorType(()),)

    def lower(self, inputs: Inputs) -> Lowering:
        del inputs
        options = written(("margin", self.margin, 1.0), ("p", self.p, 2.0))
        three = "{anchor}, {positive}, {negative}"
        return Lowering(expression=f"F.triplet_margin_loss({three}{options})")


def _do_not_fit(title: str, inputs: Inputs) -> ShapeError:
    parts = [f"“{port}” is {described(tensors[0])}" for port, tensors in inputs.key()]
    return ShapeError(
        title,
        why=f"{', '.join(parts)}.",
        hint="Give both branches as many outputs.",
        reason="shapes differ",
        code="LL-S012",
    )


LAYERS = (TripletMarginLoss, CosineEmbeddingLoss, HingeEmbeddingLoss, MarginRankingLoss)
