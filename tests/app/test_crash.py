"""A mistake in the program: it is told, the work is kept, and the program goes on."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from window_hands import answering, wait_until

from app.crash import CrashHandler

ROOT = Path(__file__).parents[2]


@pytest.fixture
def kept(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    """A handler is at work; what it kept."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    said: list[str] = []
    # Nowhere to write: pytest listens for the process's faults already.
    (tmp_path / "taken").write_text("")
    handler = CrashHandler(tmp_path / "taken" / "logs", lambda: said.append("kept"))
    handler.install()
    yield said
    handler.deleteLater()


def fail(text: str) -> None:
    """Bring an exception to where one goes that nothing else took."""
    error = ValueError(text)
    sys.excepthook(ValueError, error, error.__traceback__)


def test_a_mistake_is_told_and_the_work_is_kept(kept: list[str]) -> None:
    with answering("Go on") as answers:
        fail("the first")
        wait_until(lambda: answers.asked)

    assert kept == ["kept"]
    assert "Layerloom made a mistake" in answers.asked[0]


def test_the_details_can_be_copied(kept: list[str]) -> None:
    with answering("Copy details", "Go on") as answers:
        fail("copy me")
        wait_until(lambda: len(answers.asked) == 2)

    text = QGuiApplication.clipboard().text()
    assert "ValueError: copy me" in text and "Python" in text


def test_a_mistake_that_comes_again_and_again_is_told_once(kept: list[str]) -> None:
    """As one in painting would."""
    with answering("Go on") as answers:
        for _ in range(20):
            fail("again and again")
        wait_until(lambda: answers.asked)
        for _ in range(20):
            fail("again and again")
        QTimer.singleShot(50, lambda: kept.append("later"))
        wait_until(lambda: "later" in kept)

    assert len(answers.asked) == 1


def test_another_mistake_is_told_as_well(kept: list[str]) -> None:
    with answering("Go on", "Go on") as answers:
        fail("one")
        wait_until(lambda: answers.asked)
        fail("two")
        wait_until(lambda: len(answers.asked) == 2)


def test_the_dialog_does_not_open_in_the_middle_of_what_failed(kept: list[str]) -> None:
    with answering("Go on") as answers:
        fail("in a paint event")
        assert QApplication.activeModalWidget() is None and answers.asked == []
        wait_until(lambda: answers.asked)


def test_a_mistake_on_another_thread_is_told_on_this_one(kept: list[str]) -> None:
    def work() -> None:
        fail("elsewhere")

    with answering("Go on") as answers:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        wait_until(lambda: answers.asked)

    assert kept == ["kept"]


IN_A_SLOT = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from window_hands import answering
from app.crash import CrashHandler

application = QApplication([])
application.setQuitOnLastWindowClosed(False)
handler = CrashHandler(Path(sys.argv[1]), lambda: print("kept", flush=True))
handler.install()

def slot():
    raise ValueError("in a slot")

def later():
    print("goes on", flush=True)
    application.quit()

QTimer.singleShot(0, slot)
QTimer.singleShot(600, later)
with answering("Go on") as answers:
    application.exec()
    print(len(answers.asked), flush=True)
"""


def test_after_an_exception_in_a_slot_the_program_goes_on(tmp_path: Path) -> None:
    assert _run(IN_A_SLOT, str(tmp_path)).split("\n") == ["kept", "goes on", "1"]


COLLECTING = """
import gc, sys, threading
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from app.gui_gc import GuiCollector

application = QCoreApplication([])
gc.set_threshold(50, 2, 2)
freed_on = set()

class Timed(QObject):
    def __init__(self):
        super().__init__()
        self.itself = self  # only the collector can free it
        self.startTimer(1)

class Witness:
    def __init__(self):
        self.itself = self
    def __del__(self):
        freed_on.add(threading.current_thread() is threading.main_thread())

if sys.argv[1] == "guarded":
    collector = GuiCollector(application)
    collector._timer.setInterval(5)

def litter():
    for _ in range(20):
        Timed(), Witness()

maker = QTimer()
maker.timeout.connect(litter)
maker.start(1)

def allocate():
    rounds = 0
    while rounds < 1500:
        junk = [[] for _ in range(300)]
        rounds += 1
    QCoreApplication.postEvent(application, QEvent(QEvent.Type.Quit))

worker = threading.Thread(target=allocate)
worker.start()
QTimer.singleShot(20_000, application.quit)
application.exec()
worker.join()
print(sorted(freed_on))
"""


def test_what_a_worker_thread_allocates_never_frees_widgets_there() -> None:
    assert _run(COLLECTING, "guarded") == "[True]"


def _run(program: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
