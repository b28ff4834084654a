"""Recordings in an archive: each is unpacked when it is asked for."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import overload

from engine.data.listing import Listing
from engine.data.places import Place


class Zipped(Sequence[Place]):
    """The files of an archive, as they are listed."""

    def __init__(self, archive: Path, listing: Listing) -> None:
        self._archive = archive
        self._listing = listing

    def __len__(self) -> int:
        return len(self._listing)

    @overload
    def __getitem__(self, wanted: int) -> Place: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[Place]: ...
    def __getitem__(self, wanted: int | slice) -> Place | Sequence[Place]:
        """Return one file with what it holds, or some."""
        if isinstance(wanted, slice):
            return [self[place] for place in range(*wanted.indices(len(self)))]
        name = self._listing[wanted].path.as_posix()
        with zipfile.ZipFile(self._archive) as archive:
            return Place(self._archive, name, content=archive.read(name))
