"""How well a typed text fits a title: by whole words, beginnings, initials and near misses."""

from __future__ import annotations

import difflib
import re

_WORD = re.compile(r"\w+")
_ALIKE = 0.75
_LEAST_FUZZY = 3


def score(text: str, title: str, others: str = "") -> int:
    """Return how well a text fits, larger for better; 0 where a word of it is not found.

    Args:
        others: Other words that are searched, such as aliases; they count less than the title.
    """
    wanted, name = text.casefold().split(), title.casefold()
    if not wanted:
        return 1
    parts, aliases = _WORD.findall(name), _WORD.findall(others.casefold())
    scores = [_score_word(word, name, parts, aliases) for word in wanted]
    if not all(scores):
        return 0
    whole = " ".join(wanted)
    bonus = 60 if name == whole else 30 if name.startswith(whole) else 0
    return bonus + sum(scores) // len(scores)


def _score_word(word: str, name: str, parts: list[str], aliases: list[str]) -> int:
    initials = "".join(part[0] for part in parts)
    is_long = len(word) >= _LEAST_FUZZY
    ranks = (
        (word in parts, 50),
        (any(part.startswith(word) for part in parts), 40),
        (word in aliases, 35),
        (any(alias.startswith(word) for alias in aliases), 30),
        (is_long and word in name, 25),
        (len(word) > 1 and initials.startswith(word), 20),
        (is_long and _is_spread_over(word, "".join(parts)), 10),
        (is_long and any(_are_alike(word, part) for part in parts), 5),
    )
    return next((rank for fits, rank in ranks if fits), 0)


def _is_spread_over(word: str, text: str) -> bool:
    """Say whether the letters of a word stand in a text in order, the first one first."""
    letters = iter(text)
    return text.startswith(word[0]) and all(letter in letters for letter in word)


def _are_alike(word: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, word, other).ratio() > _ALIKE
