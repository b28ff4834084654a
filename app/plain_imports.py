"""Python's own import, which PySide replaces with one that reads the source of every module.

It looks for ``from __feature__ import …``, with which a module chooses how names of Qt are written.
No module of ours does. About a fifth of the time of all imports goes into that reading, and all
sources stay in memory: https://github.com/napari/napari/issues/8584.
"""

import builtins

import PySide6.QtCore  # noqa: F401 - the first import of it replaces what is put back here


def restore() -> None:
    """Put the import back that was there before PySide."""
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
