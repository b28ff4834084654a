"""Pictures of the canvas in files."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from builders import a_project, a_residual_cnn
from msgspec.structs import replace
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.canvas.picture import save_picture
from app.theme import load_theme
from engine.graph.columns import fold
from engine.graph.edits import move
from engine.project.project import Project
from nodes.errors import ExportError


@pytest.mark.parametrize("dark", [True, False])
def test_a_png_shows_the_drawing_on_the_canvas(qtbot: QtBot, tmp_path: Path, dark: bool) -> None:
    path = tmp_path / "drawing.png"

    save_picture(a_project(a_residual_cnn()), path, dark=dark)

    image = QImage(str(path))
    theme = load_theme("dark" if dark else "light")
    assert image.pixelColor(1, 1).name() == theme.colours.canvas.name()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 7)
        for y in range(0, image.height(), 7)
    }
    assert {theme.category["conv"].name(), theme.colours.raised.name()} <= colours


def _rim(image: QImage) -> set[str]:
    across, down = range(image.width()), range(image.height())
    rim = [(x, y) for x in across for y in (0, image.height() - 1)]
    rim += [(x, y) for y in down for x in (0, image.width() - 1)]
    return {image.pixelColor(x, y).name() for x, y in rim}


def _in_rows(project: Project) -> Project:
    running = replace(project.graph, flow="right")
    return replace(project, graph=move(running, fold(running, ratio=1.6)))


def test_nothing_that_is_written_at_the_end_of_a_row_is_cut(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "rows.png"

    save_picture(_in_rows(a_project(a_residual_cnn())), path)

    assert _rim(QImage(str(path))) == {load_theme("dark").colours.canvas.name()}


def test_a_folded_frame_is_one_bar_in_a_picture_too(qtbot: QtBot, tmp_path: Path) -> None:
    project = a_project(a_residual_cnn())
    folded = tuple(replace(frame, folded=True) for frame in project.graph.frames)
    path = tmp_path / "drawing.svg"

    save_picture(replace(project, graph=replace(project.graph, frames=folded)), path)

    words = "".join(ElementTree.fromstring(path.read_text(encoding="utf-8")).itertext())
    inside = {project.graph.nodes[node].kind for frame in folded for node in frame.nodes}
    assert "Residual block" in words
    assert "Add" in inside and "Add" not in words


def test_an_svg_keeps_words_and_lines(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "drawing.svg"

    save_picture(a_project(a_residual_cnn()), path)

    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    words = "".join(root.itertext())
    assert "Conv2d" in words and "Residual block" in words
    assert not [element for element in root.iter() if element.tag.endswith("image")]


def test_another_ending_is_refused(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"\.bmp"):
        save_picture(a_project(), tmp_path / "drawing.bmp")
