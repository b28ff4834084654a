"""Pictures of the data set on its card."""

from collections.abc import Sequence

import pytest
from builders import a_project, a_small_cnn, node_named
from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from window_hands import wait_until

from app.data_pictures import DataPictures
from app.document import Document
from app.figures import count
from app.live_previews import LivePreviews
from app.theme import theme_manager
from engine.data.shipped import SHIPPED
from engine.graph.edits import remove_nodes, set_params
from engine.project.project import Project
from engine.project.templates import open_template
from engine.training.events import SamplesChosen


@pytest.fixture
def owner(qapp: QApplication) -> QObject:
    theme_manager().choose("light")
    return QObject()


def test_three_pictures_of_the_data_set_come(owner: QObject) -> None:
    told: list[list[QImage]] = []
    pictures = DataPictures(Document(a_project(), owner), owner)
    pictures.shown.connect(told.append)

    pictures.follow()
    wait_until(lambda: told)

    assert len(told[0]) == 3 and not any(image.isNull() for image in told[0])


def test_how_many_samples_there_are_is_told_and_taken_back(owner: QObject) -> None:
    told: list[str] = []
    document = Document(a_project(), owner)
    pictures = DataPictures(document, owner)
    pictures.counted.connect(told.append)
    pictures.follow()
    wait_until(lambda: len(told) == 2)

    document.open(open_template("two-moons"))
    wait_until(lambda: len(told) == 4)

    there = [count(SHIPPED[name].spec.samples) for name in ("digits", "two_moons")]
    assert told == ["", f"{there[0]} images", "", f"{there[1]} samples"]


def test_another_theme_draws_them_anew_without_reading(owner: QObject) -> None:
    told: list[list[QImage]] = []
    pictures = DataPictures(Document(a_project(), owner), owner)
    pictures.shown.connect(told.append)
    pictures.follow()
    wait_until(lambda: told)

    theme_manager().choose("dark")

    light, dark = told[0][0], told[-1][0]
    assert len(told) == 2 and light.pixelColor(0, 0).lightness() > dark.pixelColor(0, 0).lightness()


def test_a_drawing_without_data_and_an_unknown_data_set_show_nothing(owner: QObject) -> None:
    graph = a_small_cnn()
    data = node_named(graph, "data")
    document = Document(a_project(graph), owner)
    told: list[list[QImage]] = []
    pictures = DataPictures(document, owner)
    pictures.shown.connect(told.append)

    document.open(Project(name="None", graph=remove_nodes(graph, [data])))
    document.open(Project(name="Gone", graph=set_params(graph, data, {"dataset": "no such set"})))
    document.open(a_project())
    wait_until(lambda: told)

    assert len(told) == 1


def _previews(document: Document, qtbot: QtBot) -> tuple[LivePreviews, list[Sequence[QImage]]]:
    """Return what draws the samples, and what its canvas was shown."""
    shown: list[Sequence[QImage]] = []
    canvas = Canvas(shown)
    qtbot.addWidget(canvas)
    return LivePreviews(document, canvas, [], {}), shown  # type: ignore[arg-type]


def test_only_another_data_set_takes_the_place_of_what_a_run_shows(
    owner: QObject, qtbot: QtBot
) -> None:
    document = Document(a_project(), owner)
    previews, shown = _previews(document, qtbot)
    pictures = DataPictures(document, owner)
    pictures.shown.connect(previews.show_data_set)
    pictures.renewed.connect(lambda: previews.show_samples(None))
    pictures.follow()
    wait_until(lambda: any(shown))

    previews.show_samples(SamplesChosen(shape=(1, 2, 2), pixels=bytes(4)))
    theme_manager().choose("dark")

    assert [len(each) for each in shown if each] == [3, 1]


def test_a_data_set_without_pictures_shows_none_of_the_one_before(
    owner: QObject, qtbot: QtBot
) -> None:
    document = Document(a_project(), owner)
    previews, shown = _previews(document, qtbot)
    pictures = DataPictures(document, owner)
    pictures.renewed.connect(lambda: previews.show_samples(None))
    previews.show_samples(SamplesChosen(shape=(1, 2, 2), pixels=bytes(4)))

    document.open(open_template("lstm-tagger"))
    wait_until(lambda: not shown[-1])


class Canvas(QWidget):
    """Keeps which samples it was to show."""

    def __init__(self, shown: list[Sequence[QImage]]) -> None:
        super().__init__()
        self._shown = shown

    def set_samples(self, samples: Sequence[QImage]) -> None:
        self._shown.append(samples)
