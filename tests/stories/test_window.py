"""The road through the real window: its own process, a real pointer and keyboard, real training."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.display,
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="needs xdotool"),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here"),
]

# The window as anybody starts it, which answers questions about itself on a pipe.
PROGRAM = """
import json, sys, threading
from PySide6.QtCore import QModelIndex, QObject, QPoint, QPointF, Signal
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox
import app.start
from app.inspector.form import ParamForm

HEAVY = ("torch", "pyqtgraph", "onnx")
at_first = []
window = None

class Asked(QObject):
    came = Signal(str)

def point_of(widget, place=None):
    at = widget.mapToGlobal(widget.rect().center() if place is None else place)
    return [at.x(), at.y()]

def item(name):
    return window.canvas.canvas.nodes[window.document.graph.named(name).id]

def on_canvas(x, y):
    return point_of(window.canvas.viewport(), window.canvas.mapFromScene(QPointF(x, y)))

def card(name):
    box = item(name).box()
    return on_canvas(box.left + 6, box.top + 30)

def wire_into(name):
    return on_canvas(item(name).x(), item(name).box().top - 18)

def editor(name):
    for form in window.properties.findChildren(ParamForm):
        if form.isVisible() and form.row(name) is not None:
            return point_of(form.row(name).editor, QPoint(30, 12))

def row(text):
    tree = window.library.tree
    model = tree.model()
    def find(parent):
        for number in range(model.rowCount(parent)):
            index = model.index(number, 0, parent)
            if str(index.data()) == text:
                return index
            found = find(index)
            if found is not None:
                return found
    index = find(QModelIndex())
    tree.scrollTo(index)
    return point_of(tree.viewport(), tree.visualRect(index).center())

def button(text):
    places = [QApplication.activeModalWidget() or window]
    for found in places[0].findChildren(QAbstractButton):
        if found.isVisible() and text in (found.text().strip(), found.accessibleName()):
            return point_of(found)

def dialog():
    shown = QApplication.activeModalWidget()
    return shown.text() if isinstance(shown, QMessageBox) else ""

def answer(question):
    try:
        said = eval(question, globals())
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    print(json.dumps(said), flush=True)

def listen():
    for line in sys.stdin:
        asked.came.emit(line.strip())

open_window = app.start.open_window

def opened(*arguments):
    global window
    window = open_window(*arguments)
    at_first.extend(name for name in HEAVY if name in sys.modules)
    return window

app.start.open_window = opened
application = app.start._application()
asked = Asked()
asked.came.connect(answer)
threading.Thread(target=listen, daemon=True).start()
sys.exit(app.start.run(*[__import__("pathlib").Path(word) for word in sys.argv[1:]]))
"""


class Window:
    """A running window: it is asked by name and worked by hand."""

    def __init__(self, display: str, home: Path, *words: str) -> None:
        self._environment = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "HOME": str(home),
            "LAYERLOOM_RUNS": str(home / "runs"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=home,
            env=self._environment,
        )

    def ask(self, question: str) -> Any:
        """Return what an expression is inside of the window."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{question}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"the window is gone: {self.process.poll()}"
        return json.loads(answer)

    def wait(self, question: str) -> Any:
        """Wait until something is true inside of the window."""
        end = time.monotonic() + PATIENCE_S
        while not (said := self.ask(question)) or (isinstance(said, str) and "Error: " in said):
            assert time.monotonic() < end, f"never: {question}; it is {said!r}"
            time.sleep(0.05)
        return said

    def press(self, *keys: str) -> None:
        self._do("key", "--delay", "40", *keys)

    def type(self, text: str) -> None:
        self._do("type", "--delay", "25", "--", text)

    def click(self, where: str) -> None:
        """Click on what an expression says is a place on the display."""
        x, y = self.wait(where)
        self._do("mousemove", str(x), str(y), "sleep", "0.1", "click", "1")

    def drag(self, start: str, end: str) -> None:
        (x, y), (to_x, to_y) = self.wait(start), self.wait(end)
        words = ["mousemove", str(x), str(y), "sleep", "0.1", "mousedown", "1"]
        for step in range(1, 16):
            at = (round(x + (to_x - x) * step / 15), round(y + (to_y - y) * step / 15))
            words += ["mousemove", *map(str, at), "sleep", "0.03"]
        self._do(*words, "sleep", "0.15", "mouseup", "1")

    def kill(self) -> None:
        self.process.kill()
        self._forget()

    def close(self) -> None:
        """End it as a desktop does, without a question."""
        self.process.terminate()
        self._forget()

    def _forget(self) -> None:
        self.process.wait(PATIENCE_S)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self._environment, check=True)


@pytest.fixture
def start(virtual_display: str, tmp_path: Path) -> Iterator[Any]:
    opened: list[Window] = []

    def begin(*words: str, until: str = "window.isActiveWindow()") -> Window:
        window = Window(virtual_display, tmp_path, *words)
        opened.append(window)
        window.wait(f"window is not None and {until}")
        return window

    yield begin
    for window in opened:
        if window.process.poll() is None:
            window.kill()


def test_the_window_stands_before_anything_large_is_imported(start: Any) -> None:
    window = start()

    assert window.ask("at_first") == []
    window.wait("window.control.phase == 'ready' and window.run_view.has_panels")

    assert window.ask("'torch' in sys.modules") is False


