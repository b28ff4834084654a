"""Where wires run along a line already, so that others keep beside them."""

from collections import defaultdict

from engine.graph.elements import End

_CELL = 20.0


class Lanes:
    """Stretches of wires along one axis, by where they lie across it."""

    def __init__(self) -> None:
        self._stretches: defaultdict[int, list[tuple[float, float, float, End]]] = defaultdict(list)

    def add(self, place: float, start: float, end: float, source: End) -> None:
        """Note a stretch of a wire that begins at ``source``."""
        first, last = min(start, end), max(start, end)
        self._stretches[int(place // _CELL)].append((place, first, last, source))

    def beside(
        self, place: float, start: float, end: float, apart: float, own: End | None = None
    ) -> list[float]:
        """Return the places of stretches that one between ``start`` and ``end`` would touch.

        Args:
            apart: How far from each other two are; at most 20.
            own: Wires from here may lie on each other: they carry the same.
        """
        first, last = min(start, end), max(start, end)
        cell = int(place // _CELL)
        return [
            taken
            for number in (cell - 1, cell, cell + 1)
            for taken, before, after, source in self._stretches.get(number, ())
            if abs(taken - place) < apart and before < last and after > first and source != own
        ]

    def clear(self) -> None:
        """Forget all."""
        self._stretches.clear()
