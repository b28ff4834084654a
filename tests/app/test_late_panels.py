import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders import a_project, a_residual_cnn
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from window_hands import Windows

from app.main_window import MainWindow
from app.training.panel import TrainingPanel


class _Shown(QObject):
    """Notes every window that comes on screen."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.isWindow()
            and not isinstance(watched, MainWindow)
        ):
            self.windows.append(type(watched).__name__)
        return False


def test_no_part_of_a_panel_comes_on_screen_by_itself(windows: Windows) -> None:
    """It would take the keys from the window, and flash."""
    application, shown = QApplication.instance(), _Shown()
    assert application is not None
    application.installEventFilter(shown)

    window = windows(a_project(a_residual_cnn()))

    application.removeEventFilter(shown)
    assert shown.windows == []
    assert window.isActiveWindow()


@pytest.mark.parametrize("turns", range(1, 7))
def test_parts_that_no_window_holds_yet_go_where_it_closes_meanwhile(
    qtbot: QtBot, turns: int
) -> None:
    panel = TrainingPanel()
    for part in (panel, panel.caption):
        qtbot.addWidget(part)
    before = _without_parent()
    making = panel.prepare()
    for _ in range(turns):
        next(making)

    del making

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert _without_parent() <= before


def _without_parent() -> set[QWidget]:
    return {each for each in QApplication.topLevelWidgets() if each.parent() is None}


_WATCHED = """
import builtins, os, threading
from PySide6.QtCore import QObject
from app.settings import Settings
from app.start import _application, open_window

make, here, elsewhere = builtins.__build_class__, [], []

def build(body, name, *bases, **options):
    made = make(body, name, *bases, **options)
    if isinstance(made, type(QObject)):
        is_main = threading.current_thread() is threading.main_thread()
        (here if is_main else elsewhere).append(f"{made.__module__}.{name}")
    return made

builtins.__build_class__ = build
application = _application()
window = open_window(Settings())
window.late.prepared.connect(application.quit)
application.exec()
print(len(here), *elsewhere, flush=True)
os._exit(0)
"""


def test_every_class_of_qt_is_made_on_the_thread_of_the_window(tmp_path: Path) -> None:
    """Qt reads the table of classes without a lock, and crashes where a thread writes to it."""
    folders = {f"XDG_{kind}_HOME": str(tmp_path) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}

    done = subprocess.run(
        [sys.executable, "-c", _WATCHED],
        env={**os.environ, **folders, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )

    here, *elsewhere = done.stdout.split()
    assert int(here) > 100 and elsewhere == []
