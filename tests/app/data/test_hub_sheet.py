"""A data set of the hub from its name to the sheet that shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_server import NAME, SHARD, Hub, a_hub
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from window_hands import words_of

from app.data.hub_sheet import HubSheet
from engine.data.inspect import inspect_path


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    with a_hub(tmp_path) as (running, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield running


def looked_up(qtbot: QtBot, name: str) -> HubSheet:
    sheet = HubSheet()
    qtbot.addWidget(sheet)
    sheet.show()
    sheet.name.setText(name)
    qtbot.keyClick(sheet.name, Qt.Key.Key_Return)
    return sheet


def test_a_name_is_looked_up_and_fetched(qtbot: QtBot, hub: type[Hub]) -> None:
    sheet = looked_up(qtbot, NAME)
    qtbot.waitUntil(lambda: sheet.fetch.isEnabled())
    told = words_of(sheet)

    with qtbot.waitSignal(sheet.fetched) as fetched:
        qtbot.mouseClick(sheet.fetch, Qt.MouseButton.LeftButton)

    assert fetched.args is not None
    assert "Licence: mit, cc0-1.0" in told and "Parts: train, test" in told and "Size: " in told
    assert "Not fetched: unsupervised" in told
    assert inspect_path(fetched.args[0]).samples == 50


def test_nothing_is_fetched_before_its_licence_is_shown(qtbot: QtBot, hub: type[Hub]) -> None:
    sheet = looked_up(qtbot, NAME)
    qtbot.waitUntil(lambda: sheet.fetch.isEnabled())

    sheet.name.setText("another/one")

    assert not sheet.fetch.isEnabled() and "Licence" not in words_of(sheet)
    assert not [one for one in hub.asked if "GET" in one and one.endswith("0.parquet")]


@pytest.mark.parametrize(
    ("name", "why"), [("nobody/nothing", "no such data set"), ("a b c", "no name of a data set")]
)
def test_what_cannot_be_had_is_told(qtbot: QtBot, hub: type[Hub], name: str, why: str) -> None:
    sheet = looked_up(qtbot, name)

    qtbot.waitUntil(lambda: why in words_of(sheet))

    assert not sheet.fetch.isEnabled() and sheet.look.isEnabled()


def test_a_fetch_that_goes_wrong_can_be_tried_again(qtbot: QtBot, hub: type[Hub]) -> None:
    path = f"/api/datasets/{NAME}" + SHARD.format("test")
    whole = hub.answers[path]
    sheet = looked_up(qtbot, NAME)
    qtbot.waitUntil(lambda: sheet.fetch.isEnabled())
    hub.answers[path] = whole[:20]
    qtbot.mouseClick(sheet.fetch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "no Parquet file" in words_of(sheet))
    hub.answers[path] = whole

    with qtbot.waitSignal(sheet.fetched):
        qtbot.mouseClick(sheet.fetch, Qt.MouseButton.LeftButton)
