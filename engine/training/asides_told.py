"""Answering what a window asks beside training."""

from engine.data.previewing import stages
from engine.training.asides import AnyAside, AnyAsideTold, AugmentationShown, ShowAugmented
from nodes.errors import LoomError


def tell(aside: AnyAside) -> AnyAsideTold:
    """Return what is told."""
    match aside:
        case ShowAugmented():
            return _augmented(aside)


def _augmented(question: ShowAugmented) -> AugmentationShown:
    try:
        found = stages(question.data, question.number)
    except LoomError as error:
        return AugmentationShown(number=question.number, problem=str(error))
    if not found:
        return AugmentationShown(number=question.number)
    return AugmentationShown(
        number=question.number,
        shape=found[0].pictures.shape,
        stages=tuple(stage.pictures.tobytes() for stage in found),
        steps=tuple(stage.title for stage in found[1:]),
    )
