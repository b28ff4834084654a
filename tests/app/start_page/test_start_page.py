"""The start page over a real window: what it shows, and what choosing does."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import a_project
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu
from window_hands import Windows, answering, wait_until

from app.figures import amount
from app.lessons.lessons import LESSONS
from app.main_window import MainWindow
from app.start_page.side import SideEntry, changed_words
from engine.analysis.shapes import infer_shapes
from engine.project.beginning import empty_project
from engine.project.files import save
from engine.project.templates import STARTER, all_templates, architectures, open_template


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows(a_project(), with_panels=False)


def test_it_covers_all_but_header_and_status_bar_and_goes_with_esc(window: MainWindow) -> None:
    window.actions_by_key["new"].trigger()
    page = window.beginning.open_page()

    assert page.geometry().left() == 0 and page.width() == window.width()
    assert page.y() == window.header.height()
    assert page.geometry().bottom() + 1 == window.statusBar().y()
    wait_until(page.hero.train.hasFocus)
    QTest.keyClick(page.hero.train, Qt.Key.Key_Escape)

    assert page.isHidden() and window.document.project.name == "A test project"


def test_the_starter_is_the_hero_and_every_other_template_a_card(window: MainWindow) -> None:
    page = window.beginning.open_page()

    assert page.hero.accessibleName() == all_templates()[0].title
    assert [card.template for card in page.cards] == [
        item for item in all_templates() if item.key != STARTER
    ]


def test_cards_tell_the_kind_and_the_number_of_parameters(window: MainWindow) -> None:
    page = window.beginning.open_page()
    page.wait()

    for card in page.cards:
        totals = infer_shapes(open_template(card.template.key).graph).totals
        wait_until(lambda card=card: "params" in card.facts_words())
        assert f"{amount(totals.parameters)} params" in card.facts_words()


def test_an_architecture_is_only_opened_and_says_that_it_is_not_trained(
    window: MainWindow,
) -> None:
    page = window.beginning.open_page()
    card = next(card for card in page.cards if card.template.key == "resnet-18")
    page.filters.segment("architectures").click()
    assert [card.template for card in page.grid.shown] == list(architectures())

    where = QPointF(9, 9)
    QApplication.sendEvent(card, QEnterEvent(where, where, where))
    offered = [each for each in card.findChildren(QAbstractButton) if each.isVisible()]
    assert [button.text() for button in offered] == ["Open"]
    assert "not trained" in card.facts_words() and "data included" not in card.facts_words()
    offered[0].click()

    assert window.document.project == open_template("resnet-18")


def test_tab_stays_on_the_page(window: MainWindow) -> None:
    page = window.beginning.open_page()
    wait_until(page.hero.train.hasFocus)
    reached = set()

    for _ in range(30):
        focus = QApplication.focusWidget()
        assert focus is not None and page.isAncestorOf(focus)
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)

    assert {page.hero.train, page.search, page.empty, page.cards[0]} <= reached


def test_enter_on_a_card_opens_it(window: MainWindow) -> None:
    page = window.beginning.open_page()
    card = page.cards[0]
    card.setFocus()

    QTest.keyClick(card, Qt.Key.Key_Return)

    assert window.document.project == open_template(card.template.key)
    assert page.isHidden() and window.files.path is None


def test_a_click_chooses_and_a_double_click_opens(window: MainWindow) -> None:
    page = window.beginning.open_page()
    card = page.cards[0]

    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert card.isChecked() and page.isVisible()
    QTest.mouseDClick(card, Qt.MouseButton.LeftButton)

    assert window.document.project == open_template(card.template.key)


def test_an_empty_project_has_data_and_a_loss_and_says_what_is_missing(window: MainWindow) -> None:
    window.beginning.open_page().empty.click()

    kinds = [node.kind for node in window.document.graph.nodes.values()]
    assert kinds == ["Data", "CrossEntropyLoss"]
    assert infer_shapes(empty_project().graph).errors


def test_unsaved_work_is_asked_about_first(window: MainWindow) -> None:
    window.document.set_about(name="Mine")
    page = window.beginning.open_page()

    with answering("Cancel") as answers:
        page.hero.open.click()
    assert len(answers.asked) == 1 and window.document.project.name == "Mine"
    assert page.isVisible()
    with answering("Discard changes"):
        page.hero.open.click()

    assert window.document.project == open_template(STARTER)
    assert window.document.history.is_saved


def test_searching_leaves_what_fits_and_says_where_nothing_does(window: MainWindow) -> None:
    page = window.beginning.open_page()

    QTest.keyClicks(page.search, "digits with a plain")
    assert [card.template.key for card in page.grid.shown] == ["digits-mlp"]
    QTest.keyClicks(page.search, " zebra")

    assert page.grid.shown == [] and "zebra" in page._none.accessibleName()


def test_filters_show_one_kind_of_data(window: MainWindow) -> None:
    page = window.beginning.open_page()

    for key, _ in page._filters():
        page.filters.set_current(key)
        page._filter()
        tasks = {card.template.task for card in page.grid.shown}
        assert key == "all" or tasks <= {key}


def test_projects_opened_last_are_listed_and_opened(window: MainWindow, tmp_path: Path) -> None:
    save(tmp_path / "own.loom", a_project())
    window.settings.add_recent(tmp_path / "gone.loom")
    window.settings.add_recent(tmp_path / "own.loom")
    page = window.beginning.open_page()
    entries = [entry for entry in page.side.findChildren(SideEntry) if entry.toolTip()]

    assert [entry.text() for entry in entries] == ["own"]
    entries[0].click()

    assert window.files.path == tmp_path / "own.loom" and page.isHidden()


@pytest.mark.parametrize(("days", "words"), [(0, "today"), (1, "yesterday"), (400, "20")])
def test_days_are_told_as_people_do(tmp_path: Path, days: int, words: str) -> None:
    file = tmp_path / "own.loom"
    file.touch()
    when = datetime.now().astimezone() - timedelta(days=days)
    os.utime(file, (when.timestamp(), when.timestamp()))

    assert words in changed_words(file)


def test_a_guided_lesson_is_begun_from_the_page(window: MainWindow) -> None:
    page = window.beginning.open_page()
    entry = next(e for e in page.side.findChildren(SideEntry) if e.text() == "Guided lessons")

    entry.setFocus()
    QTest.keyClick(entry, Qt.Key.Key_Space)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions()] == [
        f"{lesson.title} ({lesson.minutes} min)" for lesson in LESSONS
    ]
    menu.actions()[0].trigger()
    menu.close()

    assert page.isHidden() and window.lessons.card is not None
    assert window.document.project.name == LESSONS[0].project().name
    window.lessons.leave()
