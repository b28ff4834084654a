"""Rows of pictures: where they stand, what is written over them, and what they show."""

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.data.before_after import StoredAndRead
from app.data.token_flow import TokenFlow
from app.theme import ThemeChoice, theme_manager
from engine.data.changes import Change, Side
from engine.data.preparation import Tokens
from engine.data.token_steps import text_step


def solid(colour: tuple[int, int, int], height: int, width: int) -> np.ndarray:
    return np.full((3, height, width), np.array(colour, np.uint8)[:, None, None])


RED, BLUE = solid((250, 0, 0), 240, 320), solid((0, 0, 250), 64, 64)
CHANGE = Change(Side((RED,), "480×360"), Side((BLUE,), "64×64"))


def shown(qtbot: QtBot, change: Change, width: int) -> StoredAndRead:
    part = StoredAndRead()
    qtbot.addWidget(part)
    part.show_change(change)
    part.resize(width, part.heightForWidth(width))
    part.show()
    return part


def box_of(image: QImage, name: str) -> tuple[int, int, int, int]:
    """Return left, top, width and height of what is red or blue."""
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    pixels = pixels[:, : image.width()]
    wanted, other = (2, 0) if name == "red" else (0, 2)
    rows, columns = np.nonzero((pixels[..., wanted] > 200) & (pixels[..., other] < 60))
    return (
        int(columns.min()),
        int(rows.min()),
        int(np.ptp(columns)) + 1,
        int(np.ptp(rows)) + 1,
    )


def grabbed(part: StoredAndRead) -> QImage:
    return part.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def test_two_pictures_stand_beside_each_other_each_with_its_size(qtbot: QtBot) -> None:
    part = shown(qtbot, CHANGE, 260)

    image = grabbed(part)

    before, after = box_of(image, "red"), box_of(image, "blue")
    assert before[0] + before[2] < after[0] and abs(before[1] - after[1]) <= 1
    assert before[2] / before[3] == pytest.approx(4 / 3, abs=0.05)
    assert after[2] / after[3] == pytest.approx(1, abs=0.05)
    told = part.accessibleDescription()
    assert told == "As stored: 480×360. As the model gets it: 64×64"


def test_where_the_size_has_no_room_beside_the_pictures_stand_below_each_other(
    qtbot: QtBot,
) -> None:
    long = Change(Side((RED,), "480×360, in colour, of a long name"), CHANGE.after)

    part = shown(qtbot, long, 260)

    before, after = (box_of(grabbed(part), name) for name in ("red", "blue"))
    assert before[1] + before[3] < after[1] and before[0] == after[0]
    assert part.height() >= after[1] + after[3]


def test_rows_of_several_pictures_stand_below_each_other(qtbot: QtBot) -> None:
    part = shown(qtbot, Change(Side((RED, RED), "a"), Side((BLUE, BLUE), "b")), 260)

    before, after = (box_of(grabbed(part), name) for name in ("red", "blue"))

    assert before[1] + before[3] < after[1]
    assert before[2] > 200 and after[2] > 200


def test_a_sound_is_drawn_in_the_ink_of_the_theme(qtbot: QtBot) -> None:
    wave = np.full((1, 8, 16), 255, np.uint8)
    part = shown(qtbot, Change(Side((wave,), "a"), Side((wave,), "b")), 260)
    chosen: tuple[ThemeChoice, ...] = ("light", "dark")
    inks = []
    for theme in chosen:
        theme_manager().choose(theme)
        inks.append(part.rows()[0].pictures[0].pixelColor(3, 3).lightness())

    assert inks[0] < 100 < 150 < inks[1]


def test_nothing_takes_no_room(qtbot: QtBot) -> None:
    part = shown(qtbot, CHANGE, 260)

    part.show_change(None)

    assert part.isHidden() and part.heightForWidth(260) == 0


def test_tokens_wrap_in_a_narrow_panel_and_each_is_told_with_its_number(qtbot: QtBot) -> None:
    how = Tokens(column="text", unit="word", vocabulary=("very", "good"), length=20)
    flow = TokenFlow()
    qtbot.addWidget(flow)
    assert flow.isHidden()

    flow.show_text(text_step("very very good tea, very very good", how))

    assert flow.isVisibleTo(None)
    assert flow.chips.accessibleName().startswith("very 2 very 2 good 3 tea 1 , 1")
    assert flow.chips.heightForWidth(80) > 2 * flow.chips.heightForWidth(1000) > 0
    flow.show_text(None)
    assert flow.isHidden()
