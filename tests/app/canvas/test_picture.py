"""Pictures of the canvas in files."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from builders import a_project, a_residual_cnn
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.canvas.picture import save_picture
from app.theme import load_theme
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
