import re

import pytest
from PySide6.QtCore import QFile
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

import resources
from app.theme.stylesheet import style_sheet
from app.theme.tokens import ThemeName, load_theme

TEMPLATE = resources.path("themes", "app.qss").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["dark", "light"])
def test_every_token_of_the_template_is_filled(qapp: QApplication, name: ThemeName) -> None:
    assert "@" not in style_sheet(load_theme(name))


@pytest.mark.parametrize("name", ["dark", "light"])
def test_every_picture_of_the_style_sheet_can_be_drawn(qapp: QApplication, name: ThemeName) -> None:
    pictures = set(re.findall(r"url\((.+?)\)", style_sheet(load_theme(name))))

    assert pictures
    for picture in pictures:
        assert QFile.exists(picture), picture
        assert QSvgRenderer(picture).isValid(), picture


def test_pictures_are_in_the_colours_of_their_theme(qapp: QApplication) -> None:
    theme = load_theme("light")
    style_sheet(theme)

    file = QFile(":/layerloom-light/check-text.svg")
    assert file.open(QFile.OpenModeFlag.ReadOnly)
    text = bytes(file.readAll().data()).decode()
    file.close()

    assert theme.colours.text.name() in text
    assert "currentColor" not in text


def test_the_template_names_tokens_only() -> None:
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", TEMPLATE)
