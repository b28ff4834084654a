"""How far a long look at files has come, for whoever listens on this thread.

Readers are cached and lie deep; what they tell does not belong in their arguments.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias, TypeVar

from nodes.errors import LoomError

Listener: TypeAlias = Callable[[int, int], None]
"""Takes what is done and how much there is, 0 where nobody knows; may raise ``CancelledError``."""

T = TypeVar("T")

_EVERY = 64
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


class CancelledError(LoomError):
    """The person does not want to wait any longer."""


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell a listener how far the work inside has come."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def tell(done: int, total: int = 0) -> None:
    """Say how far the work is.

    Raises:
        CancelledError: It is to end here.
    """
    listener = _listener.get()
    if listener is not None:
        listener(done, total)


def told(items: Iterable[T], total: int = 0) -> Iterator[T]:
    """Pass items on, and tell every few of them how far the work is."""
    for place, item in enumerate(items):
        if place % _EVERY == 0:
            tell(place, total)
        yield item
