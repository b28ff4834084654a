"""The first sample as it would be read with the settings of the moment, beside the file."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.data.before_after import StoredAndRead
from app.data.work import Work
from engine.data.changes import Change
from engine.data.inspect import Inspection
from engine.data.inspect.first_read import first_places, first_read
from engine.data.places import Place
from nodes.errors import LoomError
from nodes.sources import Source

_QUIET_MS = 150


class HowRead(StoredAndRead):
    """Reads pictures and recordings anew whenever a setting of their source rests."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: Source | None = None
        self._places: tuple[Place, ...] = ()
        self._work: Work | None = None
        self._rest = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._rest.timeout.connect(self._read)

    def show_found(self, found: Inspection) -> None:
        """Show a sample of other files."""
        self.show_change(None)
        self._places, self._source = (), found.source
        self._begin(Work(self, partial(first_places, found))).done.connect(self._on_places)

    def show_source(self, source: Source | None) -> None:
        """Show the same sample as it is read in another way."""
        self._source = source
        self._rest.start()

    def stop(self) -> None:
        """Read nothing more."""
        self._rest.stop()
        if self._work is not None:
            self._work.cancel()

    def _begin(self, work: Work) -> Work:
        self.stop()
        self._work = work
        return work

    def _on_places(self, places: tuple[Place, ...] | LoomError) -> None:
        if isinstance(places, tuple):
            self._places = places
            self._read()

    def _read(self) -> None:
        source = self._source
        if source is not None and self._places:
            work = Work(self, partial(first_read, self._places, source))
            self._begin(work).done.connect(self._on_read)

    def _on_read(self, change: Change | LoomError | None) -> None:
        self.show_change(change if isinstance(change, Change) else None)
