import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from app.probes.map_panel import MapPanel
from engine.training.insight import LayerMapped
from engine.training.questions import DrawPoint, PointDrawn


def a_map(*, draws: bool = True) -> LayerMapped:
    points = np.array([[0, 0], [4, 0], [0, 2]], np.float32)
    return LayerMapped(
        node="code",
        step=3,
        epoch=1.0,
        points=points.tobytes(),
        explained=(0.6, 0.4),
        features=2,
        used_features=2,
        places=np.arange(3, dtype=np.int32).tobytes(),
        neighbours=np.array([[1], [0], [0]], np.int32).tobytes(),
        similarities=np.ones((3, 1), np.float32).tobytes(),
        draws=draws,
    )


@pytest.fixture
def panel(qtbot: QtBot) -> MapPanel:
    made = MapPanel()
    qtbot.addWidget(made)
    made.resize(900, 480)
    made.show()
    made.show_node("code", "Code", "Linear", "linear")
    made.show_events([a_map()])
    return made


def answer(panel: MapPanel, number: int, grey: int) -> None:
    pixels = bytes([grey] * 4)
    panel.show_events([PointDrawn(number=number, shape=(1, 2, 2), pixels=pixels)])


def test_a_place_on_the_map_is_asked_for_on_its_axes_and_its_picture_shown(
    panel: MapPanel,
) -> None:
    asked = QSignalSpy(panel.asked)

    QTest.mousePress(panel.map, Qt.MouseButton.LeftButton, pos=panel.map.point(1).toPoint())

    question = asked.at(0)[0]
    assert isinstance(question, DrawPoint) and question.node == "code"
    assert (question.x, question.y) == pytest.approx((4, 0), abs=0.02)
    answer(panel, question.number, 9)
    assert panel.drawn.picture.pixels is not None and panel.drawn.picture.pixels.max() == 9


def test_a_fast_hand_is_asked_about_where_it_is_once_the_picture_before_has_come(
    panel: MapPanel,
) -> None:
    asked = QSignalSpy(panel.asked)
    for x in (0.0, 1.0, 2.0, 3.0):
        panel.map.walked.emit(x, 1.0)
    assert asked.count() == 1

    answer(panel, asked.at(0)[0].number, 1)

    assert asked.count() == 2
    assert asked.at(1)[0].x == 3.0


def test_the_arrow_keys_walk_too(panel: MapPanel, qtbot: QtBot) -> None:
    qtbot.keyClick(panel.map, Qt.Key.Key_Right)
    qtbot.keyClick(panel.map, Qt.Key.Key_Up)

    assert panel.map.stand == pytest.approx((0.1, 0.1))


def test_other_weights_draw_the_same_place_anew(panel: MapPanel) -> None:
    panel.map.walked.emit(1.0, 1.0)
    panel.map._stand = (1.0, 1.0)
    answer(panel, panel.drawn._number, 1)
    asked = QSignalSpy(panel.asked)

    panel.show_events([replace(a_map(), step=9)])

    assert asked.count() == 1 and (asked.at(0)[0].x, asked.at(0)[0].y) == (1.0, 1.0)


def test_a_layer_that_nothing_is_drawn_from_is_not_walked_in(panel: MapPanel) -> None:
    panel.show_events([a_map(draws=False)])
    asked = QSignalSpy(panel.asked)

    QTest.mousePress(panel.map, Qt.MouseButton.LeftButton, pos=panel.map.point(1).toPoint())

    assert asked.count() == 0 and panel.drawn.isHidden()
