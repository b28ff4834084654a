from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QApplication

from app.theme.fonts import font, line_height_px


def test_the_bundled_fonts_are_the_ones_shown(qapp: QApplication) -> None:
    assert QFontInfo(font()).family() == "Inter"
    assert QFontInfo(font("code")).family() == "JetBrains Mono"


def test_sizes_and_weights_are_those_of_the_style(qapp: QApplication) -> None:
    assert font("display").pixelSize() == 22
    assert font("display").weight() == QFont.Weight.DemiBold
    assert font("body", weight=500).weight() == QFont.Weight.Medium
    assert QFontInfo(font("node_detail")).pixelSize() in (11, 12)
    assert line_height_px("body") == 20


def test_all_figures_are_of_one_width(qapp: QApplication) -> None:
    metrics = QFontMetricsF(font("figure"))

    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")


def test_changing_a_font_changes_nobody_elses(qapp: QApplication) -> None:
    font("small").setPixelSize(40)

    assert font("small").pixelSize() == 12
