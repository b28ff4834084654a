"""Reads what cards show away from the GUI thread: figures of projects, samples of data sets."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from threading import Thread

from PySide6.QtCore import QObject, Signal

from app.handover import Handover
from app.start_page.facts import facts_of
from engine.project.templates import Template, open_template
from nodes.errors import LoomError


class Reading(QObject):
    """Reads once; what is known is announced as it comes."""

    facts_read = Signal(str, object)
    """The key of a template and its ``Facts``."""

    samples_read = Signal(str, object)
    """The name of a data set and its ``Samples``."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thread: Thread | None = None
        self._facts = Handover(self, self._on_facts)
        self._samples = Handover(self, self._on_samples)

    def begin(self, templates: Sequence[Template]) -> None:
        """Read all templates, then all their data sets; does nothing the second time."""
        if self._thread is None:
            self._thread = Thread(
                target=self._read, args=(tuple(templates),), name="start page", daemon=True
            )
            self._thread.start()

    def wait(self) -> None:
        """Wait until everything is read."""
        if self._thread is not None:
            self._thread.join()

    def _on_facts(self, read: tuple[str, object]) -> None:
        self.facts_read.emit(*read)

    def _on_samples(self, read: tuple[str, object]) -> None:
        self.samples_read.emit(*read)

    def _read(self, templates: tuple[Template, ...]) -> None:
        from app.start_page.samples import read_samples

        for template in templates:
            self._facts.give((template.key, facts_of(open_template(template.key))))
        for name in dict.fromkeys(template.data for template in templates):
            # A card without samples is told of where the data is chosen.
            with suppress(LoomError):
                self._samples.give((name, read_samples(name)))
