"""Numbers as they are in deviations from their mean, both measured on the training samples."""

from typing import Annotated, ClassVar

from nodes.expectations import axis, not_the_batch
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing
from nodes.params import Param
from nodes.sizes import Size, counted
from nodes.tensors import Inputs, TensorType, needs_float


class Standardize(Layer, frozen=True, kw_only=True):
    """What arrives, by the mean and the deviation of the training samples."""

    info: ClassVar = LayerInfo(
        title="Standardize",
        category="norm",
        summary="Brings each channel to mean 0 and deviation 1, as measured once on the training "
        "samples before training begins.",
        when="Right behind the data: pictures, sounds or columns of unlike scale are learned "
        "faster. What was measured is kept with the weights and goes into every export.",
        shape="any shape, unchanged",
        formula="y = (x − mean) ÷ deviation",
        aliases=(
            "normalise",
            "normalize images",
            "z-score",
            "standard scaler",
            "mean and std",
            "whiten",
            "preprocess",
        ),
        reference="LeCun, Bottou, Orr and Müller 1998, Efficient BackProp",
    )

    dim: Annotated[
        int,
        Param(
            "Channels",
            "The axis along which each place has a mean of its own: 1 for the channels of images "
            "and sounds and the columns of tables, −1 for the features of sequences.",
            low=-7,
            high=7,
            suggest=(1, -1),
        ),
    ] = 1

    def verify(self) -> None:
        not_the_batch(self.dim, "All samples share what is measured.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        axis(x, self.dim, self.info.title)
        return (x.with_sizes(*x.sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        kwargs = differing(("dim", self.dim, 1))
        module = Call("Standardize", (self._channels(inputs),), kwargs)
        return Lowering(expression="{module}({x})", module=module, helper="Standardize")

    def buffers(self, inputs: Inputs) -> int:
        return counted(2 * self._channels(inputs))

    def _channels(self, inputs: Inputs) -> Size:
        x = inputs["x"]
        return x.sizes[axis(x, self.dim, self.info.title)]


LAYERS = (Standardize,)
