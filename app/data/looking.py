"""Looking at files in two steps: what their beginning says at once, then all that they hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from app.data.work import Work
from engine.data.inspect import Inspection, inspect_path
from engine.data.inspect.glance import glance
from engine.data.inspect.table import with_columns
from nodes.errors import LoomError
from nodes.sources import Source


class Looking(QObject):
    """One look at a path beside the window; it can be ended, and what was seen stays."""

    seen = Signal(object)
    """What the beginning of very large data says: an ``Inspection``. ``done`` follows."""

    done = Signal(object)
    """What all of it says: an ``Inspection``, or the ``LoomError`` that was met."""

    came_to = Signal(int, int)
    """So much was looked at, of so much; of 0 where nobody knows."""

    def __init__(self, parent: QObject, path: Path) -> None:
        super().__init__(parent)
        self._path = path
        self._is_ended = False
        self._begin(lambda: glance(path)).done.connect(self._on_seen)

    @property
    def is_going_on(self) -> bool:
        """Whether there is more to see."""
        return not self._is_ended

    def end(self) -> None:
        """Look no further."""
        self._is_ended = True
        self._work.cancel()

    def _begin(self, look: Callable[[], object]) -> Work:
        self._work = Work(self, look)
        self._work.came_to.connect(self.came_to)
        return self._work

    def _on_seen(self, seen: Inspection | LoomError | None) -> None:
        if isinstance(seen, Inspection):
            self.seen.emit(seen)
        self._begin(lambda: inspect_path(self._path)).done.connect(self._on_done)

    def _on_done(self, found: object) -> None:
        self._is_ended = True
        self.done.emit(found)


def carried_over(
    seen: Inspection, meant: Inspection, source: Source | None, whole: Inspection
) -> Inspection:
    """Return the whole with what a person has set since its beginning was shown.

    Args:
        seen: What was shown.
        meant: The same, its columns as the person means them.
        source: How it is read, as the person has set it.
    """
    columns = [facts.column for facts in meant.columns]
    names = [column.name for column in columns]
    is_meant = columns != [facts.column for facts in seen.columns]
    if is_meant and names == [facts.column.name for facts in whole.columns]:
        whole = with_columns(whole, columns)
    if source is None or meant.source is None or type(source) is not type(whole.source):
        return whole
    changed = {
        name: value
        for name in source.__struct_fields__
        if (value := getattr(source, name)) != getattr(meant.source, name)
    }
    return msgspec.structs.replace(whole, source=msgspec.structs.replace(whole.source, **changed))
