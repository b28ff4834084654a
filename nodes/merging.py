"""Layers that bring several tensors together."""

from collections import Counter
from typing import Annotated, ClassVar

from nodes.activation import FUSED, ActivationName, activated
from nodes.errors import Remedy, ShapeError
from nodes.expectations import axis, described, not_the_batch
from nodes.layer import Layer, LayerInfo, Lowering, Port, docs
from nodes.params import Param
from nodes.sizes import Size
from nodes.tensors import Inputs, TensorType, needs_float
from nodes.windows import spans

SEVERAL = (Port(name="x", many=True, help="Two tensors or more"),)


class Add(Layer, frozen=True, kw_only=True):
    """The sum of several tensors."""

    info: ClassVar = LayerInfo(
        title="Add",
        category="shape",
        summary="Adds tensors of equal shape, number by number.",
        when="To bring a skip connection back: the layers between only learn what to change, "
        "which lets deep networks train.",
        shape="equal shapes, unchanged",
        formula="y = x₁ + x₂ + …",
        aliases=("sum", "plus", "skip", "residual", "shortcut", "+"),
        reference="He et al. 2015, Deep Residual Learning for Image Recognition",
        glyph="add",
        inputs=SEVERAL,
    )

    activation: Annotated[ActivationName, FUSED] = "none"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        tensors = inputs.every("x")
        needs_several(tensors, self.info.title)
        if len({tensor.sizes for tensor in tensors}) > 1:
            raise _shapes_differ(tensors, self.info.title)
        return (TensorType(tensors[0].sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        terms = " + ".join(f"{{x[{place}]}}" for place in range(len(inputs.every("x"))))
        return Lowering(expression=activated(terms, self.activation))

    def on_card(self, inputs: Inputs | None) -> str:
        return f"{len(inputs.every('x'))} inputs" if inputs else ""


class Multiply(Layer, frozen=True, kw_only=True):
    """The product of several tensors."""

    info: ClassVar = LayerInfo(
        title="Multiply",
        category="shape",
        summary="Multiplies tensors number by number; a size of 1 stretches to fit.",
        when="For gates: numbers between 0 and 1 say how much of the other tensor passes. C×1×1 "
        "weighs the channels of an image.",
        shape="equal shapes, or sizes of 1",
        formula="y = x₁ · x₂ · …",
        aliases=("product", "times", "gate", "mask", "scale", "attention", "excite", "*"),
        reference="Hu, Shen and Sun 2017, Squeeze-and-Excitation Networks",
        glyph="multiply",
        inputs=SEVERAL,
    )

    activation: Annotated[ActivationName, FUSED] = "none"

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        tensors = inputs.every("x")
        needs_several(tensors, self.info.title)
        if len({tensor.rank for tensor in tensors}) > 1:
            raise _do_not_stretch(tensors)
        columns = zip(*(tensor.sizes for tensor in tensors), strict=True)
        stretched = tuple(_stretched(sizes) for sizes in columns)
        if 0 in stretched:
            raise _do_not_stretch(tensors)
        return (TensorType(stretched),)

    def lower(self, inputs: Inputs) -> Lowering:
        factors = " * ".join(f"{{x[{place}]}}" for place in range(len(inputs.every("x"))))
        return Lowering(expression=activated(factors, self.activation))

    def on_card(self, inputs: Inputs | None) -> str:
        return f"{len(inputs.every('x'))} inputs" if inputs else ""


class Concat(Layer, frozen=True, kw_only=True):
    """Several tensors side by side."""

    info: ClassVar = LayerInfo(
        title="Concat",
        category="shape",
        summary="Puts tensors one after the other along an axis.",
        when="To give a layer what several branches found, as in U-Net and DenseNet: nothing is "
        "mixed yet.",
        shape="sizes along the axis add up",
        aliases=("concatenate", "cat", "join", "merge", "stack", "skip"),
        link=docs("cat"),
        glyph="concat",
        inputs=SEVERAL,
    )

    dim: Annotated[
        int,
        Param(
            "Axis",
            "Along which axis. 1 joins channels or features, −1 is the last axis.",
            low=-7,
            high=7,
            suggest=(1, -1),
            on_card="axis {}",
        ),
    ] = 1

    def verify(self) -> None:
        not_the_batch(self.dim, "It would make one batch of several.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        tensors = inputs.every("x")
        needs_several(tensors, self.info.title)
        place = axis(tensors[0], self.dim, self.info.title)
        others = {(*tensor.sizes[:place], *tensor.sizes[place + 1 :]) for tensor in tensors}
        if len(others) > 1 or len({tensor.rank for tensor in tensors}) > 1:
            raise self._sizes_differ(tensors, place)
        joined: Size = 0
        for tensor in tensors:
            joined = joined + tensor.sizes[place]
        sizes = tensors[0].sizes
        return (TensorType((*sizes[:place], joined, *sizes[place + 1 :])),)

    def lower(self, inputs: Inputs) -> Lowering:
        parts = ", ".join(f"{{x[{place}]}}" for place in range(len(inputs.every("x"))))
        return Lowering(expression=f"torch.cat([{parts}], dim={self.dim})")

    def explain(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> str:
        place = axis(outputs[0], self.dim, self.info.title)
        parts = " + ".join(str(tensor.sizes[place]) for tensor in inputs.every("x"))
        return f"{parts} = {outputs[0].sizes[place]}"

    def on_card(self, inputs: Inputs | None) -> str:
        parts = [f"{len(inputs.every('x'))} inputs"] if inputs else []
        if self.dim != 1:
            parts.append(f"axis {self.dim}")
        return " · ".join(parts)

    def _sizes_differ(self, tensors: tuple[TensorType, ...], place: int) -> ShapeError:
        return ShapeError(
            f"Concat needs equal sizes beside axis {place}",
            why=numbered(tensors),
            hint="Make all other sizes equal.",
            reason="sizes differ",
            code="LL-S013",
            remedies=self._other_axis(tensors),
        )

    def _other_axis(self, tensors: tuple[TensorType, ...]) -> tuple[Remedy, ...]:
        """Offer the only axis along which the inputs differ, if there is just one."""
        if len({tensor.rank for tensor in tensors}) > 1:
            return ()
        columns = zip(*(tensor.sizes for tensor in tensors), strict=True)
        uneven = [place for place, sizes in enumerate(columns) if len(set(sizes)) > 1]
        if len(uneven) != 1:
            return ()
        return (
            Remedy(
                label=f"Join along axis {uneven[0]}",
                action="set_params",
                params={"dim": uneven[0]},
            ),
        )


class Stack(Layer, frozen=True, kw_only=True):
    """Several tensors along a new axis."""

    info: ClassVar = LayerInfo(
        title="Stack",
        category="shape",
        summary="Puts tensors of equal shape one on the other along a new axis.",
        when="To make a sequence of several vectors, or to take a mean over branches.",
        shape="equal shapes get a new axis",
        aliases=("pile", "new axis", "join", "sequence of vectors"),
        link=docs("stack"),
        glyph="concat",
        inputs=SEVERAL,
    )

    dim: Annotated[
        int,
        Param(
            "Axis",
            "Where the new axis stands. 1 is first after the batch, −1 is last.",
            low=-7,
            high=7,
            suggest=(1, -1),
            on_card="axis {}",
        ),
    ] = 1

    def verify(self) -> None:
        not_the_batch(self.dim, "The batch stays first.")

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        tensors = inputs.every("x")
        needs_several(tensors, self.info.title)
        if len({tensor.sizes for tensor in tensors}) > 1:
            raise _shapes_differ(tensors, self.info.title)
        sizes = tensors[0].sizes
        place = axis(TensorType((*sizes, 1)), self.dim, self.info.title)
        return (TensorType((*sizes[:place], len(tensors), *sizes[place:])),)

    def lower(self, inputs: Inputs) -> Lowering:
        parts = ", ".join(f"{{x[{place}]}}" for place in range(len(inputs.every("x"))))
        return Lowering(expression=f"torch.stack([{parts}], dim={self.dim})")

    def on_card(self, inputs: Inputs | None) -> str:
        count = f"{len(inputs.every('x'))} inputs" if inputs else ""
        return count if self.dim == 1 else f"{count} · axis {self.dim}".removeprefix(" · ")


def needs_several(tensors: tuple[TensorType, ...], title: str) -> None:
    """Refuse labels, and a list with fewer than two tensors.

    Raises:
        ShapeError: There is nothing to bring together.
    """
    for tensor in tensors:
        needs_float(tensor, title)
    if len(tensors) < 2:
        raise ShapeError(
            f"{title} has one input" if tensors else f"{title} has no input",
            why="Connect a second tensor, or remove it.",
            reason="has one input" if tensors else "has no input",
            code="LL-S011",
            remedies=(Remedy(label="Remove and rejoin", action="remove"),),
        )


def numbered(tensors: tuple[TensorType, ...]) -> str:
    """List what arrives, in a sentence: ``Input 1 is 32×7×7, input 2 is 16×14×14``."""
    parts = [f"input {place} is {described(tensor)}" for place, tensor in enumerate(tensors, 1)]
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _shapes_differ(tensors: tuple[TensorType, ...], title: str) -> ShapeError:
    count = "two equal shapes" if len(tensors) == 2 else "equal shapes"
    return ShapeError(
        f"{title} needs {count}",
        why=numbered(tensors),
        hint="Give all inputs the same shape.",
        reason="shapes differ",
        code="LL-S012",
        remedies=_bring_together(tensors),
    )


def _do_not_stretch(tensors: tuple[TensorType, ...]) -> ShapeError:
    return ShapeError(
        "Multiply needs equal shapes",
        why=numbered(tensors),
        hint="Give all inputs the same shape; a size of 1 stretches.",
        reason="shapes differ",
        code="LL-S012",
    )


def _stretched(sizes: tuple[Size, ...]) -> Size:
    """Return the common size where those of 1 stretch, or 0 if there is none."""
    wider = {size for size in sizes if size != 1}
    if len(wider) > 1:
        return 0
    return wider.pop() if wider else 1


def _bring_together(tensors: tuple[TensorType, ...]) -> tuple[Remedy, ...]:
    """Change the last input that is unlike most; where nothing leads there, the first."""
    (usual, _), *_ = Counter(tensor.sizes for tensor in tensors).most_common()
    odd = max(place for place, tensor in enumerate(tensors) if tensor.sizes != usual)
    remedy = _projection(tensors[odd].sizes, usual, odd, len(tensors))
    if remedy is None and len(tensors) == 2:
        remedy = _projection(usual, tensors[odd].sizes, 1 - odd, len(tensors))
    return (remedy,) if remedy else ()


def _projection(
    sizes: tuple[Size, ...], wanted: tuple[Size, ...], index: int, count: int
) -> Remedy | None:
    """Return the layer that turns ``sizes`` into ``wanted``, if one does."""
    place = "the skip" if index == count - 1 else f"input {index + 1}"
    if len(sizes) != len(wanted) or not isinstance(wanted[1], int):
        return None
    if len(sizes) == 4:
        strides = tuple(map(_stride, sizes[2:], wanted[2:]))
        if 0 in strides:
            return None
        params: dict[str, object] = {"out_channels": wanted[1], "kernel_size": 1}
        if set(strides) != {1}:
            params["stride"] = spans(strides)
        return _on_input("Conv2d", f"Insert 1×1 Conv2d on {place}", params, index)
    if isinstance(wanted[-1], int) and sizes[:-1] == wanted[:-1]:
        params = {"out_features": wanted[-1]}
        return _on_input("Linear", f"Insert Linear on {place}", params, index)
    return None


def _on_input(kind: str, label: str, params: dict[str, object], index: int) -> Remedy:
    return Remedy(
        label=label, action="insert_on_input", kind=kind, params=params, port="x", index=index
    )


def _stride(size: Size, wanted: Size) -> int:
    """Return the step that makes ``size`` as small as ``wanted``, or 0 if there is none."""
    if size == wanted:
        return 1
    if not isinstance(size, int) or not isinstance(wanted, int):
        return 0
    stride = -(-size // wanted)
    return stride if (size - 1) // stride + 1 == wanted else 0


LAYERS = (Add, Multiply, Concat, Stack)
