"""The built-in projects."""

import functools

import msgspec

from engine.project.codec import from_text
from engine.project.project import Project
from nodes.errors import UsageError
from resources import path

STARTER = "digits"


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A project that comes with Layerloom, as the list of templates tells of it."""

    key: str
    title: str
    summary: str
    task: str
    data: str
    tags: tuple[str, ...] = ()


_TEMPLATES = (
    Template(
        key="digits",
        title="Read handwritten digits",
        summary="A small residual network reads the digits 0 to 9 from 28×28 images.",
        task="images",
        data="digits",
        tags=("convolution", "residual", "starter"),
    ),
    Template(
        key="digits-mlp",
        title="Digits with a plain network",
        summary="Two linear layers on the pixels: the simplest network that reads digits.",
        task="images",
        data="digits",
        tags=("linear", "plain"),
    ),
)


def templates() -> tuple[Template, ...]:
    """Return the built-in projects, the starter first."""
    return _TEMPLATES


@functools.cache
def open_template(key: str) -> Project:
    """Return a built-in project as a new one.

    Raises:
        UsageError: There is no such template; names those there are.
    """
    if key not in {template.key for template in _TEMPLATES}:
        known = ", ".join(template.key for template in _TEMPLATES)
        raise UsageError(
            f"There is no template called “{key[:60]}”", hint=f"Choose one of: {known}."
        )
    file = path("templates", f"{key}.loom")
    return from_text(file.read_text(encoding="utf-8"), str(file)).project
