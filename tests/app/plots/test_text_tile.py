import pytest
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from app.plots.text_tile import lines_of
from app.theme import font

TEXT = "This is without a doubt the finest of all teas that I have ever tasted."


@pytest.mark.parametrize("width", [30, 60, 120])
def test_a_text_fills_its_lines_and_goes_on_with_dots(qtbot: QtBot, width: int) -> None:
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setFont(font("micro"))

    lines = lines_of(painter, TEXT, width, 2)

    whole = " ".join(lines).removesuffix("…").replace(" ", "")
    assert len(lines) == 2 and lines[1].endswith("…")
    assert TEXT.replace(" ", "").startswith(whole)
    assert max(painter.fontMetrics().horizontalAdvance(line) for line in lines) <= width
    painter.end()
