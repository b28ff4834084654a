"""Whose turn it is to be looked into, where several layers are on screen.

Only one layer is looked into as a whole at a time; the others wait for their turn.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TypeAlias

Moment: TypeAlias = tuple[int, int, str]
"""Step, sample and key of the input of one's own: what a look was of."""


class Turns:
    """Remembers when each layer was asked for, and of which moment it was seen."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._order: dict[str, int] = {}
        self._asked: dict[str, Moment] = {}
        self._seen: dict[str, Moment] = {}
        self._newest: Moment = (0, 0, "")

    def see(self, moment: Moment, node: str) -> None:
        """Note that a layer was seen as a whole at a moment."""
        self._newest = moment
        self._seen[node] = moment

    def next(self, nodes: Sequence[str]) -> str:
        """Return the layer to ask for: the one that waits the longest, else the first."""
        behind = self._behind(nodes)
        if not behind:
            return nodes[0]
        chosen = min(behind, key=lambda node: self._order.get(node, 0))
        self._order[chosen] = next(self._numbers)
        self._asked[chosen] = self._newest
        return chosen

    def is_behind(self, nodes: Sequence[str]) -> bool:
        """Whether a layer is still to be asked for at the newest moment."""
        return bool(self._behind(nodes))

    def forget(self) -> None:
        """Another run begins."""
        self._seen.clear()
        self._asked.clear()

    def _behind(self, nodes: Sequence[str]) -> list[str]:
        # Asked once is enough: what cannot be looked into would be asked for without end.
        known = (self._seen, self._asked)
        return [n for n in nodes if all(each.get(n) != self._newest for each in known)]
