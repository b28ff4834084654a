"""Starting the window: the application object, its look, the first project, and what guards it."""

from __future__ import annotations

import logging
import os
import signal
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon, QPixmapCache
from PySide6.QtWidgets import QApplication

from app import nested_layouts
from app.crash import CrashHandler
from app.gui_gc import GuiCollector
from app.main_window import MainWindow
from app.project_files import show_error
from app.settings import Settings, data_folder
from app.theme import theme_manager
from app.widgets import FocusRing
from engine.project.codec import Opened
from engine.project.files import load
from engine.project.templates import STARTER, open_template
from engine.runs.record import RunRecord, is_run
from nodes.errors import LoomError
from resources import path as resource

# Cached cards of some hundred nodes at twice the resolution; Qt's own limit holds forty.
_PIXMAP_CACHE_KB = 200 * 1024
_LOG_BYTES = 1_000_000
# Qt lets go of Python's lock in almost every call. Python's own interval makes the window wait 5 ms
# to get it back, each time, while another thread imports or unpacks events.
_SWITCH_SECONDS = 0.0005


def run(project: Path | None = None) -> int:
    """Open the window and return the exit code once it is closed.

    Args:
        project: The file, or the folder of a run, to open; the starter project where None.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    application = _application()
    window = open_window(Settings(), project)
    collector = GuiCollector(window)
    window.late.done.connect(collector.set_aside)
    window.late.prepared.connect(collector.set_aside)
    _end_well_on_signals(application, window)
    # The collector keeps its post: threads may be at work until the process ends.
    return application.exec()


def open_window(settings: Settings, project: Path | None = None) -> MainWindow:
    """Show the window on a project; what cannot be read is told once the window stands."""
    nested_layouts.mend()
    theme_manager().choose_text_size(settings.text_size)
    theme_manager().choose(settings.theme)
    FocusRing(_application())
    opened, problem = _first_project(project)
    window = MainWindow(opened.project, settings)
    if project is not None and problem is None:
        if is_run(project):
            window.files.show(opened.project)
            window.beginning.show_run(project)
        else:
            window.files.show(opened.project, project)
            settings.add_recent(project)
    crashes = CrashHandler(data_folder() / "logs", window.files.keep_copy)
    crashes.setParent(window)
    crashes.install()
    window.show()
    for note in opened.notes:
        window.files.noted.emit(note)
    if problem is not None:
        QTimer.singleShot(0, lambda: show_error(window, problem))
    QTimer.singleShot(0, window.recovery.offer)
    return window


def _application() -> QApplication:
    existing = QApplication.instance()
    # Qt hands larger fills to threads of its own and waits for them, which takes longer than the
    # fill itself, and much longer where a run has all cores.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("layerloom")
    application.setApplicationDisplayName("Layerloom")
    application.setDesktopFileName("layerloom")
    application.setWindowIcon(QIcon(str(resource("icons", "app", "layerloom.png"))))
    QPixmapCache.setCacheLimit(_PIXMAP_CACHE_KB)
    _log_to_file(data_folder() / "logs")
    return application


def _first_project(path: Path | None) -> tuple[Opened, LoomError | None]:
    """Read the project that was asked for; the starter stands in for one that cannot be read."""
    if path is None:
        return Opened(open_template(STARTER)), None
    try:
        if is_run(path):
            return Opened(RunRecord.open(path).project_looked_into()), None
        return load(path), None
    except LoomError as error:
        return Opened(open_template(STARTER)), error


def _log_to_file(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "layerloom.log", maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8"
        )
    except OSError:  # nowhere to write: the program works without a log
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("layerloom")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _end_well_on_signals(application: QApplication, window: MainWindow) -> None:
    """Keep the work and end on Ctrl+C and on termination, without a question."""

    def end(*_: object) -> None:
        window.files.keep_copy()
        window.late.stop()
        window.control.close()
        application.exit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    # Python hears a signal only between two of its own calls.
    timer = QTimer(application)
    timer.timeout.connect(lambda: None)
    timer.start(250)
