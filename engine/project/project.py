"""The project: what one file holds."""

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.graph.elements import EMPTY, Graph
from engine.project.recipe import Recipe


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing with its name, notes and recipe. A value, like the drawing."""

    name: str = "Untitled"
    notes: str = ""
    graph: Graph = EMPTY
    recipe: Recipe = Recipe()
    extra: Mapping[str, Any] = {}
    """Fields from a newer version, kept and written back."""
