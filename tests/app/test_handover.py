import gc
import threading

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.handover import Handover, _Carrier

_Arrived = list[tuple[int, threading.Thread]]


class _Owner(QObject):
    def __init__(self, arrived: _Arrived) -> None:
        super().__init__()
        self._arrived = arrived
        self.handover = Handover(self, self._take)

    def _take(self, value: int) -> None:
        self._arrived.append((value, threading.current_thread()))


def _give_from_a_thread(handover: Handover[int], value: int) -> None:
    thread = threading.Thread(target=handover.give, args=(value,))
    thread.start()
    thread.join()


def test_what_a_thread_gives_arrives_on_the_gui_thread(qtbot: QtBot) -> None:
    arrived: _Arrived = []
    owner = _Owner(arrived)

    _give_from_a_thread(owner.handover, 7)

    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == [(7, threading.main_thread())]


def test_what_comes_after_its_owner_went_is_dropped(qtbot: QtBot) -> None:
    arrived: _Arrived = []
    owner = _Owner(arrived)
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    _give_from_a_thread(owner.handover, 7)

    QCoreApplication.sendPostedEvents()
    assert arrived == []


def test_what_comes_when_qt_is_gone_already_is_dropped(qtbot: QtBot) -> None:
    arrived: _Arrived = []
    owner = _Owner(arrived)
    owner.handover._carrier = _Carrier()
    delete(owner.handover._carrier)

    owner.handover.give(7)

    assert arrived == []


def test_what_a_thread_holds_keeps_no_object_of_qt_alive(qtbot: QtBot) -> None:
    arrived: _Arrived = []
    owner = _Owner(arrived)
    handover, gone = owner.handover, []
    owner.destroyed.connect(lambda: gone.append(threading.current_thread()))
    _give_from_a_thread(handover, 7)

    del owner
    gc.collect()

    assert gone == [threading.main_thread()]
    QCoreApplication.sendPostedEvents()
    assert arrived == []
