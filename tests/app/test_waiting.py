"""What panels say while they wait for an answer, and how one gives it up or tries again."""

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.figures import rough_percent
from app.probes.map_panel import MapPanel
from app.waiting import WaitRow
from engine.training.events import RunEnded
from engine.training.questions import CompareLayers, NotAnswered, RunOpened
from engine.training.waiting import Underway

OPENED = RunOpened(run="r", step=9, epoch=1.0)
LOST = RunEnded(run="r", outcome="lost", step=9, epoch=1.0, seconds=1.0)


def _gone(question: str) -> NotAnswered:
    return NotAnswered(
        question=question, title="The process is gone", why="It was killed.", again=True
    )


def _buttons(row: WaitRow) -> dict[str, QPushButton]:
    found = row.findChildren(QPushButton)
    return {button.text(): button for button in found if not button.isHidden()}


@pytest.fixture
def row(qtbot: QtBot) -> WaitRow:
    made = WaitRow("map", "Mapping")
    qtbot.addWidget(made)
    return made


@pytest.fixture
def panel(qtbot: QtBot) -> MapPanel:
    made = MapPanel()
    qtbot.addWidget(made)
    made.resize(700, 460)
    made.show_node("a", "a", "Linear", "linear")
    made.show()
    made.show_events([OPENED])
    return made


def test_what_takes_long_says_how_far_it_is_and_is_given_up(row: WaitRow, qtbot: QtBot) -> None:
    row.take(Underway(what="map", done=1, total=4))
    assert row.isHidden(), "nobody waits"

    row.ask()
    row.take(Underway(what="why", done=3, total=4))
    assert row.isHidden(), "another answer is on its way"
    row.take(Underway(what="map", done=1, total=4))

    assert row.accessibleName() == f"Mapping… {rough_percent(0.25)}"
    with qtbot.waitSignal(row.cancelled) as given_up:
        _buttons(row)["Cancel"].click()
    assert given_up.args == ["map"]


def test_what_does_not_come_is_tried_again_only_where_that_may_help(
    row: WaitRow, qtbot: QtBot
) -> None:
    row.ask()
    row.take(NotAnswered(question="map", title="No map", why="None."))
    assert row.accessibleName() == "No map. None." and not _buttons(row)

    row.ask()
    row.take(_gone("map"))

    assert set(_buttons(row)) == {"Try again"}
    with qtbot.waitSignal(row.retried):
        _buttons(row)["Try again"].click()
    assert row.isHidden()


def test_a_map_that_failed_is_not_wanted_until_it_is_tried_again(
    panel: MapPanel, qtbot: QtBot
) -> None:
    assert panel.wanted == "a"

    panel.show_events([_gone("map")])

    assert panel.wanted == "" and "It was killed." in panel._empty.accessibleName()
    with qtbot.waitSignal(panel.wanted_changed):
        panel._empty.acted.emit()
    assert panel.wanted == "a" and panel.wait.is_waiting


def test_samples_are_arranged_no_further_until_they_are_wanted_again(panel: MapPanel) -> None:
    asked: list[object] = []
    panel.asked.connect(asked.append)
    panel.method.segment("tsne").click()
    assert len(asked) == 1 and panel.arranging_wait.is_waiting

    panel.show_events([NotAnswered(question="arrange_layer", title="Cancelled", again=True)])
    panel.arranging._ask()
    assert len(asked) == 1

    _buttons(panel.arranging_wait)["Try again"].click()
    assert len(asked) == 2


def test_of_a_run_that_is_lost_nothing_is_asked_by_itself(panel: MapPanel) -> None:
    asked: list[object] = []
    panel.asked.connect(asked.append)
    panel.kind.segment("layers").click()
    assert asked == [CompareLayers()]

    panel.show_events([_gone("compare_layers"), LOST])
    panel.likeness._ask()

    panel.kind.segment("samples").click()
    panel._redraw()
    assert len(asked) == 1 and panel.wanted == "" and panel.wait.isHidden()
    assert "It was killed." in panel.likeness._empty.accessibleName()
    panel.likeness._empty.acted.emit()
    assert len(asked) == 2
