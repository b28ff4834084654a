"""How large the cards of a drawing are, and how much room stands between them; canvas units."""

from nodes.catalogue import kind_named

CARD = (300.0, 58.0)
PLAIN = (200.0, 58.0)
COMPACT = (156.0, 44.0)
RANK_GAP = 36.0
"""Between one card and the next: with a card it makes the rank pitch of 94."""

COLUMN_GAP = 40.0
"""Between cards side by side: with a card it makes the column pitch of 340."""

RIGHT_RANK_GAP = 100.0
"""Between a card and the next in a drawing that runs to the right: room for a shape."""

RIGHT_ROW_GAP = 42.0
"""Between cards above each other in a drawing that runs to the right."""

RIGHT_PITCH = CARD[0] + RIGHT_RANK_GAP
RIGHT_ROW_PITCH = CARD[1] + RIGHT_ROW_GAP

FRAME_SIDE = 26.0
FRAME_TOP = 36.0
FRAME_BOTTOM = 18.0
FRAME_GUTTER = 20.0
"""More room at the right of a frame in which a wire passes cards by."""

_WITHOUT_PREVIEW = ("target", "input", "output")


def card_size(kind: str) -> tuple[float, float]:
    """Return the width and the height of the card of a kind of layer."""
    layer = kind_named(kind)
    if layer is None:
        return CARD
    if layer.info.compact:
        return COMPACT
    return PLAIN if layer.info.role in _WITHOUT_PREVIEW else CARD
