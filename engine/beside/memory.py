"""Memory that two processes share; it is gone with the last of them."""

import mmap
import os
import sys
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final

_IN_MEMORY: Final = Path("/dev/shm")
"""Where Linux keeps files that never reach a disk."""


class SharedMemory:
    """Some bytes that another process can open by their name.

    Raises:
        OSError: There is no room for them.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.name = ""
        self.bytes = self._make(size)

    def forget_name(self) -> None:
        """Let nobody else open it: whoever holds it goes on holding it."""
        _remove(self.name)

    def _make(self, size: int) -> mmap.mmap:
        if sys.platform == "win32":
            self.name = f"layerloom-{uuid.uuid4()}"
            return mmap.mmap(-1, size, tagname=self.name)
        folder = str(_IN_MEMORY) if _IN_MEMORY.is_dir() else None
        handle, self.name = tempfile.mkstemp(prefix="layerloom-", dir=folder)
        try:
            _make_room(handle, size)
            return mmap.mmap(handle, size)
        except OSError:
            _remove(self.name)
            raise
        finally:
            os.close(handle)


def open_memory(name: str, size: int) -> mmap.mmap:
    """Open what another process made, and let nobody else open it.

    Raises:
        OSError: It is not there.
    """
    if sys.platform == "win32":
        return mmap.mmap(-1, size, tagname=name)
    handle = os.open(name, os.O_RDWR)
    try:
        return mmap.mmap(handle, size)
    finally:
        os.close(handle)
        # Nothing is left behind, however either of them ends.
        _remove(name)


def _make_room(handle: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        # Else a full disk would be noticed by a signal that ends the process.
        os.posix_fallocate(handle, 0, size)
    else:
        os.ftruncate(handle, size)


def _remove(name: str) -> None:
    if sys.platform != "win32":
        with suppress(OSError):
            Path(name).unlink()
