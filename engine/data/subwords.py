"""Pieces of words, learned from texts: byte-pair encoding (Sennrich, Haddow and Birch, 2016).

It begins with characters. Again and again the pair of neighbours that is met most often becomes a
token of its own, so common words end as one token and rare ones as a few.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

Pair = tuple[str, str]

_RAREST = 2
"""A pair that is met once teaches nothing."""


def learn_subwords(chunks: Mapping[str, int], most: int) -> tuple[str, ...]:
    """Return the characters of some texts, commonest first, and then the tokens made of them.

    ``engine.data.prepare`` puts a text together in the same order.

    Args:
        chunks: How often each chunk is met; no token reaches from one into the next.
        most: How many tokens there may be.
    """
    letters: Counter[str] = Counter()
    for chunk, count in chunks.items():
        for letter in chunk:
            letters[letter] += count
    ranked = sorted(letters, key=lambda letter: (-letters[letter], letter))
    known = dict.fromkeys(ranked[:most])
    pairs = _Pairs(chunks)
    while len(known) < most and (pair := pairs.commonest()) is not None:
        known["".join(pair)] = None
        pairs.merge(pair)
    return tuple(known)


class _Pairs:
    """Chunks as the tokens they are made of so far, and how often which two are neighbours."""

    def __init__(self, chunks: Mapping[str, int]) -> None:
        self._chunks = [list(chunk) for chunk in chunks]
        self._weights = list(chunks.values())
        self._counts: Counter[Pair] = Counter()
        self._where: defaultdict[Pair, set[int]] = defaultdict(set)
        for place in range(len(self._chunks)):
            self._count(place, 1)
        # Counts change all the time: what is not true any more is passed over when it comes up.
        self._queue = [(-count, pair) for pair, count in self._counts.items()]
        heapq.heapify(self._queue)

    def commonest(self) -> Pair | None:
        """Return the pair that is met most often, the first by the alphabet of several."""
        while self._queue:
            count, pair = heapq.heappop(self._queue)
            if -count == self._counts[pair]:
                return pair if -count >= _RAREST else None
        return None

    def merge(self, pair: Pair) -> None:
        """Make one token of a pair wherever it is met."""
        changed: set[Pair] = set()
        for place in self._where.pop(pair):
            changed |= self._count(place, -1)
            self._chunks[place] = _merged(self._chunks[place], pair)
            changed |= self._count(place, 1)
        self._push(changed - {pair})

    def _count(self, place: int, sign: int) -> set[Pair]:
        found = set(pairwise(self._chunks[place]))
        for pair in pairwise(self._chunks[place]):
            self._counts[pair] += sign * self._weights[place]
        if sign > 0:
            for pair in found:
                self._where[pair].add(place)
        return found

    def _push(self, pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            if self._counts[pair] > 0:
                heapq.heappush(self._queue, (-self._counts[pair], pair))


def _merged(tokens: list[str], pair: Pair) -> list[str]:
    found: list[str] = []
    for token in tokens:
        if found and (found[-1], token) == pair:
            found[-1] += token
        else:
            found.append(token)
    return found
