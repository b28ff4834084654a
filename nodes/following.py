"""What usually follows a layer, or stands in its place: what is offered before a word is typed."""

from collections.abc import Mapping
from typing import Final

from nodes.catalogue import LAYERS, kind_named
from nodes.layer import Category
from nodes.tensors import TensorType

FIRST: Final = ("Data", "Conv2d", "Linear", "LSTM", "TransformerEncoderLayer", "Add", "Concat")
"""What is offered where nothing leads to."""

_TOKENS: Final = ("Embedding", "OneHot", "EmbeddingBag")
_BY_AXES: Final[Mapping[int, tuple[str, ...]]] = {
    1: (
        "Linear",
        "ReLU",
        "Dropout",
        "BatchNorm1d",
        "LayerNorm",
        "CrossEntropyLoss",
        "MSELoss",
        "Softmax",
        "Add",
        "Concat",
    ),
    2: (
        "TransformerEncoderLayer",
        "LSTM",
        "LayerNorm",
        "Linear",
        "Conv1d",
        "MultiheadAttention",
        "GELU",
        "Dropout",
        "Mean",
        "Flatten",
        "Add",
    ),
    3: (
        "Conv2d",
        "BatchNorm2d",
        "MaxPool2d",
        "ReLU",
        "Dropout2d",
        "GlobalAvgPool2d",
        "Flatten",
        "Add",
        "Concat",
        "Upsample",
    ),
    4: ("Conv3d", "BatchNorm3d", "MaxPool3d", "ReLU", "AdaptiveAvgPool3d", "Flatten", "Add"),
}
"""By the number of axes of one sample."""

_SELDOM_TWICE: Final[frozenset[Category]] = frozenset({"norm", "act", "pool"})
"""One of these is seldom fed by another of its own sort."""


def usual_after(kind: str | None, tensor: TensorType | None) -> tuple[str, ...]:
    """Return the layers that usually follow another one, the likeliest first.

    Args:
        kind: The layer before; None where there is none.
        tensor: What that layer puts out; None where it is not known.
    """
    if kind is None or tensor is None:
        return FIRST
    before = kind_named(kind)
    seldom = _SELDOM_TWICE & {before.info.category} if before is not None else frozenset()
    return tuple(follower for follower in _followers(tensor) if _category(follower) not in seldom)


def like(kind: str) -> tuple[str, ...]:
    """Return the other layers of the same sort, which may take its place."""
    layer = kind_named(kind)
    if layer is None:
        return ()
    category = layer.info.category
    return tuple(one for one in LAYERS if one != kind and _category(one) == category)


def _followers(tensor: TensorType) -> tuple[str, ...]:
    if tensor.dtype == "int" and tensor.classes:
        return _TOKENS
    return _BY_AXES.get(len(tensor.sample), ())


def _category(kind: str) -> Category:
    layer = kind_named(kind)
    assert layer is not None, "the table names layers of the catalogue"
    return layer.info.category
