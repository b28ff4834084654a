"""What is remembered of a split, without what computes one: run records are read before numpy."""

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from nodes.io import SplitBy

SPLITS: Final[Mapping[SplitBy, str]] = {
    "random": "At random",
    "stratified": "At random, the same share of each class",
    "group": "Keep groups together",
    "order": "In order: the latest are held out",
    "given": "As the data says",
}
"""The ways to split, for people."""

_DIGITS = 12


class SplitRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a run keeps of its split, to tell later whether it is the same."""

    by: SplitBy
    seed: int
    counts: tuple[int, int, int]
    digests: tuple[str, str, str]
    """SHA-256 of the numbers of the samples in each part, the first 16 hexadecimal digits."""

    relabelled: int = 0
    """How many samples a person gave another label."""

    left_out: int = 0
    """How many samples a person left out of all parts."""

    notes: tuple[str, ...] = ()
    """What was said when the samples were read: what was left out, what was filled in."""

    @property
    def digest(self) -> str:
        """One short hash of which samples are in which part."""
        return hashlib.sha256(" ".join(self.digests).encode()).hexdigest()[:_DIGITS]

    @property
    def words(self) -> str:
        """How the samples were dealt out, and the hash that tells."""
        seed = "" if self.by == "order" else f" · seed {self.seed}"
        return f"{SPLITS[self.by]}{seed} · hash {self.digest}"
