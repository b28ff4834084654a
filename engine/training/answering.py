"""Answering what a window asks beside training."""

from engine.data.previewing import before_and_after
from engine.training.questions import AnyAnswer, AnyQuestion, AugmentationShown, ShowAugmented
from nodes.errors import LoomError


def answer(question: AnyQuestion) -> AnyAnswer:
    """Return what is told."""
    match question:
        case ShowAugmented():
            return _augmented(question)


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
