"""All kinds of layers, by the name torch gives them; making one; searching them."""

import difflib
import functools
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, get_type_hints

import msgspec

from nodes import (
    activation,
    adaptive,
    arithmetic,
    attention,
    axes,
    cells,
    classification_losses,
    convolution,
    distances,
    einsum,
    embedding,
    folding,
    functions,
    gating,
    generating,
    gradients,
    instance_norm,
    io,
    linear,
    losses,
    merging,
    network_losses,
    normalization,
    overlap_losses,
    own_layer,
    padding,
    pair_losses,
    patches,
    pooling,
    positions,
    power_pooling,
    rectifiers,
    recurrent,
    reductions,
    regression_losses,
    regularization,
    reshaping,
    resizing,
    sampling,
    slicing,
    softmax,
    sound,
    squashing,
    standardizing,
    transformer,
    transposed,
    unpooling,
    views,
)
from nodes.errors import ParameterError, UnknownLayerError
from nodes.layer import Category, Layer, LayerInfo
from nodes.params import Field, check, fields_of

CATEGORIES: Mapping[Category, str] = MappingProxyType(
    {
        "data": "Data",
        "conv": "Convolution",
        "linear": "Linear",
        "norm": "Normalise, dropout",
        "act": "Activation",
        "pool": "Pooling, resize",
        "seq": "Sequence",
        "attn": "Attention",
        "shape": "Shape, math",
        "loss": "Loss, metrics",
    }
)
"""The titles of the categories, in the order of the library."""

_FAMILIES = (
    io,
    convolution,
    transposed,
    padding,
    linear,
    gating,
    distances,
    sampling,
    views,
    normalization,
    standardizing,
    instance_norm,
    regularization,
    activation,
    softmax,
    rectifiers,
    squashing,
    pooling,
    adaptive,
    power_pooling,
    unpooling,
    resizing,
    embedding,
    recurrent,
    cells,
    sound,
    attention,
    transformer,
    positions,
    patches,
    merging,
    arithmetic,
    reshaping,
    axes,
    slicing,
    reductions,
    functions,
    generating,
    gradients,
    einsum,
    folding,
    losses,
    classification_losses,
    regression_losses,
    pair_losses,
    network_losses,
    overlap_losses,
)

LAYERS: Mapping[str, type[Layer]] = MappingProxyType(
    {layer.__name__: layer for family in _FAMILIES for layer in family.LAYERS}
)
"""Every kind of layer, family by family."""

COMMON: frozenset[str] = frozenset(
    {
        *("BatchNorm1d", "BatchNorm2d", "LayerNorm", "GroupNorm", "RMSNorm", "Dropout"),
        *("ReLU", "LeakyReLU", "GELU", "SiLU", "Tanh", "Sigmoid"),
        *(
            "MaxPool1d",
            "MaxPool2d",
            "AvgPool2d",
            "AdaptiveAvgPool2d",
            "GlobalAvgPool2d",
            "Upsample",
        ),
        *("Embedding", "LSTM", "GRU", "RNN", "MelSpectrogram", "MFCC"),
        *("MultiheadAttention", "CausalSelfAttention", "TransformerEncoderLayer"),
        *("TransformerEncoder", "LearnedPositions", "PatchEmbedding"),
        *("Add", "Multiply", "Concat", "Flatten", "Reshape", "Transpose"),
    }
)
"""The kinds that most drawings take from a large category: there they stand before the others."""

STRUCTURE: Mapping[str, type[Layer]] = MappingProxyType(
    {layer.__name__: layer for layer in (*io.STRUCTURE, own_layer.OwnLayer)}
)
"""The kinds that drawings within drawings are made of, and the one of all layers that a person
wrote; no names of layers."""


_KINDS: dict[str, type[Layer]] = {**STRUCTURE, **LAYERS}
_LONGEST = 40


def kind_named(kind: str) -> type[Layer] | None:
    """Return the class of a kind of node, layer or not; None where it is not known."""
    return _KINDS.get(kind)


def make_layer(kind: str, params: Mapping[str, object]) -> Layer:
    """Return a layer with its parameters set; those not given keep their defaults.

    Raises:
        UnknownLayerError: There is no such kind.
        ParameterError: A parameter does not exist, or its value is not one it can have.
    """
    layer = kind_named(kind)
    if layer is None:
        raise _unknown_kind(kind)
    return set_up(layer, params)


def set_up(layer: type[Layer], params: Mapping[str, object]) -> Layer:
    """Return a layer of a kind with its parameters set; those not given keep their defaults.

    Raises:
        ParameterError: A parameter does not exist, or its value is not one it can have.
    """
    if not params:
        return _as_it_comes(layer)
    fields = {field.name: field for field in fields_of(layer)}
    converted: dict[str, Any] = {}
    for name, value in params.items():
        if name not in fields:
            raise _unknown_parameter(layer.__name__, name, list(fields))
        converted[name] = _convert(layer, fields[name], value)
    check(layer, converted)
    made = layer(**converted)
    made.verify()
    return made


