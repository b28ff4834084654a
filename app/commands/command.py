"""One thing that the palette can do, and where such things come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Group: TypeAlias = Literal["action", "layer", "drawing", "template", "run", "preference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A line of the palette."""

    key: str
    """Names it from one start of the program to the next."""

    title: str
    group: Group
    run: Callable[[], object]
    note: str = ""
    """What is said behind the title: the shape of a layer, the day of a run."""

    keys: str = ""
    """The keys that do the same, as the desktop writes them."""

    score: int = 0
    """How well it fits what was typed."""

    category: str = ""
    """Of a layer: the category whose tile stands in front."""

    glyph: str = ""
    can_run: bool = True


Source: TypeAlias = Callable[[str], Iterable[Command]]
"""Returns the commands of a kind that fit a text; all of them for an empty one."""

GROUP_WORDS: dict[Group, tuple[str, str, str]] = {
    "action": ("Command", "command", "commands"),
    "layer": ("Add layer", "kind of layer", "kinds of layers"),
    "drawing": ("Go to", "layer of the drawing", "layers of the drawing"),
    "template": ("Template", "template", "templates"),
    "run": ("Run", "run", "runs"),
    "preference": ("Preference", "preference", "preferences"),
}
"""How each group is named on a row, and how one and several of it are counted."""
