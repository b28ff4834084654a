"""Answering what a window asks beside training."""

from engine.data.previewing import before_and_after
from engine.training.asides import AnyAside, AnyAsideTold, AugmentationShown, ShowAugmented
from nodes.errors import LoomError


def tell(aside: AnyAside) -> AnyAsideTold:
    """Return what is told."""
    match aside:
        case ShowAugmented():
            return _augmented(aside)


def _augmented(question: ShowAugmented) -> AugmentationShown:
    try:
        found = before_and_after(question.data, question.number)
    except LoomError as error:
        return AugmentationShown(number=question.number, problem=str(error))
    if found is None:
        return AugmentationShown(number=question.number)
    before, after = found
    return AugmentationShown(
        number=question.number,
        shape=before.shape,
        before=before.tobytes(),
        after=after.tobytes(),
    )
