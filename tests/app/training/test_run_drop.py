"""Runs dragged onto the curves."""

from pathlib import Path

from builders import a_project
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.training.run_drop import RunDrop
from engine.runs.record import RunRecord
from engine.training.config import TrainingConfig


def _drop(panel: QWidget, folder: Path) -> bool:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0))
    enter = QDragEnterEvent(QPointF(9, 9).toPoint(), *how)
    QApplication.sendEvent(panel, enter)
    if enter.isAccepted():
        QApplication.sendEvent(panel, QDropEvent(QPointF(9, 9), *how))
    return enter.isAccepted()


def test_a_run_is_taken_by_its_folder_and_nothing_else_is(qtbot: QtBot, tmp_path: Path) -> None:
    run = tmp_path / "run"
    RunRecord.create(a_project(), TrainingConfig(run_folder=str(run)))
    panel = QWidget()
    qtbot.addWidget(panel)
    dropped: list[Path] = []
    RunDrop(panel).dropped.connect(dropped.append)

    assert not _drop(panel, tmp_path)
    assert _drop(panel, run)

    assert dropped == [run]
