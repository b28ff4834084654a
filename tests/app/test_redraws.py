"""Who draws when: one in a turn of the event loop, and nobody out of sight."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.redraws import Redraw, _line, step_back


class Turns:
    """Counts turns of the event loop."""

    def __init__(self, parent: QWidget) -> None:
        self.number = 0
        self._timer = QTimer(parent)
        self._timer.timeout.connect(self._count)
        self._timer.start(0)

    def _count(self) -> None:
        self.number += 1


class Panel(QWidget):
    """Notes in which turns it drew and was painted."""

    def __init__(self, turns: Turns, *, pause_ms: int = 0) -> None:
        super().__init__()
        self.setMinimumSize(20, 20)
        self._turns = turns
        self.drawn: list[int] = []
        self.painted: list[int] = []
        self.news = Redraw(self, self.draw, pause_ms=pause_ms)

    def draw(self) -> None:
        self.drawn.append(self._turns.number)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted.append(self._turns.number)


def panels(qtbot: QtBot, count: int, *, pause_ms: int = 0) -> list[Panel]:
    """Return panels below each other in a window that stands."""
    window = QWidget()
    turns = Turns(window)
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    made = [Panel(turns, pause_ms=pause_ms) for _ in range(count)]
    for panel in made:
        column.addWidget(panel)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: all(panel.painted for panel in made))
    return made


def test_panels_with_news_at_one_time_are_painted_in_turns_of_their_own(qtbot: QtBot) -> None:
    made = panels(qtbot, 4)
    for panel in made:
        panel.painted.clear()

    for panel in made:
        panel.news.ask()
    qtbot.waitUntil(lambda: all(panel.painted for panel in made))

    drawn = [turn for panel in made for turn in panel.drawn]
    assert drawn == sorted(drawn) and len(set(drawn)) == len(made)
    painted = [turn for panel in made for turn in set(panel.painted)]
    assert len(set(painted)) == len(painted)


def test_what_is_asked_for_often_is_drawn_once(qtbot: QtBot) -> None:
    first, second = panels(qtbot, 2)

    for _ in range(5):
        first.news.ask()
    second.news.ask()
    qtbot.waitUntil(lambda: bool(second.drawn))

    assert len(first.drawn) == 1


def test_a_panel_out_of_sight_is_drawn_when_it_is_opened_and_before_the_others(
    qtbot: QtBot,
) -> None:
    hidden, *others = panels(qtbot, 3)
    hidden.hide()

    for panel in (hidden, *others):
        panel.news.ask()
    qtbot.waitUntil(lambda: bool(others[-1].drawn))
    assert not hidden.drawn
    for panel in others:
        panel.news.ask()
    hidden.show()
    qtbot.waitUntil(lambda: all(len(panel.drawn) == 2 for panel in others))

    assert hidden.drawn[0] < min(panel.drawn[1] for panel in others)


def test_what_a_person_waits_for_is_drawn_at_once_and_not_again(qtbot: QtBot) -> None:
    first, second = panels(qtbot, 2)
    first.news.ask()

    first.news.ask(at_once=True)

    assert len(first.drawn) == 1
    second.news.ask()
    qtbot.waitUntil(lambda: bool(second.drawn))
    assert len(first.drawn) == 1


def test_a_panel_that_pauses_lets_the_others_pass(qtbot: QtBot) -> None:
    slow, other = panels(qtbot, 2)
    slow.news._pause_ms = 60_000
    slow.news.settle()

    slow.news.ask()
    other.news.ask()
    qtbot.waitUntil(lambda: bool(other.drawn))

    assert not slow.drawn and slow.news.is_waiting


def test_a_panel_that_is_gone_leaves_the_line(qtbot: QtBot) -> None:
    gone, other = panels(qtbot, 2)

    gone.news.ask()
    other.news.ask()
    gone.deleteLater()
    qtbot.waitUntil(lambda: bool(other.drawn))

    assert not gone.drawn


def test_panels_draw_more_seldom_while_the_canvas_is_moved_and_still_all_of_them(
    qtbot: QtBot,
) -> None:
    made = panels(qtbot, 3)
    qtbot.waitUntil(lambda: not _line()._waiting)
    made[0].news.ask()
    usual = _line()._timer.interval()
    qtbot.waitUntil(lambda: bool(made[0].drawn))

    step_back()
    for panel in made:
        panel.news.ask()

    assert _line()._timer.interval() > 5 * usual
    qtbot.waitUntil(lambda: all(panel.drawn for panel in made[1:]))
