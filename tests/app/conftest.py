from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from window_hands import Windows


@pytest.fixture(autouse=True, scope="session")
def _qt(qapp: QApplication) -> None:
    """Let there be an application: text that is measured without one ends the process."""


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """Keep every widget until it was closed.

    Between the end of a test and that, what is left to paint is painted, and a widget that nobody
    holds any more would be collected in the middle of it.
    """
    kept: list[QWidget] = []
    add = qtbot.addWidget

    def add_and_keep(widget: QWidget, **options: object) -> None:
        kept.append(widget)
        add(widget, **options)

    qtbot.addWidget = add_and_keep
    return qtbot


@pytest.fixture
def windows(qapp: QApplication, tmp_path: Path) -> Iterator[Windows]:
    """Return what opens the whole window on a project."""
    opened = Windows(tmp_path)
    yield opened
    opened.close_all()
