"""Pictures from the window: exported, copied, dropped."""

from pathlib import Path

import pytest
from builders import a_project, a_residual_cnn, node_named
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog
from window_hands import Windows, answering, wait_until

from app.main_window import MainWindow
from engine.project.files import load, save


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(a_residual_cnn()), with_panels=False)


def answer_with(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    def answer(*_: object) -> tuple[str, str]:
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)


def drop(window: MainWindow, path: Path) -> bool:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(400, 400), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(window.canvas.viewport(), enter)
    fall = QDropEvent(QPointF(400, 400), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(window if enter.isAccepted() else window.canvas.viewport(), fall)
    return enter.isAccepted()


def test_a_picture_that_is_dropped_opens_its_drawing(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, tmp_path / "drawing.png")
    project = window.document.project
    window.actions_by_key["picture"].trigger()
    window.files.show(a_project())

    assert drop(window, tmp_path / "drawing.png")

    wait_until(lambda: window.document.project == project)
    assert window.files.path is None, "saving must not write over the picture"


def test_a_project_that_is_dropped_is_opened(window: MainWindow, tmp_path: Path) -> None:
    save(tmp_path / "own.loom", a_project())

    drop(window, tmp_path / "own.loom")

    wait_until(lambda: window.files.path == tmp_path / "own.loom")


def test_other_files_open_no_project(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words")
    before = window.document.project

    drop(window, tmp_path / "notes.txt")

    wait_until(lambda: window.canvas.overlays.notice.text().startswith("notes.txt"))
    assert window.document.project is before


def test_a_picture_of_the_selection_holds_no_more(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, tmp_path / "part.png")
    graph = window.document.graph
    chosen = {node_named(graph, "conv2d_2"), node_named(graph, "conv2d_3")}
    window.document.select(chosen)

    window.actions_by_key["picture_selection"].trigger()

    part = load(tmp_path / "part.png").project.graph
    assert set(part.nodes) == chosen and len(part.links) == 1
    assert QImage(str(tmp_path / "part.png")).height() < 600


def test_a_copied_picture_is_an_image_and_a_drawing(window: MainWindow, tmp_path: Path) -> None:
    window.actions_by_key["copy_picture"].trigger()

    data = QGuiApplication.clipboard().mimeData()
    (tmp_path / "pasted.png").write_bytes(data.data("image/png").data())
    assert data.hasImage()
    assert load(tmp_path / "pasted.png").project == window.document.project


def test_an_ending_is_added_where_there_is_none(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, tmp_path / "v1.2")

    window.actions_by_key["picture"].trigger()

    assert (tmp_path / "v1.2.png").exists()


def test_dropped_source_becomes_a_project_of_its_own(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("model = nn.Sequential(nn.Linear(4, 2), Odd(), nn.ReLU())")
    notes: list[str] = []
    window.files.noted.connect(notes.append)

    drop(window, tmp_path / "net.py")

    wait_until(lambda: window.document.project.name == "net")
    assert [n.kind for n in window.document.graph.nodes.values()] == ["Linear", "ReLU"]
    assert notes == ["Not known and left out: Odd."]


@pytest.mark.parametrize(("name", "why"), [("net.pt", "holds weights"), ("net.ONNX", "ONNX file")])
def test_a_trained_model_that_is_dropped_is_told_from_a_drawing(
    window: MainWindow, tmp_path: Path, name: str, why: str
) -> None:
    (tmp_path / name).write_bytes(b"\x80")

    with answering("OK") as answers:
        drop(window, tmp_path / name)
        wait_until(lambda: answers.asked)

    assert "no drawing in this file" in answers.asked[0] and why in answers.asked[0]


def test_source_without_layers_leaves_what_is_open(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("print('hello')")
    before = window.document.project

    with answering("OK") as answers:
        window.beginning.open_source(tmp_path / "empty.py")

    assert "no layer in this text" in answers.asked[0] and window.document.project is before
