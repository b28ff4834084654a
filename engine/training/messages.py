"""The bases of what a trainer and its listeners say to each other."""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """The base of all events."""


class Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="request"):
    """The base of what a session asks of the trainer; carried out between two steps."""


class Question(Request, frozen=True, kw_only=True):
    """The base of what is asked of the model that the worker holds, whether or not it trains."""


class Answer(Event, frozen=True, kw_only=True):
    """The base of what is answered."""


def tag_of(question: Question) -> str:
    """Return the name of a kind of question: ``pass_through``."""
    return str(question.__struct_config__.tag)
