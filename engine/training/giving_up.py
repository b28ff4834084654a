"""Giving up what is tried between runs: a rate that is looked for, ways that are timed.

Nothing in here imports torch.
"""

from collections.abc import Callable

from engine.training.messages import Request


class EndTrials(Request, frozen=True, kw_only=True, tag="end_trials"):
    """Nobody waits any more for what was to be tried; a run can begin at once."""


class Trials:
    """Counts trials as they are asked for, given up and begun; from two threads."""

    def __init__(self) -> None:
        self._asked = self._given_up = self._begun = 0

    def ask(self) -> None:
        """Note that one more is wanted."""
        self._asked += 1

    def give_up(self) -> None:
        """Note that none of those so far is wanted any more."""
        self._given_up = self._asked

    def begin(self) -> Callable[[], bool]:
        """Return what says, from now on, whether the next one was given up."""
        self._begun += 1
        number = self._begun
        return lambda: number <= self._given_up


def never() -> bool:
    """Go on to the end: nobody can give up."""
    return False
