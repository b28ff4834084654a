"""What is asked of a model that writes, and what it tells."""

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
