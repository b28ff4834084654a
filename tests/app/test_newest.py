"""Work beside the window: where it is done, and what becomes of what is no longer wanted."""

import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.newest import Newest


class Owner(QObject):
    """Remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[object] = []

    def take(self, result: object) -> None:
        """Remember a result."""
        self.taken.append(result)


def test_quick_work_is_done_before_the_call_returns(qtbot: QtBot) -> None:
    owner = Owner()
    newest = Newest(owner, owner.take, "work")

    newest.do(threading.current_thread)

    assert owner.taken == [threading.main_thread()]


def test_slow_work_is_done_on_a_thread_and_what_still_waits_gives_way(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.newest._QUICK_S", 0.0)
    owner = Owner()
    newest = Newest(owner, owner.take, "work")
    may_end = threading.Event()

    newest.do(lambda: may_end.wait() and threading.current_thread())
    for number in range(5):
        newest.do(lambda number=number: number)  # type: ignore[misc]
    assert owner.taken == []
    may_end.set()

    qtbot.waitUntil(lambda: 4 in owner.taken)
    first, *others = owner.taken
    assert first is not threading.main_thread()
    assert others == [4]
    newest.close()


def test_an_owner_that_went_is_given_nothing(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.newest._QUICK_S", 0.0)
    owner = Owner()
    taken = owner.taken
    newest = Newest(owner, owner.take, "work")
    may_end = threading.Event()

    newest.do(may_end.wait)
    del owner
    may_end.set()
    newest.close()
    qtbot.wait(1)

    assert taken == []
