"""What happens when the program itself has a mistake: it says so, and the work is kept.

Problems that a person can cause are ``LoomError``s and never come here.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from app.dialogs.details import DetailsDialog, versions
from app.handover import Handover
from app.theme import theme_manager
from app.widgets import Button

_log = logging.getLogger("layerloom")

_QUIET_S = 30.0
"""So long the same mistake is not told again: one in painting would come with every frame."""


class CrashHandler(QObject):
    """Takes every exception that nothing else took, from any thread."""

    def __init__(self, log_folder: Path, keep_work: Callable[[], None]) -> None:
        super().__init__()
        self._keep_work = keep_work
        self._is_open = False
        self._told: dict[str, float] = {}
        self._fault_file = _open_fault_file(log_folder)
        # In a turn of its own: a dialog must not open in the middle of a paint event.
        self._happened: Handover[str] = Handover(self, self._tell)

    def install(self) -> None:
        """Take exceptions from now on; faults of the process leave their trace in a file."""
        if self._fault_file is not None:
            faulthandler.enable(self._fault_file)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QGuiApplication.quit()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        _log.error("%s", text)
        self._happened.give(text)

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._on_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _tell(self, text: str) -> None:
        quiet_until = self._told.get(text, 0.0)
        if self._is_open or time.monotonic() < quiet_until:
            return
        self._keep_work()
        self._is_open = True
        dialog = CrashDialog(text, QApplication.activeWindow())
        # It has no window to take its looks from where the mistake came before one stood.
        theme_manager().dress(dialog)
        dialog.exec()
        self._is_open = False
        self._told[text] = time.monotonic() + _QUIET_S


class CrashDialog(DetailsDialog):
    """Says that the mistake is ours, that the work is kept, and gives the details to copy."""

    def __init__(self, details: str, parent: QWidget | None = None) -> None:
        super().__init__(f"{versions()}\n\n{details}", parent)
        self.setWindowTitle(self.tr("A mistake in Layerloom"))
        self.say(
            self.tr("Layerloom made a mistake"),
            self.tr(
                "Your drawing was just kept in a recovery file, and you can go on. "
                "If it happens again, save, start anew, and report it with these details."
            ),
        )
        go_on = Button(self.tr("Go on"), "primary")
        go_on.clicked.connect(self.accept)
        self.add_button(go_on)


def _open_fault_file(folder: Path) -> IO[str] | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / "faults.log").open("a", encoding="utf-8")
    except OSError:
        return None
