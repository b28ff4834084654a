"""Normalisation: brings numbers to mean 0 and deviation 1, then scales them as learned."""

from typing import Annotated, ClassVar

from nodes.activation import FUSED, ActivationName, activated
from nodes.errors import Remedy, ShapeError
from nodes.expectations import described, must_divide, needs_image, needs_volume, replace
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing, docs
from nodes.params import Param
from nodes.sizes import Size, counted, product
from nodes.tensors import Inputs, TensorType, needs_float

EPSILON = Param(
    "Epsilon",
    "A tiny number that keeps the division away from zero.",
    low=0,
    high=1,
    step=1e-5,
    suggest=(1e-6, 1e-5, 1e-3),
    advanced=True,
)
SCALE = Param(
    "Learned scale",
    "Learns a factor and an offset for each channel after normalising.",
    advanced=True,
)


class BatchNorm(Layer, frozen=True, kw_only=True):
    """What batch norms over vectors, sequences and images share."""

    momentum: Annotated[
        float,
        Param(
            "Momentum",
            "How fast the averages that are used after training follow the batches.",
            low=0,
            high=1,
            step=0.01,
            suggest=(0.01, 0.1),
            advanced=True,
        ),
    ] = 0.1
    eps: Annotated[float, EPSILON] = 1e-5
    affine: Annotated[bool, SCALE] = True
    activation: Annotated[ActivationName, FUSED] = "none"

    def lower(self, inputs: Inputs) -> Lowering:
        kwargs = differing(
            ("eps", self.eps, 1e-5),
            ("momentum", self.momentum, 0.1),
            ("affine", self.affine, True),
        )
        module = Call(f"nn.{type(self).__name__}", (inputs["x"].sizes[1],), kwargs)
        return Lowering(expression=activated("{module}({x})", self.activation), module=module)

    def parameters(self, inputs: Inputs) -> int:
        return counted(2 * inputs["x"].sizes[1]) if self.affine else 0

    def buffers(self, inputs: Inputs) -> int:
        # Mean and variance of each channel, and how many batches they were taken over.
        return counted(2 * inputs["x"].sizes[1] + 1)


