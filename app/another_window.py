"""One more window, with a program of its own: what happens in one cannot hurt the other."""

import sys
from pathlib import Path

from PySide6.QtCore import QProcess


def open_another_window() -> None:
    """Start the program once more."""
    QProcess.startDetached(sys.executable, ["-m", "app"], str(Path.cwd()))
