"""Garbage that is collected from a timer of the window's thread."""

import gc
from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.gui_gc import GuiCollector


class _Knot:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[GuiCollector]:
    gc.collect()
    owner = QObject(qapp)
    made = GuiCollector(owner)
    yield made
    made.stop()
    owner.deleteLater()


def test_young_garbage_goes_at_once_and_what_stayed_is_looked_at_seldom(
    collector: GuiCollector,
) -> None:
    looked_at: Counter[int] = Counter()

    def note(phase: str, about: dict[str, int]) -> None:
        looked_at[about["generation"]] += phase == "start"

    gc.callbacks.append(note)
    for _ in range(50):
        _knots = [_Knot() for _ in range(1000)]
        collector.collect()
    gc.callbacks.remove(note)

    assert looked_at == {0: 49, 1: 1}


def test_nothing_is_collected_where_hardly_anything_is_new(collector: GuiCollector) -> None:
    knot = _Knot()
    before = gc.get_count()[1]

    collector.collect()

    assert gc.get_count()[1] == before
    assert knot.itself is knot


def test_nothing_is_collected_while_the_window_is_made(
    collector: GuiCollector, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", collected.append)
    _knots = [_Knot() for _ in range(5000)]

    qtbot.waitUntil(lambda: collector._timer.remainingTime() < 4500)
    assert not collected

    collector.set_aside()
    _more = [_Knot() for _ in range(5000)]
    qtbot.waitUntil(lambda: bool(collected))
