"""Data and other files dropped on the window: at once after it opened, later, and during a run."""

from pathlib import Path

import pytest
from builders import a_project, a_small_cnn
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from window_hands import Windows, answering, wait_until

from app.main_window import MainWindow


def _drop(window: MainWindow, file: Path) -> bool:
    """Drop a file beside all layers; say whether it was taken."""
    data, at = QMimeData(), QPointF(3, 3)
    data.setUrls([QUrl.fromLocalFile(str(file))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0))
    for widget in (window.canvas.viewport(), window):
        enter = QDragEnterEvent(at.toPoint(), *how)
        enter.ignore()
        QApplication.sendEvent(widget, enter)
        if enter.isAccepted():
            QApplication.sendEvent(widget, QDropEvent(at, *how))
            return True
    return False


def _asked_about(window: MainWindow) -> str:
    """Return what the sheet that is open was asked about."""
    sheet = window.late.panels().data.importing.sheet if window.run_view.has_panels else None
    return sheet.windowTitle() if sheet is not None else ""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "rows.csv"
    file.write_text("a,b,good\n" + "".join(f"{n},{n % 5},{n % 2}\n" for n in range(20)))
    return file


def test_data_that_falls_before_there_is_a_panel_is_kept_for_it(
    windows: Windows, table: Path
) -> None:
    window = windows(a_project(a_small_cnn()), with_panels=False)

    assert _drop(window, table)

    wait_until(lambda: window.canvas.overlays.notice.text().startswith("rows.csv"))
    assert not window.run_view.has_panels
    wait_until(lambda: _asked_about(window), "the sheet of the table comes")


def test_weights_that_fall_beside_layers_before_that_are_kept_as_well(
    windows: Windows, tmp_path: Path
) -> None:
    (tmp_path / "all.safetensors").touch()
    window = windows(a_project(a_small_cnn()), with_panels=False)

    assert _drop(window, tmp_path / "all.safetensors")

    wait_until(lambda: _asked_about(window), "the sheet of the arrays comes")


@pytest.mark.parametrize(("name", "words"), [("a.pdf", "cannot be opened"), ("a.onnx", "ONNX")])
def test_what_nothing_reads_is_answered_once_the_panels_are_there(
    windows: Windows, tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / name).touch()
    window = windows(a_project(a_small_cnn()), with_panels=False)

    with answering("OK") as answers:
        assert _drop(window, tmp_path / name)
        wait_until(lambda: answers.asked, "the file is answered")

    assert words in answers.asked[0]


def test_data_that_falls_during_a_run_is_answered_by_what_keeps_it_out(
    windows: Windows, table: Path
) -> None:
    window = windows(a_project(a_small_cnn()))
    panel = window.late.panels().data
    panel.set_locked("Pause the run to edit what is grey.")

    assert _drop(window, table)
    wait_until(lambda: "Pause the run" in window.canvas.overlays.notice.text())
    assert not _asked_about(window)

    panel.set_locked("")
    assert _drop(window, table)
    wait_until(lambda: _asked_about(window))
