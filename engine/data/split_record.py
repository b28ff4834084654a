"""What is remembered of a split, without what computes one: run records are read before numpy."""

import msgspec

from nodes.io import SplitBy


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
