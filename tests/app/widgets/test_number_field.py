import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QValidator, QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.widgets.number_field import NumberField, PairField, number_text


def type_into(qtbot: QtBot, field: NumberField, text: str) -> None:
    field.lineEdit().selectAll()
    qtbot.keyClicks(field.lineEdit(), text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(32, "32"), (-3, "−3"), (0.5, "0.5"), (0.0003, "3e−4"), (2.04e-4, "2.04e−4"), (0.0, "0")],
)
def test_numbers_are_written_as_people_read_them(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize("value", [1e-7, 3e-4, 0.1, 0.333333333, 1.0, -2.5e-6, 123456.5])
def test_what_is_shown_is_read_back_as_the_same_number(qtbot: QtBot, value: float) -> None:
    field = NumberField("Rate", value, whole=False)
    qtbot.addWidget(field)

    assert field._parsed() == pytest.approx(value, rel=1e-9)


def test_a_change_is_announced_once_it_is_done(qtbot: QtBot) -> None:
    field = NumberField("Channels", 16, low=1)
    qtbot.addWidget(field)
    said: list[object] = []
    field.committed.connect(said.append)

    type_into(qtbot, field, "32")
    assert said == []
    qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Return)
    qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Return)

    assert said == [32]
    assert isinstance(said[0], int)


def test_a_number_out_of_range_goes_to_the_nearest_end(qtbot: QtBot) -> None:
    field = NumberField("p", 0.5, whole=False, low=0, high=1)
    qtbot.addWidget(field)

    type_into(qtbot, field, "7")
    qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Return)

    assert field.value == 1.0


@pytest.mark.parametrize("typed", ["3e-4", "3e−4", "0,0003", "0.000 3"])
def test_a_number_may_be_typed_in_several_ways(qtbot: QtBot, typed: str) -> None:
    field = NumberField("Rate", 0.1, whole=False)
    qtbot.addWidget(field)
    assert field.validate(typed, 0)[0] == QValidator.State.Acceptable

    field.lineEdit().setText(typed)  # QTest cannot press keys outside of ASCII
    qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Return)

    assert field.value == pytest.approx(3e-4)


def test_letters_and_unfinished_numbers_leave_the_value_alone(qtbot: QtBot) -> None:
    field = NumberField("Channels", 16)
    qtbot.addWidget(field)

    type_into(qtbot, field, "abc-")
    qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Return)

    assert field.value == 16
    assert field.text() == "16"


def test_escape_brings_back_what_stood_there(qtbot: QtBot) -> None:
    field = NumberField("Channels", 16)
    qtbot.addWidget(field)
    field.show()

    type_into(qtbot, field, "99")
    qtbot.keyClick(field, Qt.Key.Key_Escape)

    assert field.text() == "16"


def test_arrow_keys_step_in_the_order_of_magnitude(qtbot: QtBot) -> None:
    field = NumberField("Rate", 3e-4, whole=False, low=0)
    qtbot.addWidget(field)

    field.stepBy(1)
    assert field.value == pytest.approx(4e-4)
    field.set_value(1e-3)
    field.stepBy(-1)
    assert field.value == pytest.approx(9e-4)
    field.stepBy(1)
    assert field.value == pytest.approx(1e-3)


def test_showing_a_value_announces_nothing(qtbot: QtBot) -> None:
    field = NumberField("Channels", 16)
    qtbot.addWidget(field)

    with qtbot.assertNotEmitted(field.committed):
        field.set_value(64)

    assert field.text() == "64"


def test_a_passing_wheel_changes_nothing(qtbot: QtBot, qapp: QApplication) -> None:
    field = NumberField("Channels", 16)
    qtbot.addWidget(field)
    field.show()
    field.clearFocus()
    assert field.focusPolicy() == Qt.FocusPolicy.StrongFocus, "the wheel brings no focus"

    turn = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    field.wheelEvent(turn)

    assert field.value == 16
    assert not turn.isAccepted()


def test_a_pair_announces_both_numbers(qtbot: QtBot) -> None:
    pair = PairField("Kernel size", (3, 3), low=1)
    qtbot.addWidget(pair)

    with qtbot.waitSignal(pair.committed) as said:
        pair.fields[1].stepBy(2)

    assert said.args == [(3, 5)]
    assert pair.fields[1].accessibleName() == "Kernel size, width"


def test_undo_is_left_to_the_window_once_a_number_is_taken(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    field = NumberField("Stride", 1, low=1)
    QVBoxLayout(window).addWidget(field)
    undone: list[bool] = []
    QShortcut(QKeySequence("Ctrl+Z"), window, lambda: undone.append(True))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    field.setFocus()
    field.selectAll()

    qtbot.keyClicks(field, "2")
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not undone, "what is typed has an undo of its own"

    field.selectAll()
    qtbot.keyClicks(field, "3")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone and field.value == 3
