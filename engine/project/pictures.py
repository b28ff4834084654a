"""Drawings inside pictures: a PNG of a drawing carries the project that it shows.

The text is an ``iTXt`` chunk (PNG specification, third edition, 11.3.3.4), which every program
that shows pictures passes over.
"""

import struct
import zlib
from collections.abc import Iterator

from engine.project.codec import to_text
from engine.project.parsing import LARGEST_TEXT
from engine.project.project import Project
from nodes.errors import ProjectError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"layerloom"
_TEXT = b"iTXt"
_END = b"IEND"
_COMPRESSED = b"\x01"
_LARGEST_CHUNK = 2**31 - 1


def with_project(png: bytes, project: Project) -> bytes:
    """Return a PNG picture that carries a project."""
    packed = zlib.compress(to_text(project).encode("utf-8", "replace"), 9)
    # Keyword, compressed, by deflate, no language, no translated keyword.
    content = _KEYWORD + b"\x00" + _COMPRESSED + b"\x00" + b"\x00" + b"\x00" + packed
    end = png.rindex(_END) - 4
    return png[:end] + _chunk(_TEXT, content) + png[end:]


def project_text(png: bytes, where: str) -> str:
    """Return the text of the project that a picture carries.

    Raises:
        ProjectError: The picture carries none, or one that was damaged.
    """
    for kind, content in _chunks(png):
        keyword, _, rest = content.partition(b"\x00")
        if kind == _TEXT and keyword == _KEYWORD:
            return _unpacked(rest, where)
    raise ProjectError(
        "There is no drawing in this picture",
        why="Only pictures that Layerloom exported carry the drawing that they show.",
        where=where,
        hint="Choose a .loom file, or a PNG from “Export Picture”.",
    )


def _unpacked(rest: bytes, where: str) -> str:
    is_compressed = rest[:1] == _COMPRESSED
    _, _, behind_language = rest[2:].partition(b"\x00")
    _, _, text = behind_language.partition(b"\x00")
    try:
        if is_compressed:
            # With a limit: a small file must not become gigabytes.
            text = zlib.decompressobj().decompress(text, LARGEST_TEXT + 1)
        return text.decode("utf-8")
    except (zlib.error, UnicodeDecodeError) as error:
        raise ProjectError(
            "The drawing in this picture was damaged",
            why="Some of its bytes are not those that were written.",
            where=where,
            hint="Choose another copy of the picture.",
        ) from error


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of each chunk; stops where the file does."""
    at = len(SIGNATURE)
    while at + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        if length > _LARGEST_CHUNK:
            return
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
