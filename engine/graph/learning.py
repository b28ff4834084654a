"""How a single node learns, beside what the recipe says for all of them."""

import functools
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from nodes.params import Field, Param, check, fields_of

Initialiser: TypeAlias = Literal[
    "default",
    "zeros",
    "ones",
    "normal",
    "trunc_normal",
    "xavier_uniform",
    "xavier_normal",
    "kaiming_uniform",
    "kaiming_normal",
    "orthogonal",
]
"""As ``torch.nn.init`` calls them."""

WITH_SPREAD = frozenset({"normal", "trunc_normal"})
"""The initialisers that are told how far weights lie apart."""


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one node, described like the parameters of a layer."""

    rate_factor: Annotated[
        float,
        Param(
            "Rate factor",
            "What the learning rate is multiplied by for this layer. Below 1 for layers that are "
            "already trained.",
            low=0,
            high=1000,
            step=0.1,
            suggest=(0.1, 1, 10),
        ),
    ] = 1.0
    initialiser: Annotated[
        Initialiser,
        Param(
            "First weights",
            "How weights with two or more axes begin; biases and norms begin as PyTorch has it.",
        ),
    ] = "default"
    spread: Annotated[
        float,
        Param(
            "Spread",
            "The standard deviation of the first weights.",
            low=0,
            high=1000,
            step=0.01,
            suggest=(0.01, 0.02, 0.1),
        ),
    ] = 0.02
    weights: Annotated[
        str,
        msgspec.Meta(max_length=4096),
        Param(
            "Weights from",
            "A safetensors file that the weights are taken from at the start: an export, or a "
            "checkpoint of a run. Names and sizes say what belongs where; what was taken is told.",
        ),
    ] = ""
    player: Annotated[
        str,
        msgspec.Meta(max_length=60),
        Param("Optimiser", "Where several optimisers take turns: the one that this belongs to."),
    ] = ""
    """The first one where it names none."""

    extra: Mapping[str, Any] = {}
    """Settings from a newer version, kept and written back."""


PLAIN = Learning()


@functools.cache
def learning_fields() -> tuple[Field, ...]:
    """Describe the settings that a person sets for a node."""
    return tuple(field for field in fields_of(Learning) if field.name != "extra")


def is_shown(learning: Learning, name: str) -> bool:
    """Say whether a setting makes a difference beside the others."""
    return name != "spread" or learning.initialiser in WITH_SPREAD


def within(around: Learning, inner: Learning) -> Learning:
    """Return how a layer of a composite learns, where the composite is no more."""
    begins = inner if around.initialiser == "default" else around
    return msgspec.structs.replace(
        inner,
        rate_factor=around.rate_factor * inner.rate_factor,
        initialiser=begins.initialiser,
        player=around.player,
        weights="",
        spread=begins.spread,
    )


def with_setting(learning: Learning, name: str, value: object) -> Learning:
    """Return the settings with another value; None puts the default back.

    Raises:
        msgspec.ValidationError: The value has another type.
        ParameterError: It lies outside its range.
    """
    document = learning_document(learning)
    changed = {**document, name: value} if value is not None else document
    if value is None:
        changed.pop(name, None)
    return read_learning(changed)


def read_learning(document: Mapping[str, Any]) -> Learning:
    """Read settings as a project file holds them; those of a newer version are kept.

    Raises:
        msgspec.ValidationError: A value has another type.
        ParameterError: A value lies outside its range.
    """
    names = {field.name for field in learning_fields()}
    known = {name: value for name, value in document.items() if name in names}
    read = msgspec.convert(known, Learning)
    check(Learning, known)
    extra = {name: value for name, value in document.items() if name not in names}
    return msgspec.structs.replace(read, extra=extra) if extra else read


def learning_document(learning: Learning) -> dict[str, Any]:
    """Return what differs from the defaults, as a project file holds it."""
    own = {field.name: getattr(learning, field.name) for field in learning_fields()}
    return {
        **{name: value for name, value in own.items() if value != getattr(PLAIN, name)},
        **learning.extra,
    }
