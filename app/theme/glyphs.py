"""The few pictures that a style sheet names, held in memory.

A style sheet can only name files, and its arrows and ticks have to be in the colours of the
theme. Qt reads files from memory through its resource system, so the icons are coloured and
registered there: nothing is written to disk. The layout is that of ``rcc``, format 2.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from PySide6.QtCore import QFile, qRegisterResourceData

from app.theme.svg import coloured_svg
from app.theme.tokens import Theme

_FORMAT = 2
_DIRECTORY, _PLAIN_FILE = 2, 0
_ANY_TERRITORY, _C_LANGUAGE = 0, 1

_GLYPHS = (
    ("chevron-down", "text2"),
    ("chevron-up", "text2"),
    ("chevron-right", "text2"),
    ("chevron-left", "text2"),
    ("chevron-down", "ctl"),
    ("chevron-right", "ctl"),
    ("step-up", "text2"),
    ("step-down", "text2"),
    ("step-up", "ctl"),
    ("step-down", "ctl"),
    ("check", "on_accent"),
    ("check", "text"),
    ("check", "ctl"),
    ("minus", "on_accent"),
    ("dot", "on_accent"),
    ("close", "text3"),
    ("close", "text"),
    ("more", "text2"),
)

# Qt keeps pointers into the registered bytes for as long as the program runs.
_registered: dict[str, tuple[bytes, bytes, bytes]] = {}


def register_glyphs(theme: Theme) -> str:
    """Make the theme's glyphs readable and return the folder: ``:/layerloom-dark``."""
    folder = f"layerloom-{theme.name}"
    if folder not in _registered:
        _registered[folder] = _resource_data(folder, _glyph_files(theme))
        tree, names, data = _registered[folder]
        qRegisterResourceData(_FORMAT, tree, names, data)
    assert QFile.exists(f":/{folder}/{_file_name('check', 'text')}"), "Qt reads what was registered"
    return f":/{folder}"


def _glyph_files(theme: Theme) -> dict[str, bytes]:
    return {
        _file_name(name, token): coloured_svg(name, theme.colours[token].name())
        for name, token in _GLYPHS
    }


def _file_name(name: str, token: str) -> str:
    return f"{name}-{token.replace('_', '-')}.svg"


def _resource_data(folder: str, files: Mapping[str, bytes]) -> tuple[bytes, bytes, bytes]:
    """Lay out one folder of files: its tree, its names and its contents."""
    tree = _directory(name_at=0, children=1, first_child=1)
    names = _name(folder)
    tree += _directory(name_at=0, children=len(files), first_child=2)
    data = b""
    for file_name in sorted(files, key=_hash):  # Qt searches by halving
        tree += _file(name_at=len(names), data_at=len(data))
        names += _name(file_name)
        data += struct.pack(">I", len(files[file_name])) + files[file_name]
    return tree, names, data


def _directory(*, name_at: int, children: int, first_child: int) -> bytes:
    return struct.pack(">IHIIQ", name_at, _DIRECTORY, children, first_child, 0)


def _file(*, name_at: int, data_at: int) -> bytes:
    return struct.pack(">IHHHIQ", name_at, _PLAIN_FILE, _ANY_TERRITORY, _C_LANGUAGE, data_at, 0)


def _name(name: str) -> bytes:
    return struct.pack(">HI", len(name), _hash(name)) + name.encode("utf-16-be")


def _hash(name: str) -> int:
    """Qt's ``qt_hash``."""
    value = 0
    for character in name:
        value = (value << 4) + ord(character)
        value ^= (value & 0xF0000000) >> 23
        value &= 0x0FFFFFFF
    return value
