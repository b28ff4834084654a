"""Older project files, brought up to the present form.

Each migration takes a document of one version and returns it as the next version writes it.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

VERSION = 1
"""Of the form that this Layerloom writes."""

Document: TypeAlias = dict[str, Any]

MIGRATIONS: Mapping[int, Callable[[Document], Document]] = {}
"""From the version named to the next."""


def migrate(document: Document) -> Document:
    """Bring a document up to ``VERSION``; one from a newer version stays as it is."""
    for version in range(document["version"], VERSION):
        document = {**MIGRATIONS[version](document), "version": version + 1}
    return document
