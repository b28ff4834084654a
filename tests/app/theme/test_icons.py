import re
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

import resources
from app.theme.icons import paint_icon
from app.theme.svg import activation_icon, icon_names
from app.theme.tokens import load_theme

NAMES = sorted(icon_names())


def drawn(name: str, side: int = 48) -> QImage:
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_icon(painter, name, QRectF(0, 0, side, side), QColor("white"))
    painter.end()
    return image


@pytest.mark.parametrize("name", NAMES)
def test_an_icon_is_drawn_in_one_colour_on_the_grid(name: str) -> None:
    text = resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)

    assert root.get("viewBox") == "0 0 16 16"
    paints = set(re.findall(r'(?:fill|stroke)="([^"]+)"', text))
    assert paints <= {"none", "currentColor"}


@pytest.mark.parametrize("name", NAMES)
def test_an_icon_leaves_ink_and_stays_inside_its_box(qapp: QApplication, name: str) -> None:
    image = drawn(name)
    side = image.width()

    inked = [(x, y) for x in range(side) for y in range(side) if image.pixelColor(x, y).alpha()]
    edge = [(x, y) for x, y in inked if {x, y} & {0, side - 1}]

    assert len(inked) > 20
    assert not edge


def test_every_category_has_its_glyph() -> None:
    for category in load_theme("dark").category:
        assert f"category-{category}" in icon_names()


def test_an_activation_shows_its_curve_or_the_hinge() -> None:
    assert activation_icon("leaky_relu") == "activation-leaky-relu"
    assert activation_icon("GELU") == "activation-gelu"
    assert activation_icon("of_my_own") == "category-act"
