import threading

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot

from app.handover import Handover


def _give_from_a_thread(handover: Handover[int], value: int) -> None:
    thread = threading.Thread(target=handover.give, args=(value,))
    thread.start()
    thread.join()


def test_what_a_thread_gives_arrives_on_the_gui_thread(qtbot: QtBot) -> None:
    owner, arrived = QObject(), []
    handover = Handover(owner, lambda value: arrived.append((value, threading.current_thread())))

    _give_from_a_thread(handover, 7)

    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == [(7, threading.main_thread())]


def test_what_comes_after_its_owner_went_is_dropped(qtbot: QtBot) -> None:
    owner, arrived = QObject(), []
    handover = Handover(owner, arrived.append)
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    _give_from_a_thread(handover, 7)

    QCoreApplication.sendPostedEvents()
    assert arrived == []
