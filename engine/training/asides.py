"""What a window asks the worker beside training, of data rather than of the model.

It is told at once, during a run and after it.

Nothing in here imports torch.
"""

from typing import TypeAlias

from engine.training.messages import Event, Request
from nodes.io import Data


class Aside(Request, frozen=True, kw_only=True):
    """The base of all that is asked."""

    number: int
    """Told back with the answer, so that an old one can be told from the newest."""


class AsideTold(Event, frozen=True, kw_only=True):
    """The base of all that is told."""

    number: int
    """Of what was asked."""


class ShowAugmented(Aside, frozen=True, kw_only=True, tag="show_augmented"):
    """Show some training samples as they are read, and as each step of a data node leaves them."""

    data: Data


class AugmentationShown(AsideTold, frozen=True, kw_only=True, tag="augmentation_shown"):
    """Samples as they are read, and as each step leaves them."""

    shape: tuple[int, ...] = ()
    """(samples, channels, height, width) of each, of sequences without the channels; empty where
    there is nothing to draw."""

    stages: tuple[bytes, ...] = ()
    """uint8: the samples as they are read first, as a model may learn from them last."""

    steps: tuple[str, ...] = ()
    """The step that led to each but the first."""

    problem: str = ""
    """Why there are none."""


AnyAside: TypeAlias = ShowAugmented
AnyAsideTold: TypeAlias = AugmentationShown
