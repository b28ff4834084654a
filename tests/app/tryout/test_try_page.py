"""How the page of Try it shares its room."""

import pytest
from pytestqt.qtbot import QtBot

from app.tryout.form_pad import Column, FormPad
from app.tryout.page import TryPage


@pytest.mark.parametrize("width", [620, 700, 740, 780, 840, 900])
def test_a_form_and_its_answer_fit_beside_each_other(qtbot: QtBot, width: int) -> None:
    page = TryPage()
    qtbot.addWidget(page)
    page.resize(width, 700)
    pad = FormPad([Column("x", 0.0), Column("y", 0.0)], raw=False)
    page.pad_place.add(pad)

    page.show_pad(pad, width)
    page.show()

    assert page.horizontalScrollBar().maximum() == 0
