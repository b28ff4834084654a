"""How much memory a process that trains may take, where a person has set it."""

import ctypes
import os
import re
from collections.abc import Callable
from typing import Final

import psutil

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


def room_within(limit: int) -> int:
    """Return the bytes that samples may take in a process that may take so many in all.

    Half of what is left: the model learns in the other half.
    """
    return max(limit - psutil.Process().memory_info().rss, 0) // 2


def give_back() -> None:
    """Return what was freed to the system.

    The allocator of glibc keeps it, and between what is still used it stays unused: after some
    hundred blocks of a table several times of what they take.
    """
    if _trim is not None:
        _trim(0)


def _find_trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return None
    return found


_trim: Final = _find_trim()


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
