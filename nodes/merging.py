"""Layers that bring several tensors together."""

from collections import Counter
from typing import Annotated, ClassVar

from nodes.activation import FUSED, ActivationName, activated
from nodes.errors import Remedy, ShapeError
from nodes.expectations import described
from nodes.layer import Layer, LayerInfo, Lowering, Port
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
            raise _shapes_differ(tensors)
        return (TensorType(tensors[0].sizes),)

    def lower(self, inputs: Inputs) -> Lowering:
        terms = " + ".join(f"{{x[{place}]}}" for place in range(len(inputs.every("x"))))
        return Lowering(expression=activated(terms, self.activation))

    def on_card(self, inputs: Inputs | None) -> str:
        return f"{len(inputs.every('x'))} inputs" if inputs else ""


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


def _shapes_differ(tensors: tuple[TensorType, ...]) -> ShapeError:
    count = "two equal shapes" if len(tensors) == 2 else "equal shapes"
    return ShapeError(
        f"Add needs {count}",
        why=numbered(tensors),
        hint="Give all inputs the same shape.",
        reason="shapes differ",
        code="LL-S012",
        remedies=_bring_together(tensors),
    )


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


LAYERS = (Add,)
