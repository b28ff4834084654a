"""How much memory the samples of a run may take, where a person has set it."""

import os
import re
from typing import Final

from nodes.errors import UsageError

VARIABLE: Final = "LAYERLOOM_MEMORY"

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(|K|M|G|T)(?:i?B)?\s*", re.IGNORECASE)
_UNITS: Final = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def memory_limit() -> int | None:
    """Return the bytes that are set; None where nobody has set any.

    Raises:
        UsageError: What is set is no size.
    """
    text = os.environ.get(VARIABLE, "").strip()
    return bytes_of(text) if text else None


def bytes_of(text: str) -> int:
    """Read a size like ``512MB``.

    Raises:
        UsageError: It is none.
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise UsageError(
            f"“{text[:40]}” is no amount of memory",
            why="It is a number of bytes, or one with KB, MB or GB behind it.",
            hint="Write it like 512MB or 2GB.",
        )
    return int(float(found[1]) * _UNITS[found[2].upper()])
