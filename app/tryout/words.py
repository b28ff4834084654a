"""What the Try it panel says of the weights that answer."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.training.events import EpochEnded, RunEnded, RunStarted
from engine.training.questions import RunOpened


def weights_words(owner: QObject, event: RunStarted | EpochEnded | RunEnded | RunOpened) -> str:
    """Say which weights answer after an event of a run."""
    match event:
        case RunStarted():
            return owner.tr("Newest weights, epoch {0}").format(1)
        case EpochEnded(epoch=epoch):
            return owner.tr("Newest weights, epoch {0}").format(epoch + 1)
        case RunEnded(has_best_weights=True, best_epoch=int(epoch)):
            return owner.tr("Best weights, epoch {0}").format(epoch)
        case RunEnded(outcome="lost"):
            return owner.tr("No weights: the process that trains is gone")
        case RunOpened(epoch=done):
            return owner.tr("Weights of epoch {0}").format(f"{done:.3g}")
        case RunEnded(epoch=done):
            return owner.tr("Last weights, epoch {0}").format(f"{done:.3g}")
