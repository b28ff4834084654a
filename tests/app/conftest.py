from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from window_hands import Windows


@pytest.fixture
def windows(qapp: QApplication, tmp_path: Path) -> Iterator[Windows]:
    """Return what opens the whole window on a project."""
    opened = Windows(tmp_path)
    yield opened
    opened.close_all()