def test_enter_trains_and_a_selected_layer_shows_its_channels(start: Any) -> None:
    window = start()

    window.press("Return")
    window.wait("window.control.phase == 'training'")
    assert window.wait("window.layouts.current") == "train"
    first = window.wait("len(window.run_view._course.losses)")
    window.wait(f"len(window.run_view._course.losses) > {first + 20}")
    window.wait("window.late.panels().training.page.loss_plot.isVisible()")
    window.click("card('conv2d_2')")
    window.wait(
        "window.late.panels().activations.node == window.document.graph.named('conv2d_2').id"
    )
    node = "window.run_view.previews._probes[window.document.graph.named('conv2d_2').id]"
    window.wait(f"len({node}.channels) == 16")

    window.press("shift+F5")
    window.wait("window.control.phase == 'ready'")


def test_a_stride_that_does_not_fit_is_mended_by_the_first_button(start: Any) -> None:
    window = start()
    before = window.ask("window.document.report.totals.parameters")
    window.click("card('conv2d_2')")
    window.click("editor('stride')")
    window.press("ctrl+a")
    window.type("2")
    window.press("Return")
    window.wait("len(window.document.report.errors) == 1")
    assert window.wait("window.canvas.overlays.card.isVisible()")

    label = window.ask("window.canvas.overlays.card.problem.fixes[0].label")
    window.click(f"button({label!r})")
    window.wait("window.document.report.errors == ()")
    assert not window.ask("window.canvas.overlays.card.isVisible()")
    window.press("ctrl+z", "ctrl+z")
    window.wait("not window.document.history.can_undo")

    assert window.ask("window.document.report.totals.parameters") == before


def test_a_layer_from_the_library_is_dragged_onto_a_wire_and_taken_back(start: Any) -> None:
    window = start()
    count = window.ask("len(window.document.graph.nodes)")

    window.drag("row('ReLU')", "wire_into('linear')")
    window.wait(f"len(window.document.graph.nodes) == {count + 1}")

    kinds = "[n.kind for n in window.document.graph.nodes.values() if n.id in {ids}]"
    feeds = "[l.source.node for l in window.document.graph.links if l.target.node == {node}]"
    linear = "window.document.graph.named('linear').id"
    assert window.ask(kinds.format(ids=feeds.format(node=linear))) == ["ReLU"]
    relu = f"({feeds.format(node=linear)})[0]"
    assert window.ask(kinds.format(ids=feeds.format(node=relu))) == ["Flatten"]
    assert window.ask("window.document.report.errors") == []
    window.press("ctrl+z")
    window.wait(f"len(window.document.graph.nodes) == {count}")


def test_a_window_killed_during_edits_brings_the_drawing_back(start: Any, tmp_path: Path) -> None:
    window = start()
    window.click("card('flatten')")
    window.press("Delete")
    window.wait("window.document.graph.named('flatten') is None")
    copies = tmp_path / "data" / "layerloom" / "recovery"
    _wait_for(lambda: list(copies.glob("*.recovery")))
    window.kill()

    again = start(until="window.recovery.card is not None")
    assert "Read handwritten digits" in again.ask("window.recovery.card.accessibleName()")
    again.click("button('Bring it back')")

    again.wait("window.document.graph.named('flatten') is None")
    assert again.ask("window.isWindowModified()") is True


def test_a_saved_project_leaves_nothing_to_recover(start: Any, tmp_path: Path) -> None:
    file = tmp_path / "mine.loom"
    shutil.copy(ROOT / "resources" / "templates" / "digits.loom", file)
    window = start(str(file))
    window.click("card('flatten')")
    window.press("Delete")
    window.wait("window.document.graph.named('flatten') is None")
    window.press("ctrl+s")
    window.wait("window.document.history.is_saved")
    window.kill()

    again = start(str(file))

    again.wait("window.run_view.has_panels")
    assert again.ask("dialog()") == ""
    assert again.ask("window.document.graph.named('flatten') is None")


def test_a_window_killed_during_training_leaves_a_run_that_goes_on(start: Any) -> None:
    window = start()
    window.press("Return")
    window.wait("len(window.run_view._course.losses) > 20")
    run = window.ask("str(window.control.run)")
    steps = window.ask("len(window.run_view._course.losses)")
    window.kill()
    _wait_for(lambda: "ended" in (Path(run) / "run.json").read_text())

    again = start()
    again.wait("window.run_view.has_panels")
    again.click("point_of(window.rail._buttons['runs'])")
    again.wait("window.late.panels().runs.lines and window.late.panels().runs.isVisible()")
    tree = "window.late.panels().runs.tree"
    again.click(
        f"point_of({tree}.viewport(), {tree}.visualRect({tree}.model().index(0, 0)).center())"
    )
    again.wait(f"str(window.control.run) == {run!r}")
    again.wait("window.control.phase == 'ready'")
    again.click("button('Resume')")
    again.wait("window.control.phase == 'training'")

    assert again.wait("window.late.panels().training._state.started.first_step") >= steps
    again.press("shift+F5")
    again.wait("window.control.phase == 'ready'")


def test_ending_it_keeps_the_work(start: Any, tmp_path: Path) -> None:
    """As a desktop does when a person logs out."""
    window = start()
    window.click("card('flatten')")
    window.press("Delete")
    window.wait("window.document.graph.named('flatten') is None")

    window.close()

    assert window.process.returncode == 0
    assert list((tmp_path / "data" / "layerloom" / "recovery").glob("*.recovery"))


def _wait_for(is_so: Any) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)
