"""The history: every drawing of a session, and which one the person sees.

A drawing is a value, so undo moves a cursor and can never be half done. What did not change is
shared between neighbours: a thousand steps cost about as much as one drawing.
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

_LONGEST = 1000


class Step(msgspec.Struct, Generic[T], frozen=True):
    """One state of the document and what led to it."""

    value: T
    label: str
    """What the person did, for the menu: "Delete Conv2d"."""

    gesture: int | None = None
    """Steps of the same gesture count as one."""

    context: object = None
    """What was around before it and comes back with undo: what was selected."""


class History(Generic[T]):
    """A list of values with a cursor."""

    def __init__(self, value: T, label: str = "Open") -> None:
        self._steps: list[Step[T]] = [Step(value, label)]
        self._cursor = 0
        self._saved: object = value

    @property
    def value(self) -> T:
        """What the person sees now."""
        return self._steps[self._cursor].value

    @property
    def place(self) -> int:
        """Which of the steps the person sees, from 0 for the oldest."""
        return self._cursor

    @property
    def context(self) -> object:
        """What was around before the last step that undo would take back."""
        return self._steps[self._cursor].context

    @property
    def can_undo(self) -> bool:
        return self._cursor > 0

    @property
    def can_redo(self) -> bool:
        return self._cursor < len(self._steps) - 1

    @property
    def undo_label(self) -> str:
        """What undo would take back; empty where nothing can be."""
        return self._steps[self._cursor].label if self.can_undo else ""

    @property
    def redo_label(self) -> str:
        """What redo would do again; empty where nothing can be."""
        return self._steps[self._cursor + 1].label if self.can_redo else ""

    @property
    def is_saved(self) -> bool:
        """Whether what is seen is what was last saved."""
        return self.value is self._saved

    def push(
        self, value: T, label: str, *, gesture: int | None = None, context: object = None
    ) -> None:
        """Show ``value``; it replaces the last one if both belong to the same ``gesture``.

        Args:
            context: What is around before this step; a gesture keeps that of its beginning.
        """
        if value is self.value:
            return
        current = self._steps[self._cursor]
        del self._steps[self._cursor + 1 :]
        if gesture is not None and gesture == current.gesture and self._cursor > 0:
            self._steps[self._cursor] = Step(value, label, gesture, current.context)
            return
        self._steps.append(Step(value, label, gesture, context))
        if len(self._steps) > _LONGEST:
            del self._steps[0]
        self._cursor = len(self._steps) - 1

    def undo(self) -> T:
        """Go one step back; stays where it is at the beginning."""
        self._cursor = max(0, self._cursor - 1)
        return self.value

    def redo(self) -> T:
        """Go one step forward; stays where it is at the end."""
        self._cursor = min(len(self._steps) - 1, self._cursor + 1)
        return self.value

    def go_to(self, place: int) -> T:
        """Show the state after a step, from 0 for the oldest; the nearest there is."""
        self._cursor = max(0, min(len(self._steps) - 1, place))
        return self.value

    def mark_saved(self) -> None:
        """Remember that what is seen now is in the file."""
        self._saved = self.value

    def mark_unsaved(self) -> None:
        """Forget that anything was ever in the file."""
        self._saved = None

    def labels(self) -> Iterator[str]:
        """Yield what was done, oldest first."""
        return (step.label for step in self._steps)
