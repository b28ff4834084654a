"""What would become of the layers of a run that takes another drawing, asked before it does."""

from collections.abc import Mapping

from engine.training.messages import Answer, Question


class ForeseeChange(Question, frozen=True, kw_only=True, tag="foresee_change"):
    """Say what a run would keep if it went on with another drawing; nothing changes."""

    project: str
    """The text of drawing and recipe."""


class ChangeForeseen(Answer, frozen=True, kw_only=True, tag="change_foreseen"):
    """What would become of the layers with weights, by id."""

    kept: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    grown: tuple[str, ...] = ()
    """Layers that are larger or new, and would let the model compute what it did."""

    why: Mapping[str, str] = {}
    """Why it would not compute with a layer what it did, in a sentence."""