@functools.lru_cache(maxsize=1024)
def _as_it_comes(layer: type[Layer]) -> Layer:
    """Return the one layer of a kind of which nothing is set: many of a drawing are that."""
    check(layer, {})
    made = layer()
    made.verify()
    return made


def _convert(layer: type[Layer], field: Field, value: object) -> object:
    hint = _hints(layer)[field.name]
    try:
        return msgspec.convert(value, hint, strict=True)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ParameterError(
            field.name,
            f"{field.param.label} cannot be {_shortened(value)}",
            why=f"It is {_allowed(field)}.",
            hint=f"Set {_allowed(field)}.",
        ) from error


@functools.cache
def _hints(layer: type[Layer]) -> dict[str, Any]:
    return get_type_hints(layer)


def _unknown_kind(kind: str) -> UnknownLayerError:
    return UnknownLayerError(
        f"There is no layer {_shortened(kind)}",
        why="This version does not know it.",
        hint=_closest(kind, list(LAYERS)),
    )


def _unknown_parameter(kind: str, name: str, names: list[str]) -> ParameterError:
    return ParameterError(
        name if name.isidentifier() and len(name) <= _LONGEST else _shortened(name),
        f"{kind} has no parameter {_shortened(name)}",
        why=f"It has {', '.join(names)}." if names else "It has none.",
        hint=_closest(name, names),
    )


def _closest(name: str, names: list[str]) -> str:
    by_lower = {other.lower(): other for other in names}
    near = difflib.get_close_matches(name[:_LONGEST].lower(), by_lower, n=3)
    return f"The closest: {', '.join(by_lower[other] for other in near)}." if near else ""


def _shortened(value: object) -> str:
    """Write any value on one short line, whatever it contains."""
    if isinstance(value, str):
        value = value[:_LONGEST]
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        # A whole number of thousands of digits, or lists in lists without end.
        text = type(value).__name__
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _allowed(field: Field) -> str:
    """Write what a parameter can be: ``a whole number``, ``one of zeros, reflect``."""
    if field.editor == "choice":
        return f"one of {', '.join(field.choices)}"
    text = {
        "int": "a whole number",
        "float": "a number",
        "bool": "true or false",
        "span": "a whole number or a pair of them",
        "text": "a text",
        "ints": "a list of whole numbers",
        "fields": "a list of fields",
    }[field.editor]
    choices = "".join(f", or “{choice}”" for choice in field.choices)
    return f"{text}{choices}{', or empty' if field.optional else ''}"


_RANKS = 7
_ALIKE = 0.75


def search(text: str, uses: Callable[[str], int] = lambda _kind: 0) -> list[str]:
    """Return the kinds that fit what a person types, the best first.

    Every word must be found in the title, in another name or in the help; with no word at all
    every kind fits.

    Args:
        uses: How often a person used a kind: of those that fit equally well it comes earlier.
    """
    words = text.casefold().split()
    if not words:
        return list(LAYERS)
    ranked = []
    for place, (kind, layer) in enumerate(LAYERS.items()):
        scores = [_score(word, kind, layer.info) for word in words]
        if all(scores):
            # Images are met more often than sequences and volumes.
            seldom = kind.endswith(("1d", "3d"))
            ranked.append((-sum(scores), -uses(kind), seldom, len(kind), place, kind))
    return [kind for *_, kind in sorted(ranked)]


def _score(word: str, kind: str, info: LayerInfo) -> int:
    """Weigh how well a word fits a layer; 0 where it does not."""
    return next((_RANKS - rank for rank, fits in enumerate(_fits(word, kind, info)) if fits), 0)


def _fits(word: str, kind: str, info: LayerInfo) -> Iterator[bool]:
    """Say of each way to fit, the closest first, whether the word does so."""
    titles = (kind.casefold(), info.title.casefold())
    names = [alias.casefold() for alias in info.aliases]
    yield word in titles
    yield any(title.startswith(word) for title in titles)
    yield word in names
    yield _begins(word, names)
    yield any(word in title for title in titles)
    yield _begins(word, [info.summary.casefold(), info.when.casefold()])
    yield len(word) > 3 and any(_alike(word, title) for title in titles)


def _alike(word: str, title: str) -> bool:
    matcher = difflib.SequenceMatcher(None, word, title)
    # Each is at most as strict as the next, and far quicker.
    measures = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)
    return all(measure() > _ALIKE for measure in measures)


def _begins(word: str, texts: list[str]) -> bool:
    return any(part.startswith(word) for text in texts for part in text.split())
