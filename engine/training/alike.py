"""Which validation samples are the most like an input of one's own, asked of the held model."""

from engine.training.insight import Subject
from engine.training.messages import Answer, Question


class FindAlike(Question, frozen=True, kw_only=True, tag="find_alike"):
    """Say which validation samples a layer takes for the most like an input."""

    subject: Subject
    node: str = ""
    """The layer; where it has no place for each sample, the last with more than two values."""


class AlikeFound(Answer, frozen=True, kw_only=True, tag="alike_found"):
    """The validation samples nearest to an input in one layer, the nearest first."""

    subject: str
    """The key of the input."""

    node: str
    """The layer that was taken."""

    name: str
    """Of the layer, as the drawing has it."""

    step: int
    epoch: float
    places: tuple[int, ...]
    """Among the validation samples."""

    distances: tuple[float, ...]
    """Of the directions of the layer's outputs, 1 − cosine: 0 where they are one, at most 2.

    Where the layer puts out one number, how far the two numbers are apart.
    """

    by_difference: bool = False
    """Whether the layer puts out one number for each sample."""

    labels: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    """The beginnings of the samples, where they are texts."""

    sample_shape: tuple[int, ...] = ()
    pixels: bytes = b""
    """uint8 pictures of the samples; empty where they are large, or texts."""
