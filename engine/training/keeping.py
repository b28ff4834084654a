"""What a run keeps on disk and in memory, as a person chooses. Nothing in here imports torch."""

import functools
from typing import Annotated

import msgspec

from nodes.params import Field, Param, fields_of


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """How often a run's moments are kept, and how much room they and the run have."""

    moments_megabytes: Annotated[
        int,
        Param(
            "Room on disk",
            "What the moments that one can go back to may take on the disk. Where it is full, "
            "those that lie closest together go; 0 keeps none.",
            low=0,
            high=1_000_000,
            step=64,
            unit="MB",
        ),
    ] = 256
    moment_steps: Annotated[
        int,
        Param(
            "A moment every",
            "Steps from one moment to the next; 0 keeps them as often as it costs next to nothing.",
            low=0,
            high=1_000_000_000,
            step=10,
            unit="steps",
        ),
    ] = 0
    memory_megabytes: Annotated[
        int,
        Param(
            "Memory",
            "What the process that trains may take in all; about 500 MB of it are its libraries. "
            "Samples that do not fit are read from disk meanwhile; 0 lets samples take a quarter "
            "of the memory that is free.",
            low=0,
            high=100_000_000,
            step=256,
            unit="MB",
        ),
    ] = 0


@functools.cache
def keeping_fields() -> tuple[Field, ...]:
    """Describe what can be chosen, like the settings of a recipe."""
    return fields_of(Keeping)
