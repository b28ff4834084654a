"""Waiting for an answer: how far it is, and giving it up.

Nothing in here imports torch.
"""

import time
from collections.abc import Callable
from typing import Final, TypeAlias

from engine.training.giving_up import never
from engine.training.messages import Event, Request

Reached: TypeAlias = Callable[[int, int], None]
"""Takes how much of how much is done; raises ``GivenUpError`` where nobody waits any more."""

PREPARING: Final = "prepare"
"""What is under way while a run that is to begin reads its data; stopping the run gives it up."""

_TOLD_SECONDS: Final = 0.25


class GivenUpError(Exception):
    """Nobody waits any more for what is computed, or something else comes first."""


class GiveUp(Request, frozen=True, kw_only=True, tag="give_up"):
    """Nobody waits any more for an answer."""

    what: str
    """The tag of the question; ``map``, ``why`` and ``evaluate`` for what no question asks, and
    ``PREPARING``."""


class Underway(Event, frozen=True, kw_only=True, tag="underway"):
    """An answer comes later, and how far it is."""

    what: str
    """As in ``GiveUp``."""

    done: int
    total: int
    """0 where nobody knows."""


class GivenUp:
    """What nobody waits for; heard by one thread, and asked by another while it computes."""

    def __init__(self) -> None:
        self._tags: set[str] = set()

    def __contains__(self, tag: str) -> bool:
        return tag in self._tags

    def give_up(self, tag: str) -> None:
        """Note that nobody waits for this any more."""
        self._tags.add(tag)

    def want(self, *tags: str) -> None:
        """Note that somebody waits for these, or again."""
        self._tags.difference_update(tags)


class Telling:
    """Tells how far answers are, and stops those that nobody waits for."""

    def __init__(
        self,
        emit: Callable[[Underway], None],
        given_up: GivenUp,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._emit = emit
        self._given_up = given_up
        self._clock = clock

    def of(self, what: str, is_over: Callable[[], bool] = never) -> Reached:
        """Return what takes how far an answer is.

        Args:
            is_over: Says whether something else comes first.
        """
        told = self._clock()

        def reached(done: int, total: int) -> None:
            nonlocal told
            if what in self._given_up or is_over():
                raise GivenUpError
            if self._clock() - told >= _TOLD_SECONDS:
                told = self._clock()
                self._emit(Underway(what=what, done=done, total=total))

        return reached


def to_the_end(_done: int, _total: int) -> None:
    """Go on: nobody gives this up."""
