"""What tests of the whole window share: one to open, and answers to questions that block."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QMessageBox, QWidget

from app.gui_gc import GuiCollector
from app.main_window import MainWindow
from app.settings import Settings
from engine.project.project import Project

_LOOK_MS = 10
PATIENCE_S = 60.0


class Answers:
    """Presses a button of each dialog that comes, and keeps what it said."""

    def __init__(self, *words: str) -> None:
        self.asked: list[str] = []
        self._words = list(words)
        self._timer = QTimer()
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @property
    def left(self) -> list[str]:
        """Answers that nobody asked for."""
        return list(self._words)

    def stop(self) -> None:
        self._timer.stop()

    def _look(self) -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            return
        self.asked.append(words_of(dialog))
        answer = self._words.pop(0) if self._words else ""
        button = button_of(dialog, answer) if answer else None
        if button is not None:
            button.click()
        elif isinstance(dialog, QDialog):
            dialog.reject()


@contextmanager
def answering(*words: str) -> Iterator[Answers]:
    """Answer the dialogs that come meanwhile, each with the button of this name, in order.

    Esc answers where the words have run out.
    """
    answers = Answers(*words)
    try:
        yield answers
    finally:
        answers.stop()
    assert not answers.left, f"nobody asked for {answers.left}; asked was {answers.asked}"


def words_of(dialog: QWidget) -> str:
    """Return all that a dialog says."""
    if isinstance(dialog, QMessageBox):
        return f"{dialog.text()} {dialog.informativeText()}"
    labels = [label.accessibleName() or label.text() for label in dialog.findChildren(QLabel)]
    return " ".join([dialog.windowTitle(), *labels])


def button_of(place: QWidget, text: str) -> QAbstractButton:
    """Return the visible button with this text or name."""
    found = [
        button
        for button in place.findChildren(QAbstractButton)
        if text in (button.text().strip(), button.accessibleName()) and not button.isHidden()
    ]
    assert found, (
        f"no button {text!r} among {[b.text() for b in place.findChildren(QAbstractButton)]}"
    )
    return found[0]


def wait_until(is_so: Callable[[], object], what: str = "") -> None:
    """Let the program work until something is true."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, f"it never came to that: {what or is_so}"
        QTest.qWait(_LOOK_MS)


def wait_for_phase(window: MainWindow, *phases: str) -> None:
    """Let the window work until the engine is in one of these phases."""
    try:
        wait_until(lambda: window.control.phase in phases, " or ".join(phases))
        wait_until(lambda: window.run_view.is_told or not window.run_view.has_panels, "all is told")
    except AssertionError as error:
        log = window.late.panels().log.lines[-20:] if window.run_view.has_panels else []
        told = "\n".join([f"the engine is {window.control.phase}; its log ends with", *log])
        raise AssertionError(f"{error}: {told}") from error


class Windows:
    """Opens windows on projects, with settings of their own, and closes them unasked."""

    def __init__(self, folder: Path) -> None:
        self._opened: list[MainWindow] = []
        self._collector = GuiCollector(QApplication.instance())
        self.settings = Settings(folder / "settings.ini")

    def __call__(
        self, project: Project, *, with_panels: bool = True, warm: bool = False
    ) -> MainWindow:
        """Open a window; only a warm one has its engine, which takes a process, from the start."""
        window = MainWindow(project, self.settings, warm=warm)
        self._opened.append(window)
        window.resize(1500, 950)
        window.show()
        if with_panels:
            wait_until(lambda: window.run_view.has_panels, "the panels are made")
        return window

    def close(self, window: MainWindow) -> None:
        """Close a window without the questions that a person would be asked."""
        if window.late._made:  # what one of them put aside for another has no place before
            wait_until(lambda: window.run_view.has_panels, "the panels are made")
        window.control.close()
        window.control._enter("ready")
        window.document.mark_saved()
        window.close()

    def close_all(self) -> None:
        for window in self._opened:
            self.close(window)
            window.deleteLater()
        self._opened.clear()
        self._collector.stop()
        QTest.qWait(_LOOK_MS)
