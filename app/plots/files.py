"""Writing pictures and tables of plots, with an answer in words where that cannot be done."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QImage, QImageWriter

from nodes.errors import RunError


def save_png(path: Path, image: QImage) -> None:
    """Write a picture as PNG, whatever the file is called.

    Raises:
        RunError: The file cannot be written.
    """
    writer = QImageWriter(str(path), QByteArray(b"png"))
    if not writer.write(image):
        raise _cannot_write(path, writer.errorString())


def save_bytes(path: Path, content: bytes) -> None:
    """Write what is a file already.

    Raises:
        RunError: The file cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise _cannot_write(path, error.strerror or str(error)) from error


def save_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write a table with a line of names on top.

    Raises:
        RunError: The file cannot be written.
    """
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
    except OSError as error:
        raise _cannot_write(path, error.strerror or str(error)) from error


def _cannot_write(path: Path, why: str) -> RunError:
    return RunError(
        "The file cannot be written", where=str(path), why=f"{why}.", hint="Choose another folder."
    )
