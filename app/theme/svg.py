"""The SVG text of the icons, and which there are."""

from __future__ import annotations

from functools import cache

import resources


def activation_icon(kind: str) -> str:
    """The icon that shows the curve of an activation, such as ``leaky_relu``."""
    name = f"activation-{kind.lower().replace('_', '-')}"
    return name if name in icon_names() else "category-act"


@cache
def icon_names() -> frozenset[str]:
    """Every icon there is."""
    return frozenset(file.stem for file in resources.path("icons").glob("*.svg"))


def coloured_svg(name: str, colour: str) -> bytes:
    """The SVG text of an icon with ``currentColor`` replaced."""
    return _svg(name).replace(b"currentColor", colour.encode())


@cache
def _svg(name: str) -> bytes:
    return resources.path("icons", f"{name}.svg").read_bytes()
