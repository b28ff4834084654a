from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from trained_windows import a_project_that_is_soon_trained
from window_hands import Windows, wait_for_phase

from app.main_window import MainWindow


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


@pytest.fixture(scope="module")
def window_with_worker(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MainWindow]:
    """Return a window whose worker is ready; all tests of a file share it."""
    windows = Windows(tmp_path_factory.mktemp("window"))
    window = windows(a_project_that_is_soon_trained(), warm=True)
    window.choose_device("cpu")
    wait_for_phase(window, "ready")
    for node in window.document.graph.nodes:  # the forms of these layers are made once
        window.document.select([node])
    yield window
    windows.close_all()


@pytest.fixture
def trained_window(window_with_worker: MainWindow) -> MainWindow:
    """Return it in the Build layout, with nothing under way, on a drawing that is soon trained."""
    window = window_with_worker
    if window.control.is_running:
        window.stop()
        wait_for_phase(window, "ready")
    window.show_layout("build")
    window.document.open(a_project_that_is_soon_trained())
    return window
