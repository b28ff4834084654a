"""The built-in projects: each a project file, with what its makers measured beside the drawing.

Those that show an architecture have no data of their own and were not measured.
"""

import functools
import json

import msgspec

from engine.project.codec import from_text
from engine.project.project import Project
from nodes.errors import UsageError
from resources import path

STARTER = "digits"
ABOUT = "about"
"""The part of a template's file that tells of it; a project made from it goes without."""

RECOGNISED = "recognised"
"""The metric of a generator: the share of what it makes that a trained reader is sure of."""

_KEYS = (
    *("digits", "digits-mlp", "fashion", "autoencoder"),
    *("vae", "cells", "driving"),
    *("bank-credit", "churn", "two-moons", "ratings"),
    *("spoken-words", "spoken-language", "vowels", "rides", "sunspots"),
    *("novels", "reviews", "letters-lstm", "letters-gpt", "dates", "word-ends"),
    *("digits-gan", "digits-distilled", "digits-transfer", "digits-contrastive"),
)
_ARCHITECTURES = (
    *("resnet-18", "mobilenet-v2", "densenet-121", "u-net"),
    *("lstm-tagger", "gru-attention", "vit-tiny", "small-gpt"),
)


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What the file of a template tells of it."""

    summary: str
    task: str
    """What the start page sorts by: ``images``, ``text``, ``tables``, ``signals``, or
    ``architectures``."""

    tags: tuple[str, ...] = ()
    notice: str = ""
    """Where its data comes from and the licence, in one line."""

    seconds: float | None = None
    """Of a whole training on one core of a processor, as measured."""

    metric: str = ""
    score: float | None = None
    """The metric on held-out samples after that training."""

    plain_score: float | None = None
    """What the simplest answer reaches there: always the commonest class, or the last value."""


class Template(About, frozen=True, kw_only=True):
    """A project that comes with Layerloom, as the list of templates tells of it."""

    key: str
    title: str
    explanation: str = ""
    data: str
    """The name of its data set."""

    @property
    def is_architecture(self) -> bool:
        """Whether it shows a network in full size, without data that it could learn from."""
        return self.task == "architectures"


def templates() -> tuple[Template, ...]:
    """Return the built-in projects that learn from data of theirs, the starter first."""
    return tuple(_template(key) for key in _KEYS)


def architectures() -> tuple[Template, ...]:
    """Return the built-in projects that show a network of the literature in full size."""
    return tuple(_template(key) for key in _ARCHITECTURES)


def all_templates() -> tuple[Template, ...]:
    """Return all built-in projects, those that learn first."""
    return (*templates(), *architectures())


@functools.cache
def open_template(key: str) -> Project:
    """Return a built-in project as a new one.

    Raises:
        UsageError: There is no such template; names those there are.
    """
    if key not in (*_KEYS, *_ARCHITECTURES):
        known = ", ".join((*_KEYS, *_ARCHITECTURES))
        raise UsageError(
            f"There is no template called “{key[:60]}”", hint=f"Choose one of: {known}."
        )
    project = from_text(_text(key), key).project
    extra = {name: value for name, value in project.extra.items() if name != ABOUT}
    return msgspec.structs.replace(project, extra=extra)


@functools.cache
def _template(key: str) -> Template:
    document = json.loads(_text(key))
    about = msgspec.convert(document[ABOUT], About)
    data = next(node for node in document["nodes"] if node["kind"] == "Data")
    return Template(
        **msgspec.structs.asdict(about),
        key=key,
        title=document["name"],
        explanation=document["notes"],
        data=data["params"].get("dataset", "digits"),
    )


@functools.cache
def _text(key: str) -> str:
    return path("templates", f"{key}.loom").read_text(encoding="utf-8")
