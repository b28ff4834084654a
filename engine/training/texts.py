"""What is asked of a model that reads and writes, and what it tells."""

import msgspec

from engine.training.messages import Event


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """How a model goes on with a text."""

    tokens: int
    temperature: float = 0.7
    """Below 1 the likely tokens become likelier; at 0 the likeliest always comes."""

    seed: int = 0


class TextWritten(Event, frozen=True, kw_only=True, tag="text_written"):
    """What a model has written so far."""

    subject: str
    text: str
    """Without its beginning, which the subject holds."""

    is_whole: bool = False


class AttentionTaken(Event, frozen=True, kw_only=True, tag="attention_taken"):
    """How much each step looks at each other, in the layer that is looked into."""

    node: str
    step: int
    shape: tuple[int, int, int]
    """Heads, who looks, what is looked at; padding is left out."""

    shares: bytes
    """uint8 on the scale of ``largest``; the shares of one who looks add up to 1."""

    largest: float
    rows: tuple[str, ...] = ()
    """The tokens that look, or that are answered there; empty where steps are no tokens."""

    columns: tuple[str, ...] = ()
    """The tokens that are looked at."""
