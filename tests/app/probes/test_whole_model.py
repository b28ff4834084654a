"""The decision surface, the similarity of layers and made pictures in the Map tab."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.plots.decision import wrongly_called
from app.plots.picture_grid import PictureGrid
from app.probes.map_panel import MapPanel
from engine.training.events import EpochEnded, RunStarted, StepEnded
from engine.training.generating import MakePictures, Origin, PicturesMade, Sheet
from engine.training.messages import Question
from engine.training.questions import (
    CompareLayers,
    DecisionMapped,
    LayersCompared,
    MapDecision,
    MomentShown,
    NotAnswered,
)

STARTED = RunStarted(
    run="r",
    project="moons",
    device="cpu",
    threads=1,
    parameters=1,
    epochs=12,
    steps=40,
    batch_size=64,
    training_samples=1,
    validation_samples=1,
)
STEP = StepEnded(
    step=1, epoch=0.1, losses=(1.0,), learning_rate=0.1, steps_per_second=1, seconds_left=0
)


def a_plane() -> DecisionMapped:
    called = np.zeros((4, 4), np.uint8)
    called[:, 2:] = 1
    return DecisionMapped(
        step=7,
        epoch=0.5,
        side=4,
        low=(0.0, 0.0),
        high=(3.0, 3.0),
        called=called.tobytes(),
        scores=np.full((4, 4), 0.9, np.float32).tobytes(),
        points=np.array([[0, 0], [3, 3], [3, 0]], np.float32).tobytes(),
        truths=np.array([0, 1, 0], np.int32).tobytes(),
        names=("lower", "upper"),
    )


@pytest.fixture
def panel(qtbot: QtBot) -> MapPanel:
    made = MapPanel()
    qtbot.addWidget(made)
    made.show_node_names({"a": "conv2d", "b": "linear"})
    made.resize(700, 460)
    made.show()
    made.show_events([STARTED])
    return made


def asked(panel: MapPanel) -> list[Question]:
    found: list[Question] = []
    panel.asked.connect(found.append)
    return found


def test_the_plane_is_asked_for_once_it_is_seen_and_again_after_steps(panel: MapPanel) -> None:
    questions = asked(panel)
    assert questions == []

    panel.kind.segment("plane").click()
    assert questions == [MapDecision()]
    panel.plane._ask()
    panel.show_events([a_plane()])
    panel.plane._ask()
    assert len(questions) == 1, "nothing has changed since"
    panel.show_events([STEP])
    panel.plane._ask()

    assert len(questions) == 2


def test_colours_of_the_plane_are_those_of_the_classes(panel: MapPanel) -> None:
    panel.kind.segment("plane").click()

    panel.show_events([a_plane()])

    image = panel.plane.plot.image
    left, right = (image.pixelColor(x, 0) for x in (0, 3))
    assert left.rgb() != right.rgb() and left.alpha() == right.alpha() > 0
    assert "epoch 0.5" in panel.plane.plot.accessibleDescription()


def test_a_sample_on_the_other_side_is_called_wrongly() -> None:
    assert wrongly_called(a_plane()).tolist() == [False, False, True]


def test_a_model_without_a_plane_says_why(panel: MapPanel) -> None:
    panel.kind.segment("plane").click()

    panel.show_events([NotAnswered(question="map_decision", title="There is no plane", why="Two.")])

    assert panel.plane._empty.accessibleName() == "There is no plane. Two."


def test_layers_are_compared_by_their_names_and_lead_to_the_canvas(
    panel: MapPanel, qtbot: QtBot
) -> None:
    questions = asked(panel)
    panel.kind.segment("layers").click()
    shares = np.array([[1, 0.25], [0.25, 1]], np.float32)
    told = LayersCompared(
        step=1, epoch=1.0, nodes=("a", "b"), similarity=shares.tobytes(), samples=100
    )

    panel.show_events([told])

    matrix = panel.likeness.matrix
    assert questions == [CompareLayers()]
    assert matrix.words(0, 1) == "conv2d and linear: 0.250"
    with qtbot.waitSignal(panel.node_requested) as chosen:
        place = QPoint(round(matrix._box.left()) + 5, round(matrix._box.bottom()) - 5)
        QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["b"]


def test_layers_are_compared_again_after_an_epoch(panel: MapPanel) -> None:
    questions = asked(panel)
    panel.kind.segment("layers").click()
    shares = np.ones((1, 1), np.float32).tobytes()
    panel.show_events(
        [LayersCompared(step=1, epoch=1.0, nodes=("a",), similarity=shares, samples=9)]
    )

    panel.show_events([STEP])
    panel.likeness._ask()
    panel.show_events([EpochEnded(epoch=2, step=9, training_loss=1.0, seconds=1.0)])
    panel.likeness._ask()

    assert len(questions) == 2


def sheet(origin: Origin, *inks: int) -> Sheet:
    """Return a picture of 2 x 2 pixels for each ink."""
    pixels = np.repeat(np.array(inks, np.uint8), 4).tobytes()
    return Sheet(origin=origin, count=len(inks), shape=(1, 2, 2), pixels=pixels)


def test_pictures_follow_training_and_moments(panel: MapPanel) -> None:
    questions = asked(panel)
    panel.kind.segment("pictures").click()
    first = PicturesMade(step=1, epoch=0.1, sheets=(sheet("made", 0, 255),))
    panel.show_events([first, MomentShown(step=0, epoch=0.0, is_now=False)])
    panel.pictures._ask()

    panel.show_events([PicturesMade(step=0, epoch=0.0, sheets=(sheet("made", 128),))])

    assert questions == [MakePictures(), MakePictures()]
    ((picture,),) = panel.pictures.made.groups
    assert picture.tolist() == [[[128, 128], [128, 128]]]
    assert panel.pictures.made.isVisible() and not panel.pictures.again.isVisible()


def test_each_picture_of_the_data_stands_above_its_own(panel: MapPanel) -> None:
    panel.kind.segment("pictures").click()

    made = (sheet("given", 10, 20), sheet("again", 11, 21))
    panel.show_events([PicturesMade(step=0, epoch=0.0, sheets=made)])

    inks = [[int(each.max()) for each in pair] for pair in panel.pictures.again.groups]
    assert inks == [[10, 11], [20, 21]]
    assert panel.pictures.again.isVisible() and not panel.pictures.made.isVisible()


def test_as_many_pictures_stand_in_a_row_as_keep_them_large(qtbot: QtBot) -> None:
    grid = PictureGrid()
    qtbot.addWidget(grid)
    grid.show_groups([(np.zeros((1, 2, 2), np.uint8),)] * 8)

    grid.resize(800, 100)
    wide = grid.columns
    grid.resize(120, 900)

    assert (wide, grid.columns) == (8, 1)
