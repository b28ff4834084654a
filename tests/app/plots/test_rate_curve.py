import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.plots.rate_curve import RateCurve

RATES = np.geomspace(1e-6, 1, 61).tolist()
LOSSES = [2.0 - index * 0.01 for index in range(61)]


def a_curve(qtbot: QtBot, suggestion: float | None = 0.003) -> RateCurve:
    curve = RateCurve()
    qtbot.addWidget(curve)
    curve.resize(600, 300)
    curve.show_curve(RATES, LOSSES, suggestion)
    curve.show()
    return curve


def test_the_suggested_rate_is_chosen_at_first(qtbot: QtBot) -> None:
    assert a_curve(qtbot).rate == 0.003


def test_a_click_on_the_curve_chooses_the_rate_there(qtbot: QtBot) -> None:
    curve = a_curve(qtbot)
    middle = QPoint(round(curve._box.center().x()), 100)

    with qtbot.waitSignal(curve.chosen) as chosen:
        qtbot.mouseClick(curve, Qt.MouseButton.LeftButton, pos=middle)

    assert chosen.args[0] == curve.rate == pytest.approx(1e-3, rel=0.15)


def test_the_right_button_chooses_no_rate(qtbot: QtBot) -> None:
    curve = a_curve(qtbot)

    qtbot.mouseClick(curve, Qt.MouseButton.RightButton, pos=QPoint(300, 100))

    assert curve.rate == 0.003


def test_the_arrow_keys_go_along_the_curve(qtbot: QtBot) -> None:
    curve = a_curve(qtbot)

    qtbot.keyClick(curve, Qt.Key.Key_Right)

    assert 0.003 < curve.rate < 0.005


def test_without_a_suggestion_the_middle_is_chosen(qtbot: QtBot) -> None:
    assert a_curve(qtbot, None).rate == pytest.approx(1e-3, rel=0.01)
