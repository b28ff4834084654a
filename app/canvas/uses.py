"""Which layers a person added, how often and how lately: quick add offers those first."""

from __future__ import annotations

from app.settings import Settings

_KEY = "layers_added"
_RECENT = 5
_MOST = 100


class Uses:
    """Counts layers by kind, the one that was added last first."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._settings: Settings | None = None

    def keep_in(self, settings: Settings) -> None:
        """Go on from what was counted before, and remember it there from now on."""
        self._settings = settings
        words = settings.preference(_KEY).split()
        pairs = zip(words[::2], words[1::2], strict=False)
        self._counts = {kind: int(count) for kind, count in pairs if count.isdecimal()}

    @property
    def recent(self) -> tuple[str, ...]:
        """The five kinds that were added last."""
        return tuple(self._counts)[:_RECENT]

    def of(self, kind: str) -> int:
        """Return how often a kind was added."""
        return self._counts.get(kind, 0)

    def note(self, kind: str) -> None:
        """Count one more."""
        count = self._counts.pop(kind, 0) + 1
        self._counts = dict([(kind, count), *self._counts.items()][:_MOST])
        if self._settings is not None:
            text = " ".join(f"{one} {count}" for one, count in self._counts.items())
            self._settings.set_preference(_KEY, text)
