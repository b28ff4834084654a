"""Files only: fonts, icons, themes, templates and the data sets that ship."""

from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def _root() -> Path:
    root = files(__name__)
    # Fonts and data sets are opened by C++ code, which needs real files; a zip is never made.
    assert isinstance(root, Path), "resources are installed as plain files"
    return root


def path(*parts: str) -> Path:
    """Where a shipped file or folder lies: ``path("icons", "play.svg")``."""
    return _root().joinpath(*parts)
