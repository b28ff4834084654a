"""What every way to give an input has in common."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.plots.images import PixelArray
from app.tryout.drawing import Stroke
from app.tryout.received import Parts
from engine.training.events import ProbeTaken
from engine.training.insight import Subject, Why

OF_PICTURES: tuple[Why, ...] = ("gradient", "integrated", "gradcam", "occlusion")
OF_NUMBERS: tuple[Why, ...] = ("gradient", "integrated", "occlusion")
OF_WORDS: tuple[Why, ...] = ("integrated", "occlusion")


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave."""

    subject: Subject
    """Its key is not set yet."""

    pixels: PixelArray | None = None
    """What the model receives, where that is a picture."""

    strokes: tuple[Stroke, ...] = ()
    """How it was drawn, where it was."""

    name: str = ""
    """What the canvas calls it; empty for what the pad says."""


class Pad(QWidget):
    """One way to give an input."""

    changed = Signal()
    """There is another input now, or none any more."""

    problem = Signal(str)
    """What was given cannot be read, in words; empty once something can."""

    title = ""
    note = ""
    ways: tuple[Why, ...] = ()
    """How answers to such an input can be explained."""

    columns: tuple[str, ...] = ()
    """The names of its numbers, where each is explained by itself."""

    @property
    def subject_name(self) -> str:
        """What the canvas calls the input."""
        return self.tr("Your input")

    def given(self) -> Given | None:
        """Return the input; None while there is none."""
        raise NotImplementedError

    def take(self, given: Given) -> None:
        """Show an input that was given before."""
        raise NotImplementedError

    def rest(self) -> None:
        """Give nothing by itself from now on: something else is looked at."""

    def take_answer(self, answer: ProbeTaken) -> None:
        """Take what the model says of the newest input; most pads need not know."""
        del answer

    def show_parts(self, parts: Parts | None) -> None:
        """Show what parts of the input add to the answer, or no longer, where the pad can."""
        del parts
