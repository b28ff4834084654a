"""What every test stands on: no screen, settings of its own, and nothing left behind."""

import atexit
import contextlib
import gc
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

# Before Qt, torch or the app is imported: they read the environment once.
_HOME = Path(tempfile.mkdtemp(prefix="layerloom-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ.update(
    QT_QPA_PLATFORM="offscreen",
    QT_SCALE_FACTOR="1",
    LAYERLOOM_RUNS=str(_HOME / "runs"),
    LAYERLOOM_CACHE=str(_HOME / "cache"),
    XDG_CONFIG_HOME=str(_HOME / "config"),
    XDG_DATA_HOME=str(_HOME / "data"),
    XDG_STATE_HOME=str(_HOME / "state"),
    # Spinning threads of torch would slow down everything that shares the cores.
    OMP_WAIT_POLICY="PASSIVE",
)
for name in ("LAYERLOOM_DEBUG", "WAYLAND_DISPLAY", "NO_COLOR", "FORCE_COLOR"):
    os.environ.pop(name, None)

from app import nested_layouts, plain_imports  # noqa: E402

# As the window does: pytest-qt has brought PySide, which would read the source of all of torch.
plain_imports.restore()
nested_layouts.mend()

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

# torch warms up on its first call, so wall-clock deadlines would fail at random. Laws that need
# more cases say so themselves.
settings.register_profile("here", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

_PATIENCE_SECONDS = 20.0

# The one tooltip of all widgets, and the list of a combo box, made when it is first needed.
_OF_QT = ("QTipLabel", "QComboBoxPrivateContainer")


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """Fail the test that leaves a thread or a top-level widget."""
    threads = set(threading.enumerate())
    widgets = _widgets().keys()
    yield
    running = _threads_since(threads)
    assert not running, f"threads that still run: {running}"
    opened = _widgets_since(widgets)
    assert not opened, f"top-level widgets that are still there: {opened}"
    _collect_garbage()


@pytest.fixture(scope="session")
def virtual_display() -> Iterator[str]:
    """An X display that nobody sees, with a window manager; its name, for DISPLAY.

    For windows in processes of their own: this process has drawn offscreen from its start.
    """
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb")
    with contextlib.ExitStack() as stack:
        read_end, write_end = os.pipe()
        server = [
            *("Xvfb", "-displayfd", str(write_end)),
            *("-screen", "0", "1600x1000x24", "-nolisten", "tcp"),
        ]
        _start(stack, server, pass_fds=(write_end,))
        os.close(write_end)
        with os.fdopen(read_end) as answer:
            display = f":{answer.readline().strip()}"
        if shutil.which("openbox"):
            _start(stack, ["openbox"], env={**os.environ, "DISPLAY": display})
        yield display


def _start(stack: contextlib.ExitStack, command: list[str], **options: object) -> None:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **options,  # type: ignore[call-overload]
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)


def _threads_since(before: set[threading.Thread]) -> list[threading.Thread]:
    """Return the threads that were started meanwhile and do not end within some seconds."""
    started = [thread for thread in threading.enumerate() if thread not in before]
    # Threads of Qt and torch that once called Python cannot be waited for, nor do they matter;
    # of torch's progress bars one thread stays for good.
    ours = [
        thread
        for thread in started
        if not isinstance(thread, threading._DummyThread) and thread.name != "tqdm_monitor"
    ]
    for thread in ours:
        thread.join(_PATIENCE_SECONDS)
    return [thread for thread in ours if thread.is_alive()]


def _widgets_since(before: Collection[int]) -> list[str]:
    """Return the windows that were opened meanwhile and are not on their way out."""
    if not _widgets().keys() - before:
        return []
    from PySide6.QtCore import QCoreApplication, QEvent

    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return [text for address, text in _widgets().items() if address not in before]


def _widgets() -> dict[int, str]:
    """Return all top-level widgets by their address in C++: Python's wrappers come and go."""
    if "PySide6.QtWidgets" not in sys.modules:
        return {}
    from PySide6.QtWidgets import QApplication
    from shiboken6 import Shiboken

    if QApplication.instance() is None:
        return {}
    return {
        Shiboken.getCppPointer(widget)[0]: f"{widget.metaObject().className()} {widget!r}"
        for widget in QApplication.topLevelWidgets()
        if widget.metaObject().className() not in _OF_QT
    }


def pytest_xdist_auto_num_workers() -> int:
    """Let one more run than there are cores: many tests wait, for a process or a thread to end."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Collect garbage between tests alone, and never what the imports made: it stays.

    A collection on a thread beside the test's own that frees an object of Qt crashes the process.
    A run that ends gives back all that was set aside, by whomever, and to ask whether one did takes
    longer than most tests: Python counts one object after another.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    gc.freeze = gc.unfreeze = _leave_as_it_is


def _leave_as_it_is() -> None:
    """Stand in for what sets aside and gives back, where the tests' own is to stay."""


def _collect_garbage() -> None:
    """Collect the oldest generation that has grown past its threshold, as Python would."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return


def pytest_sessionfinish() -> None:
    """Empty the clipboard: without a screen Qt keeps it in a static that outlives Python.

    What a test copied would be destroyed after the interpreter is gone, which crashes the process
    once everything has passed. So would a thread of Qt's pool that then still runs Python.
    """
    if "PySide6.QtCore" in sys.modules:
        from PySide6.QtCore import QThreadPool

        QThreadPool.globalInstance().waitForDone()
    if "PySide6.QtGui" in sys.modules:
        from PySide6.QtGui import QGuiApplication

        if isinstance(QGuiApplication.instance(), QGuiApplication):
            QGuiApplication.clipboard().clear()
