import re
from typing import Any

import pytest
from PySide6.QtCore import QFile
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QMessageBox, QProxyStyle, QStyle

import resources
from app.theme.stylesheet import style_sheet
from app.theme.tokens import ThemeName, load_theme

TEMPLATE = resources.path("themes", "app.qss").read_text(encoding="utf-8")
_HAVE_ICONS = QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons


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


class _Desktop(QProxyStyle):
    """A desktop whose boxes have pictures on their buttons."""

    def styleHint(self, hint: QStyle.StyleHint, *others: Any) -> int:  # type: ignore[override]
        return 1 if hint == _HAVE_ICONS else super().styleHint(hint, *others)


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_buttons_of_a_box_have_words_and_no_picture_of_the_desktop(
    qapp: QApplication, name: ThemeName
) -> None:
    box, desktop = QMessageBox(), _Desktop()
    box.setStyle(desktop)
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    box.setStyleSheet(style_sheet(load_theme(name)))

    buttons = box.findChild(QDialogButtonBox)

    assert isinstance(buttons, QDialogButtonBox)
    assert desktop.styleHint(_HAVE_ICONS, None, buttons) == 1
    assert buttons.style().styleHint(_HAVE_ICONS, None, buttons) == 0
