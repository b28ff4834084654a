"""The SVG text of the icons, and which there are."""

from __future__ import annotations

from functools import cache

import resources


def activation_icon(kind: str) -> str:
    """The icon that shows the curve of an activation, such as ``LeakyReLU``."""
    return _curves().get(kind.lower().replace("_", ""), "category-act")


@cache
def _curves() -> dict[str, str]:
    """Icons of activations by the name of the layer in lower case."""
    prefix = "activation-"
    names = (name for name in icon_names() if name.startswith(prefix))
    return {name.removeprefix(prefix).replace("-", ""): name for name in names}


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