class BatchNorm1d(BatchNorm, frozen=True, kw_only=True):
    """Normalises each feature over the batch."""

    info: ClassVar = LayerInfo(
        title="BatchNorm1d",
        category="norm",
        summary="Brings each feature to mean 0 and deviation 1 over the batch.",
        when="After a Linear or a Conv1d, before its activation: training gets faster and less "
        "touchy. Needs batches of some size.",
        shape="F or C×T, unchanged",
        formula="y = γ·(x − mean) ÷ √(variance + ε) + β",
        aliases=("bn", "batch norm", "batch normalization", "batch normalisation"),
        reference="Ioffe and Szegedy 2015, Batch Normalization",
        link=docs("nn.BatchNorm1d"),
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        if x.rank not in (2, 3):
            raise ShapeError(
                "BatchNorm1d needs a vector or a sequence",
                why=f"It receives {described(x)}.",
                reason="needs a vector",
                code="LL-S002",
                remedies=(replace("BatchNorm2d"),) if x.rank == 4 else (),
            )
        return (x.with_sizes(*x.sizes),)


class BatchNorm2d(BatchNorm, frozen=True, kw_only=True):
    """Normalises each channel over the batch and the image."""

    info: ClassVar = LayerInfo(
        title="BatchNorm2d",
        category="norm",
        summary="Brings each channel to mean 0 and deviation 1 over the batch.",
        when="After a Conv2d, before its activation: training gets faster and less touchy. Needs "
        "batches of some size; with fewer than about 8 samples take GroupNorm.",
        shape="C×H×W, unchanged",
        formula="y = γ·(x − mean) ÷ √(variance + ε) + β",
        aliases=("bn", "batch norm", "batch normalization", "batch normalisation"),
        reference="Ioffe and Szegedy 2015, Batch Normalization",
        link=docs("nn.BatchNorm2d"),
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        remedies = (replace("BatchNorm1d"),) if x.rank in (2, 3) else ()
        needs_image(x, self.info.title, *remedies)
        return (x.with_sizes(*x.sizes),)


class BatchNorm3d(BatchNorm, frozen=True, kw_only=True):
    """Normalises each channel over the batch and the volume."""

    info: ClassVar = LayerInfo(
        title="BatchNorm3d",
        category="norm",
        summary="Brings each channel of a volume to mean 0 and deviation 1 over the batch.",
        when="After a Conv3d, before its activation. Volumes leave room for few samples at a time; "
        "with fewer than about 8 take GroupNorm.",
        shape="C×D×H×W, unchanged",
        formula="y = γ·(x − mean) ÷ √(variance + ε) + β",
        aliases=("bn", "batch norm", "batch normalization", "batch normalisation"),
        reference="Ioffe and Szegedy 2015, Batch Normalization",
        link=docs("nn.BatchNorm3d"),
    )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_volume(x, self.info.title)
        return (x.with_sizes(*x.sizes),)


class GroupNorm(Layer, frozen=True, kw_only=True):
    """Normalises groups of channels of each sample by itself."""

    info: ClassVar = LayerInfo(
        title="GroupNorm",
        category="norm",
        summary="Brings groups of channels to mean 0 and deviation 1, each sample by itself.",
        when="In place of a batch norm where batches are small. With one group it is a layer norm "
        "over the whole image.",
        shape="C×H×W, unchanged",
        formula="y = γ·(x − mean) ÷ √(variance + ε) + β",
        aliases=("gn", "group normalization", "instance norm"),
        reference="Wu and He 2018, Group Normalization",
        link=docs("nn.GroupNorm"),
    )

    num_groups: Annotated[
        int,
        Param(
            "Groups",
            "How many groups the channels are shared out to; it must divide their number. 1 takes "
            "all channels together.",
            low=1,
            suggest=(1, 4, 8, 32),
            on_card="{} groups",
        ),
    ] = 8
    eps: Annotated[float, EPSILON] = 1e-5
    affine: Annotated[bool, SCALE] = True
    activation: Annotated[ActivationName, FUSED] = "none"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        title = self.info.title
        needs_float(x, title)
        if x.rank < 2:
            raise _needs_features(x, title)
        must_divide(self.num_groups, x.sizes[1], title=title, parameter="num_groups")
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        kwargs = differing(
            ("eps", self.eps, 1e-5),
            ("affine", self.affine, True),
        )
        module = Call("nn.GroupNorm", (self.num_groups, inputs["x"].sizes[1]), kwargs)
        return Lowering(expression=activated("{module}({x})", self.activation), module=module)

    def parameters(self, inputs: Inputs) -> int:
        return counted(2 * inputs["x"].sizes[1]) if self.affine else 0

    def on_card(self, inputs: Inputs | None) -> str:
        del inputs
        return "1 group" if self.num_groups == 1 else f"{self.num_groups} groups"


class TrailingNorm(Layer, frozen=True, kw_only=True):
    """What norms over the last axes of each sample share."""

    axes: Annotated[
        int,
        Param(
            "Axes",
            "Over how many axes, counted from the last, one mean is taken. 1 for vectors and "
            "sequences, 3 for images.",
            low=1,
            high=8,
            suggest=(1, 3),
            on_card="{} axes",
        ),
    ] = 1

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        title = self.info.title
        needs_float(x, title)
        if x.rank < 2:
            raise _needs_features(x, title)
        if self.axes > x.rank - 1 or (x.rank == 4 and self.axes != 3):
            raise self._wrong_axes(x)
        return (x.with_sizes(*x.sizes),)

    def _normalized(self, inputs: Inputs) -> tuple[Size, ...]:
        return inputs["x"].sizes[-self.axes :]

    def _shape(self, inputs: Inputs) -> object:
        sizes = self._normalized(inputs)
        return sizes[0] if len(sizes) == 1 else sizes

    def _wrong_axes(self, x: TensorType) -> ShapeError:
        axes = x.rank - 1
        names = "all 3 axes of an image" if axes == 3 else f"at most {axes} axes here"
        return ShapeError(
            f"{self.info.title} goes over {names}",
            why=f"It receives {described(x)} and is set to {self.axes}.",
            reason="axes do not fit",
            code="LL-S007",
            remedies=(
                Remedy(label=f"Set axes to {axes}", action="set_params", params={"axes": axes}),
            ),
        )


class LayerNorm(TrailingNorm, frozen=True, kw_only=True):
    """Normalises each sample by itself."""

    info: ClassVar = LayerInfo(
        title="LayerNorm",
        category="norm",
        summary="Brings the features of each sample to mean 0 and deviation 1.",
        when="In transformers and recurrent networks, and wherever batches are small: no sample "
        "depends on the others.",
        shape="any shape, unchanged",
        formula="y = γ·(x − mean) ÷ √(variance + ε) + β",
        aliases=("ln", "layer normalization", "layer normalisation"),
        reference="Ba, Kiros and Hinton 2016, Layer Normalization",
        link=docs("nn.LayerNorm"),
    )

    eps: Annotated[float, EPSILON] = 1e-5
    elementwise_affine: Annotated[bool, SCALE] = True
    bias: Annotated[
        bool,
        Param(
            "Bias",
            "Learns an offset as well as a factor.",
            when="elementwise_affine",
            advanced=True,
        ),
    ] = True

    def lower(self, inputs: Inputs) -> Lowering:
        kwargs = differing(
            ("eps", self.eps, 1e-5),
            ("elementwise_affine", self.elementwise_affine, True),
            ("bias", self.bias or not self.elementwise_affine, True),
        )
        module = Call("nn.LayerNorm", (self._shape(inputs),), kwargs)
        return Lowering(expression="{module}({x})", module=module)

    def parameters(self, inputs: Inputs) -> int:
        per_number = 1 + int(self.bias) if self.elementwise_affine else 0
        return counted(per_number * product(self._normalized(inputs)))


class RMSNorm(TrailingNorm, frozen=True, kw_only=True):
    """Scales each sample to a mean square of 1."""

    info: ClassVar = LayerInfo(
        title="RMSNorm",
        category="norm",
        summary="Scales the features of each sample so that their mean square is 1.",
        when="In place of LayerNorm in large transformers: as good, and cheaper, since no mean is "
        "taken off.",
        shape="any shape, unchanged",
        formula="y = γ·x ÷ √(mean(x²) + ε)",
        aliases=("root mean square", "rms normalization"),
        reference="Zhang and Sennrich 2019, Root Mean Square Layer Normalization",
        link=docs("nn.RMSNorm"),
    )

    eps: Annotated[float | None, EPSILON] = None
    elementwise_affine: Annotated[bool, SCALE] = True

    def lower(self, inputs: Inputs) -> Lowering:
        kwargs = differing(
            ("eps", self.eps, None),
            ("elementwise_affine", self.elementwise_affine, True),
        )
        module = Call("nn.RMSNorm", (self._shape(inputs),), kwargs)
        return Lowering(expression="{module}({x})", module=module)

    def parameters(self, inputs: Inputs) -> int:
        return counted(product(self._normalized(inputs))) if self.elementwise_affine else 0


def _needs_features(x: TensorType, title: str) -> ShapeError:
    return ShapeError(
        f"{title} needs several features",
        why=f"It receives {described(x)}.",
        reason="needs several features",
        code="LL-S002",
    )


LAYERS = (BatchNorm1d, BatchNorm2d, BatchNorm3d, LayerNorm, GroupNorm, RMSNorm)
