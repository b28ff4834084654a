"""What is asked and told of the pictures that a model makes, as plain values."""

from typing import Literal, TypeAlias

import msgspec

from engine.training.messages import Answer, Question

Origin: TypeAlias = Literal["made", "given", "again"]
"""Made from random numbers, given by the data, or what the model makes of those given."""


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """Some pictures of one origin, the same ones of each moment."""

    origin: Origin
    count: int
    shape: tuple[int, ...]
    """(channels, height, width)"""

    pixels: bytes
    """uint8, count x channels x height x width, on the scale of the pictures of the data."""


class MakePictures(Question, frozen=True, kw_only=True, tag="make_pictures"):
    """Show what a model that makes pictures makes by now."""


class PicturesMade(Answer, frozen=True, kw_only=True, tag="pictures_made"):
    """Pictures that the model makes: always of the same random numbers and the same samples."""

    step: int
    epoch: float
    sheets: tuple[Sheet, ...]
