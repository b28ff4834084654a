"""What the figure beside the loss is called. Nothing in here imports torch."""

from typing import Final

ACCURACY: Final = "accuracy"
MEAN_IOU: Final = "mean IoU"
MEAN_ABSOLUTE_ERROR: Final = "mean absolute error"

_SHARES: Final = (ACCURACY, MEAN_IOU)


def sentence(name: str) -> str:
    """Return a name as it begins a line: ``Mean IoU``."""
    return name[:1].upper() + name[1:]


def is_share(name: str) -> bool:
    """Say whether a metric goes from 0 to 1, where 1 is best, and is written in percent."""
    return name in _SHARES
