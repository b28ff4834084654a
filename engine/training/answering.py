"""Answering what a window asks beside training."""

from engine.data.previewing import before_and_after
from engine.probes.capture import scaled_bytes
from engine.training.questions import (
    AnyAnswer,
    AnyQuestion,
    AugmentationShown,
    DrawPoint,
    PointDrawn,
    ShowAugmented,
)
from engine.training.watching import Watcher
from nodes.errors import LoomError


def answer(question: AnyQuestion, watcher: Watcher | None) -> AnyAnswer:
    """Return what is told.

    Args:
        watcher: Of the run that is under way, or of the last one.
    """
    match question:
        case ShowAugmented():
            return _augmented(question)
        case DrawPoint():
            return _drawn(question, watcher)


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


def _drawn(question: DrawPoint, watcher: Watcher | None) -> PointDrawn:
    picture = watcher.draw(question.node, question.x, question.y) if watcher else None
    if picture is None:
        return PointDrawn(number=question.number)
    return PointDrawn(
        number=question.number, shape=tuple(picture.shape), pixels=scaled_bytes(picture)
    )
