"""One more window, with a program of its own: what happens in one cannot hurt the other."""

import os
import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QProcessEnvironment


def another_window() -> QProcess:
    """Return the program once more, not begun; the folder that it begins in gives it no code."""
    environment = QProcessEnvironment.systemEnvironment()
    parts = (str(Path(__file__).parents[1]), environment.value("PYTHONPATH"))
    environment.insert("PYTHONPATH", os.pathsep.join(filter(None, parts)))
    process = QProcess()
    process.setProgram(sys.executable)
    process.setArguments(["-P", "-m", "app"])
    process.setProcessEnvironment(environment)
    return process


def open_another_window() -> None:
    """Start the program once more."""
    another_window().startDetached()
