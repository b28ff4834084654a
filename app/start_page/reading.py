"""Reads what cards show away from the GUI thread: figures of projects, samples of data sets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from threading import Lock, Thread
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from app.handover import Handover
from app.start_page.facts import Facts, facts_of
from engine.project.templates import Template, open_template
from nodes.errors import LoomError

_Job: TypeAlias = tuple[Callable[[str], object], Handover[tuple[str, object]], str]
"""What reads, who is told, and the name of what is read."""


class Reading(QObject):
    """Reads once, while it is wanted; what is known is announced as it comes."""

    facts_read = Signal(str, object)
    """The key of a template and its ``Facts``."""

    samples_read = Signal(str, object)
    """The name of a data set and its ``Samples``."""

    def __init__(self, templates: Sequence[Template], parent: QObject) -> None:
        super().__init__(parent)
        facts, samples = Handover(self, self._on_facts), Handover(self, self._on_samples)
        self._work = _Work(tuple(templates), facts, samples)

    def go_on(self) -> None:
        """Read all templates, then all their data sets, or what is left of them."""
        self._work.go_on()

    def pause(self) -> None:
        """Read no more for now: nobody looks at the cards."""
        self._work.pause()

    def wait(self) -> None:
        """Wait until everything is read."""
        self._work.wait()

    def _on_facts(self, read: tuple[str, object]) -> None:
        self.facts_read.emit(*read)

    def _on_samples(self, read: tuple[str, object]) -> None:
        self.samples_read.emit(*read)


class _Work:
    """What is left to read, and the thread that reads it; it holds no object of Qt."""

    def __init__(
        self,
        templates: tuple[Template, ...],
        facts: Handover[tuple[str, object]],
        samples: Handover[tuple[str, object]],
    ) -> None:
        data = dict.fromkeys(template.data for template in templates)
        self._left: deque[_Job] = deque(
            [
                *((_facts_of, facts, template.key) for template in templates),
                *((_samples_of, samples, name) for name in data),
            ]
        )
        self._is_wanted = False
        self._lock = Lock()
        self._thread: Thread | None = None

    def go_on(self) -> None:
        with self._lock:
            self._is_wanted = True
            if self._left and self._thread is None:
                self._thread = Thread(target=self._read, name="start page", daemon=True)
                self._thread.start()

    def pause(self) -> None:
        with self._lock:
            self._is_wanted = False

    def wait(self) -> None:
        thread = self._thread
        if thread is not None:
            thread.join()

    def _read(self) -> None:
        while (job := self._next()) is not None:
            read, handover, name = job
            # A card without samples is told of where the data is chosen.
            with suppress(LoomError):
                handover.give((name, read(name)))

    def _next(self) -> _Job | None:
        """Return what is to be read now; None ends the thread."""
        with self._lock:
            if self._is_wanted and self._left:
                return self._left.popleft()
            self._thread = None
            return None


@cache
def _facts_of(key: str) -> Facts:
    return facts_of(open_template(key))


@cache
def _samples_of(name: str) -> object:
    from app.start_page.samples import read_samples

    return read_samples(name)
