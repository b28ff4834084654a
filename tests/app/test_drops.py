"""Files dragged onto the window: what takes them, when, and what is left to others."""

from pathlib import Path

import pytest
from builders import a_project
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.beginning import left_over
from app.data.importing import is_data
from app.drops import FileDrops, dragged_files, only
from engine.runs.record import RunRecord, is_run
from engine.training.config import TrainingConfig

PLACE = QPointF(5, 7)


@pytest.fixture
def widget(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def dragged(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(widget: QWidget, mime: QMimeData) -> bool:
    """Drag over a widget and let go, as the desktop does; say whether it was taken."""
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    entered = QDragEnterEvent(PLACE.toPoint(), copy, mime, buttons, keys)
    entered.ignore()
    QApplication.sendEvent(widget, entered)
    if entered.isAccepted():
        dropped = QDropEvent(PLACE, copy, mime, buttons, keys, QEvent.Type.Drop)
        QApplication.sendEvent(widget, dropped)
    return entered.isAccepted()


def test_a_file_is_taken_once_the_drop_is_over(
    widget: QWidget, qtbot: QtBot, tmp_path: Path
) -> None:
    taken: list[object] = []
    FileDrops(widget, only(Path.is_dir), lambda *what: taken.append(what))

    assert drop(widget, dragged(tmp_path))

    assert taken == []
    qtbot.waitUntil(lambda: taken == [(tmp_path, PLACE)])


def test_what_is_not_wanted_is_left_to_those_around(widget: QWidget, tmp_path: Path) -> None:
    FileDrops(widget, only(Path.is_dir), lambda *_: pytest.fail("it was taken"))
    text = QMimeData()
    text.setText("nn.Linear(3, 4)")

    for mime in (dragged(tmp_path / "not-there"), dragged(tmp_path, tmp_path), text):
        assert not drop(widget, mime)


def test_a_widget_that_is_gone_takes_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    widget = QWidget()
    FileDrops(widget, only(Path.is_dir), lambda *_: pytest.fail("it was taken"))

    assert drop(widget, dragged(tmp_path))
    delete(widget)

    qtbot.wait(1)


class Fleeting(QMimeData):
    """What a program drags that goes away after it was asked for it once."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._left = [[QUrl.fromLocalFile(str(path))]]

    def hasUrls(self) -> bool:
        return True

    def urls(self) -> list[QUrl]:
        return self._left.pop() if self._left else []


def test_a_program_that_goes_away_while_it_drags_does_no_harm(tmp_path: Path) -> None:
    mime = Fleeting(tmp_path)

    assert [dragged_files(mime), dragged_files(mime)] == [[tmp_path], []]


@pytest.mark.parametrize(
    ("name", "is_wanted"), [("t.csv", True), ("a.npz", True), ("p.loom", False), ("p.png", False)]
)
def test_files_of_data_are_told_by_their_names(tmp_path: Path, name: str, is_wanted: bool) -> None:
    (tmp_path / name).touch()

    assert is_data(tmp_path / name) is is_wanted


def test_a_run_is_told_from_a_folder_of_data(tmp_path: Path) -> None:
    run = tmp_path / "run"
    RunRecord.create(a_project(), TrainingConfig(run_folder=str(run)))

    assert [is_run(tmp_path), is_run(run)] == [False, True]
    assert [is_data(tmp_path), is_data(run)] == [True, False]


def test_what_holds_no_project_is_left_over_alone_or_with_others(tmp_path: Path) -> None:
    drawing, text = tmp_path / "net.loom", tmp_path / "words.pdf"

    assert left_over([text]) == [text] and left_over([text, text]) == [text, text]
    assert left_over([drawing]) is None and left_over([]) is None
