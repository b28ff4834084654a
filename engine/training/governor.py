"""Keeps looking into layers within its share of the training time."""

from typing import Final

# Nobody sees more, and each look cools the caches of the steps that follow: at 30 a second, from
# another core, a small plain network trained 5 % slower, at 18 a second 1 to 3 %.
_SHORTEST_SECONDS: Final = 1 / 18
_RUSH_SECONDS: Final = 1 / 10
_SAVED_SECONDS: Final = 1.0
_NEW_WEIGHT: Final = 0.3


class Governor:
    """Says when the next probe may be taken.

    Every second of training earns ``share`` of a second for probes, and each probe is paid from
    that, so the share holds whatever a probe costs. Unused time is not saved up for more than a
    second of training: a probe after a long pause must not begin a burst. A new question is
    answered at once and paid off afterwards.

    Args:
        share: Of the time that training takes, from 0 to 0.1; 0 takes none.
        now: Seconds on any clock that only goes forward.
    """

    def __init__(self, share: float, now: float) -> None:
        self._share = share
        self._balance = 0.0
        self._counted = now
        self._next = now
        self._cost = 0.0
        self._asked = False
        self.spent = 0.0
        """Seconds that probes took so far."""

    def ask(self) -> None:
        """Answer soon: what is looked at has changed."""
        self._asked = True

    def due(self, now: float) -> bool:
        """Say whether a probe may be taken after this step."""
        if now < self._next or self._share <= 0:
            return False
        self._earn(now)
        return self._asked or self._balance >= self._cost

    def pay(self, began: float, ended: float) -> None:
        """Account for a probe that was taken."""
        self._earn(began)
        cost = ended - began
        # One slow probe, the first after a warm-up say, must not silence the next for long.
        self._cost = cost if self._cost == 0 else self._cost + _NEW_WEIGHT * (cost - self._cost)
        self._balance -= cost
        self._counted = ended
        self._next = ended + (_RUSH_SECONDS if self._asked else _SHORTEST_SECONDS)
        self._asked = False
        self.spent += cost

    def bill(self, seconds: float) -> None:
        """Account for what a probe costs beside itself."""
        self._balance -= seconds
        self.spent += seconds

    def skip(self, now: float) -> None:
        """Leave out the time until now: training was held."""
        self._counted = now

    def _earn(self, now: float) -> None:
        earned = self._balance + self._share * (now - self._counted)
        most = max(self._share * _SAVED_SECONDS, self._cost)
        self._balance = min(earned, most)
        self._counted = now
