"""The list of libraries, judged by the binaries of Qt themselves."""

import re
import struct
import sys
from pathlib import Path

import pytest

from app.cli.libraries import QT, WAYLAND, X11, how_to_get, missing_libraries, packages_for

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="is about Linux")

# What every Linux has, or what comes with Qt and Python themselves.
_GIVEN = re.compile(
    r"lib((Qt6|pyside6|shiboken6|icu)\w*|c|m|dl|rt|pthread|stdc\+\+|gcc_s|z|zstd)\.|ld-"
)

# Of the ELF format: the section that tells the linker what to do, and its tag for a library.
_DYNAMIC = 6
_NEEDED = 1


@pytest.mark.parametrize(
    ("binary", "listed"),
    [
        ("QtWidgets.abi3.so", {*QT}),
        ("Qt/lib/libQt6Gui.so.6", {*QT}),
        ("Qt/lib/libQt6DBus.so.6", {*QT}),
        ("Qt/plugins/platforms/libqoffscreen.so", {*QT}),
        ("Qt/plugins/platforms/libqxcb.so", {*QT, *X11}),
        ("Qt/lib/libQt6XcbQpa.so.6", {*QT, *X11}),
        ("Qt/plugins/xcbglintegrations/libqxcb-glx-integration.so", {*QT, *X11}),
        ("Qt/plugins/platforms/libqwayland.so", {*QT, *WAYLAND}),
    ],
)
def test_every_library_that_qt_is_linked_with_is_listed(binary: str, listed: set[str]) -> None:
    import PySide6

    needed = linked_with(Path(PySide6.__path__[0]) / binary)

    assert needed
    assert {name for name in needed if not _GIVEN.match(name)} <= listed


def linked_with(binary: Path) -> set[str]:
    """Read the names that the dynamic linker will look for out of a 64-bit ELF file."""
    data = binary.read_bytes()
    assert data[:6] == b"\x7fELF\x02\x01"
    (table,) = struct.unpack_from("<Q", data, 0x28)
    entry_size, entries = struct.unpack_from("<HH", data, 0x3A)
    sections = [
        struct.unpack_from("<IIQQQQIIQQ", data, table + place * entry_size)
        for place in range(entries)
    ]
    (dynamic,) = (section for section in sections if section[1] == _DYNAMIC)
    names = sections[dynamic[6]][4]
    tags = struct.iter_unpack("<qQ", data[dynamic[4] : dynamic[4] + dynamic[5]])
    starts = [names + value for tag, value in tags if tag == _NEEDED]
    return {data[start : data.index(b"\0", start)].decode() for start in starts}


def test_a_library_that_is_not_there_is_found_missing() -> None:
    libraries = {"libc.so.6": "libc6", "libno-such-library.so.1": "libno"}

    assert missing_libraries(libraries) == ("libno-such-library.so.1",)


def test_packages_are_named_once_even_if_they_bring_several_libraries() -> None:
    assert packages_for(["libglib-2.0.so.0", "libgthread-2.0.so.0"]) == ("libglib2.0-0",)


def test_the_line_to_type_names_the_packages() -> None:
    assert "libegl1 xvfb" in how_to_get(["Xvfb", "libEGL.so.1"])
