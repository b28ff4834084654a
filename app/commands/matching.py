"""How well a typed text fits a title: by whole words, beginnings, initials and near misses.

Hyphens and spaces inside a word count for nothing: ``unet``, ``u-net`` and ``u net`` are one.
"""

from __future__ import annotations

import difflib
import re

_WORD = re.compile(r"\w+")
_HYPHEN = re.compile(r"(?<=\w)[-\u2010\u2011](?=\w)")
_ALIKE = 0.75
_LEAST_FUZZY = 3


def score(text: str, title: str, others: str = "") -> int:
    """Return how well a text fits, larger for better; 0 where a word of it is not found.

    Args:
        others: Other words that are searched, such as aliases; they count less than the title.
    """
    typed, name = text.casefold().split(), title.casefold()
    if not typed:
        return 1
    wanted = [_HYPHEN.sub("", word) for word in typed]
    parts, aliases = _WORD.findall(name), _WORD.findall(others.casefold())
    scores = [_score_word(word, name, parts, aliases) for word in wanted]
    if not all(scores):
        return 0
    whole = " ".join(typed)
    bonus = 60 if name == whole else 30 if name.startswith(whole) else 0
    return bonus + sum(scores) // len(scores)


def _score_word(word: str, name: str, parts: list[str], aliases: list[str]) -> int:
    initials = "".join(part[0] for part in parts)
    is_long = len(word) >= _LEAST_FUZZY
    ranks = (
        (word in parts or _joins(word, parts), 50),
        (any(part.startswith(word) for part in parts), 40),
        (word in aliases or _joins(word, aliases), 35),
        (any(alias.startswith(word) for alias in aliases), 30),
        (is_long and (word in name or word in "".join(parts)), 25),
        (len(word) > 1 and initials.startswith(word), 20),
        (is_long and _is_spread_over(word, "".join(parts)), 10),
        (is_long and any(_are_alike(word, part) for part in parts), 5),
    )
    return next((rank for fits, rank in ranks if fits), 0)


def _joins(word: str, parts: list[str]) -> bool:
    """Say whether a word is some of the parts, one behind the other."""
    for first in range(len(parts)):
        rest = word
        for part in parts[first:]:
            if not rest.startswith(part):
                break
            rest = rest.removeprefix(part)
            if not rest:
                return True
    return False


def _is_spread_over(word: str, text: str) -> bool:
    """Say whether the letters of a word stand in a text in order, the first one first."""
    letters = iter(text)
    return text.startswith(word[0]) and all(letter in letters for letter in word)


def _are_alike(word: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, word, other).ratio() > _ALIKE
