from typing import cast

import pytest
from builders import a_project
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.dialogs.gains import GainsDialog
from app.document import Document
from app.training_control import TrainingControl
from app.widgets import Label
from engine.training.gains import Gain, GainsMeasured

FOUND = GainsMeasured(
    device="cpu",
    samples=64,
    step_seconds=0.0125,
    gains=(
        Gain(title="Channels last", seconds=0.01, times=1.25, pays=True),
        Gain(title="fp16", note="Processors have no fast 16-bit floats."),
    ),
)


class Control(QObject):
    """Takes what is asked."""

    arrived = Signal(object)

    has_ended = False

    def measure_gains(self, project: object, device: str) -> None:
        self.asked = project, device

    def end_trials(self) -> None:
        self.has_ended = True


@pytest.fixture
def dialog(qtbot: QtBot) -> GainsDialog:
    parent = QWidget()
    qtbot.addWidget(parent)
    control = Control(parent)
    return GainsDialog(Document(a_project()), cast("TrainingControl", control), "cpu", parent)


def document_of(dialog: GainsDialog) -> Document:
    return dialog._document


def texts(dialog: GainsDialog) -> list[str]:
    return [label.text() for label in dialog._table.findChildren(Label)]


def tell(dialog: GainsDialog, found: GainsMeasured) -> None:
    dialog.parent().findChildren(Control)[0].arrived.emit([found])


def test_closing_ends_the_trials(dialog: GainsDialog) -> None:
    dialog.reject()

    assert dialog.parent().findChildren(Control)[0].has_ended


def test_each_way_has_a_row_with_its_gain(dialog: GainsDialog) -> None:
    tell(dialog, FOUND)

    said = texts(dialog)
    assert said[:3] == ["Channels last", "1.25 ×", "10 ms"]
    assert said[4:6] == ["fp16", "–"]


def test_fastest_is_turned_on_as_one_undo_step(dialog: GainsDialog) -> None:
    document = document_of(dialog)
    tell(dialog, FOUND)

    dialog._take.click()

    assert document.project.recipe.fastest
    document.undo()
    assert not document.project.recipe.fastest


def test_what_went_wrong_is_told_and_nothing_can_be_taken(dialog: GainsDialog) -> None:
    tell(dialog, GainsMeasured(problem="There is no CUDA device."))

    assert not dialog._take.isEnabled()
    assert "CUDA" in dialog._waiting.accessibleName() + "".join(
        label.text() for label in dialog._waiting.findChildren(Label)
    )
