"""Hints come once, and go when they have come true."""

import pytest
from builders import a_project
from window_hands import Windows, wait_until

from app.main_window import MainWindow
from engine.graph.edits import disconnect
from engine.project.templates import STARTER, open_template
from engine.training.events import RunEnded

FIRST, AFTER = "first-run", "after-first-run"


def end_of_run(**changes: object) -> RunEnded:
    facts = {
        "run": "r",
        "outcome": "finished",
        "step": 10,
        "epoch": 1.0,
        "seconds": 1.0,
        "metric": "accuracy",
        "validation_metric": 0.968,
    }
    return RunEnded(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(open_template(STARTER))


def test_the_starter_says_what_to_do_first(window: MainWindow) -> None:
    card = window.hints.card(FIRST)

    assert card is not None and "Press Train" in card.accessibleName()
    assert window.canvas.rect().contains(card.geometry())


def test_a_hint_that_was_closed_never_comes_again(windows: Windows, window: MainWindow) -> None:
    card = window.hints.card(FIRST)
    assert card is not None
    card.close_button.click()

    later = windows(open_template(STARTER))

    assert window.hints.card(FIRST) is None and later.hints.card(FIRST) is None


def test_ones_own_project_needs_no_welcome(windows: Windows) -> None:
    assert windows(a_project()).hints.card(FIRST) is None


def test_browse_opens_the_start_page(window: MainWindow) -> None:
    card = window.hints.card(FIRST)
    assert card is not None

    card.action.click()

    assert window.beginning.open_page().isVisible()


def test_after_the_first_run_it_says_how_good_the_network_is(window: MainWindow) -> None:
    window.run_view.ended.emit(end_of_run())

    wait_until(lambda: window.hints.card(AFTER) is not None)
    card = window.hints.card(AFTER)
    assert card is not None and card.accessibleName().startswith("96.8")
    card.action.click()
    window.run_view.ended.emit(end_of_run())

    assert window.layouts.current == "try"
    assert not window.hints.is_coming and window.hints.card(AFTER) is None


def test_after_the_first_run_one_can_try_an_input_of_ones_own(window: MainWindow) -> None:
    window.run_view.ended.emit(end_of_run())
    wait_until(lambda: window.hints.card(AFTER) is not None)
    card = window.hints.card(AFTER)
    assert card is not None

    card.action.click()

    assert window.layouts.current == "try"
    assert window.late.panels().tryout.isVisible()
    assert window.header.layouts.current == "try"


def test_who_tries_the_network_without_being_told_needs_no_hint(window: MainWindow) -> None:
    window.run_view.ended.emit(end_of_run())
    wait_until(lambda: window.hints.card(AFTER) is not None)

    window.show_layout("try")

    assert window.hints.card(AFTER) is None and window.settings.is_done(AFTER)


def test_another_project_puts_away_what_was_said_of_the_network(window: MainWindow) -> None:
    window.run_view.ended.emit(end_of_run())
    wait_until(lambda: window.hints.card(AFTER) is not None)

    window.beginning.show_project(a_project())

    assert window.hints.card(AFTER) is None


def test_a_run_that_did_not_finish_brings_no_hint(window: MainWindow) -> None:
    for outcome in ("stopped", "failed", "lost"):
        window.run_view.ended.emit(end_of_run(outcome=outcome))

        assert not window.hints.is_coming and window.hints.card(AFTER) is None


def test_the_card_stays_inside_a_smaller_window(window: MainWindow) -> None:
    window.resize(1024, 640)

    card = window.hints.card(FIRST)
    assert card is not None
    wait_until(lambda: window.canvas.rect().contains(card.geometry()))


def test_a_problem_puts_the_welcome_away_and_its_card_stands_free(window: MainWindow) -> None:
    graph = window.document.project.graph
    add = next(node for node in graph.nodes.values() if node.kind == "Add")
    wire = next(graph.links_into(add.id))
    window.document.edit("Remove a wire", lambda drawn: disconnect(drawn, wire))

    wait_until(lambda: window.hints.card(FIRST) is None)

    assert window.document.model_report.errors
    assert not window.settings.is_done(FIRST)
