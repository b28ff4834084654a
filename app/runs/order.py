"""In which order runs are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from app.runs.reading import RunLine
from engine.data.metric_names import is_share

NEWEST: Final = "newest"


def in_order(lines: Iterable[RunLine], order: str) -> list[RunLine]:
    """Return runs, which come newest first, in another order; among equals the newest leads.

    Args:
        order: ``newest``, ``best``, ``longest``, ``name`` or ``starred``.
    """
    return sorted(lines, key=_KEYS[order]) if order in _KEYS else list(lines)


def _goodness(line: RunLine) -> tuple[bool, str, float]:
    """Those of one metric stand together, since only they can be compared."""
    best = line.best if line.best is not None else 0.0
    return line.best is None, line.metric, -best if is_share(line.metric) else best


_KEYS: Final[dict[str, Callable[[RunLine], Any]]] = {
    "best": _goodness,
    "longest": lambda line: -line.seconds,
    "name": lambda line: line.name.casefold(),
    "starred": lambda line: not line.starred,
}
