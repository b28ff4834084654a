"""What is imported, and what is started, for the words on the command line."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from app import __main__ as start
from app.cli import COMMANDS

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "PySide6", "pyqtgraph")


def loaded_by(program: str, *names: str) -> set[str]:
    """Run a program in a process of its own and return which of ``names`` it imported."""
    report = f"import sys; print('\\n', *[n for n in {names!r} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{report}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rsplit("\n", 2)[-2].split())


def running(words: Sequence[str]) -> str:
    return f"from app.__main__ import main; main({list(words)!r})"


def test_deciding_what_to_start_imports_nothing_large() -> None:
    assert loaded_by("import app.__main__", *HEAVY, "typer", "rich", "msgspec", "numpy") == set()


def test_the_window_is_imported_without_what_takes_long() -> None:
    slow = ("torch", "numpy", "networkx", "pyqtgraph")

    assert loaded_by("import app.start", *slow, "PySide6") == {"PySide6"}


def test_no_source_is_read_for_what_the_window_imports() -> None:
    program = """
from app import plain_imports
plain_imports.restore()
import app.start
import networkx
import linecache
start, library = app.start.__file__, networkx.__file__
read = [name for name in linecache.cache if name.endswith((start, library))]
assert not read, read
"""
    loaded_by(program)


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["train", "--help"],
        ["templates"],
        ["templates", "--json"],
        ["check", "digits"],
        ["check", "digits", "--json"],
        ["code", "digits"],
        ["runs"],
        ["runs", "--json"],
    ],
    ids=" ".join,
)
def test_commands_about_a_drawing_need_neither_torch_nor_qt(words: list[str]) -> None:
    assert loaded_by(running(words), *HEAVY) == set()


def test_a_new_project_needs_neither_torch_nor_qt(tmp_path: Path) -> None:
    words = ["new", "digits", "-o", str(tmp_path / "mine.loom")]

    assert loaded_by(running(words), *HEAVY) == set()
    assert (tmp_path / "mine.loom").exists()


def test_a_picture_of_the_canvas_needs_qt_and_not_torch(tmp_path: Path) -> None:
    words = ["show", "digits", "-o", str(tmp_path / "canvas.png")]

    assert loaded_by(running(words), *HEAVY) == {"PySide6"}


@pytest.mark.parametrize("words", [[], ["mine.loom"], ["."]])
def test_no_word_or_a_project_asks_for_the_window(words: list[str]) -> None:
    assert start._asks_for_window(words)


@pytest.mark.parametrize("words", [[name] for name in COMMANDS] + [["--help"], ["-h"], ["trian"]])
def test_all_else_asks_for_the_command_line(words: list[str]) -> None:
    assert not start._asks_for_window(words)


def test_a_large_fill_is_left_to_no_other_thread() -> None:
    """Where a run has all cores, Qt's own threads come late and the window waits for them."""
    program = """
import psutil
from app.start import _application
_application()
from PySide6.QtGui import QColor, QImage, QPainter
before = psutil.Process().num_threads()
picture = QImage(1000, 1000, QImage.Format.Format_ARGB32_Premultiplied)
painter = QPainter(picture)
painter.setRenderHint(QPainter.RenderHint.Antialiasing)
painter.setBrush(QColor(90, 120, 200, 40))
painter.drawEllipse(5, 5, 990, 990)
painter.end()
assert psutil.Process().num_threads() == before
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )

    assert done.returncode == 0, done.stderr
