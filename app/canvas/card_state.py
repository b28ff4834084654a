"""What a card shows besides its facts: the selection, the pointer, values of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.canvas.geometry import PortPlace

if TYPE_CHECKING:
    from app.canvas.heat import CardHeat
    from app.previews import Preview


class CardState(msgspec.Struct, frozen=True):
    """What a card shows besides its facts."""

    selected: bool = False
    hovered: bool = False
    linked: bool = False
    """The pointer is over a wire that ends here."""

    focused: bool = False
    dimmed: bool = False
    """Another wire is being drawn, and it fits nowhere here."""

    lit: frozenset[tuple[bool, str]] = frozenset()
    """Ports, by (is input, name), that the wire being drawn fits."""

    tidy: bool = False
    """Spare ports are out of sight until the pointer comes or a wire that fits is drawn."""

    ghost: PortPlace | None = None
    """One more place of a list input, while a wire is held over it."""

    preview: Preview | None = None
    stale: bool = False
    samples: tuple[object, ...] = ()
    """Pictures of three samples, on the card of the data."""

    amount: str = ""
    """How many samples there are, on the card of the data."""

    pinned: bool = False
    heat: CardHeat | None = None
    """The colour of an overlay over the whole canvas."""

    def hides(self, place: PortPlace) -> bool:
        """Whether a port is out of sight."""
        seen = self.hovered or (place.is_input, place.name) in self.lit
        return self.tidy and place.is_spare and not seen
