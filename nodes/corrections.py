"""What a person corrected in a data set: wrong labels, and samples that should not be there.

The files stay as they are; the drawing says what is read differently.
"""

import msgspec


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sample that is read differently, or left out."""

    sample: int
    """Its number in the data set."""

    label: int | None = None
    """The class that it is of; None leaves the sample out."""

    was: int | None = None
    """The class that the data gives it, where that is known; for people."""

    def __post_init__(self) -> None:
        if not 0 <= self.sample < 1 << 48:
            raise ValueError("the number of a corrected sample is out of range")
        if any(label is not None and label < 0 for label in (self.label, self.was)):
            raise ValueError(f"the label of sample {self.sample} is out of range")
