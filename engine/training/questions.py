"""What a window asks the worker beside training, and is told at once, during a run and after it.

Nothing in here imports torch.
"""

from typing import TypeAlias

from engine.training.messages import Event, Request
from nodes.io import Data


class Question(Request, frozen=True, kw_only=True):
    """The base of all questions."""

    number: int
    """Told back with the answer, so that an old one can be told from the newest."""


class Answer(Event, frozen=True, kw_only=True):
    """The base of all answers."""

    number: int
    """Of the question."""


class ShowAugmented(Question, frozen=True, kw_only=True, tag="show_augmented"):
    """Show some training samples before and after the steps of a data node."""

    data: Data


class AugmentationShown(Answer, frozen=True, kw_only=True, tag="augmentation_shown"):
    """Samples as they are stored, and as a model may learn from them."""

    shape: tuple[int, ...] = ()
    """(samples, channels, height, width) of both; empty where there is nothing to draw."""

    before: bytes = b""
    """uint8"""

    after: bytes = b""
    problem: str = ""
    """Why there are none."""


class DrawPoint(Question, frozen=True, kw_only=True, tag="draw_point"):
    """Draw what the model makes of a point of a layer's map."""

    node: str
    x: float
    y: float


class PointDrawn(Answer, frozen=True, kw_only=True, tag="point_drawn"):
    """The picture of a point."""

    shape: tuple[int, ...] = ()
    """(channels, height, width); empty where there is no such map any more."""

    pixels: bytes = b""
    """uint8"""


AnyQuestion: TypeAlias = ShowAugmented | DrawPoint
AnyAnswer: TypeAlias = AugmentationShown | PointDrawn
