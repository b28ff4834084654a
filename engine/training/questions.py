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


AnyQuestion: TypeAlias = ShowAugmented
AnyAnswer: TypeAlias = AugmentationShown
