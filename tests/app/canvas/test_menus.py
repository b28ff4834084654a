"""Which menu opens where, and what the menu of a port does."""

from collections.abc import Callable, Iterator

import pytest
from builders import a_residual_cnn, node_named
from canvas_hands import Hands, undo_label
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from app.canvas.menus import PLACES
from app.canvas.view import CanvasView
from app.shell.actions import SEPARATOR
from app.shell.menus import CONTEXT_MENUS
from engine.graph.elements import Graph

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_RIGHT = Qt.MouseButton.RightButton
Shown = tuple[CanvasView, Hands, dict[str, QMenu]]


@pytest.fixture
def shown(open_canvas: Open) -> Iterator[Shown]:
    view, hands = open_canvas(a_residual_cnn())
    menus = {place: QMenu(view) for place in PLACES}
    for place, menu in menus.items():
        menu.addAction(place)
    view.set_menus(menus)
    yield view, hands, menus
    for menu in menus.values():
        menu.close()


def _open(menus: dict[str, QMenu]) -> list[str]:
    return [place for place, menu in menus.items() if menu.isVisible()]


def test_each_thing_has_a_menu_of_its_own_and_is_selected_first(shown: Shown) -> None:
    view, hands, menus = shown
    graph = view.document.graph
    conv, pool = node_named(graph, "conv2d"), node_named(graph, "max_pool2d")
    (frame,) = graph.frames
    area = view.canvas.frames[frame.id].area

    hands.click(hands.card(conv), _RIGHT)
    assert _open(menus) == ["node"] and view.document.selection == {conv}
    menus["node"].close()
    hands.click(hands.at(150, 94 + 58 + 18), _RIGHT)
    assert _open(menus) == ["wire"] and view.document.selected_link is not None
    menus["wire"].close()
    hands.click(hands.at(area.left + 60, area.top + 12), _RIGHT)
    assert _open(menus) == ["frame"] and view.document.selection == set(frame.nodes)
    menus["frame"].close()
    view.document.select([conv, pool])
    hands.click(hands.card(pool), _RIGHT)
    assert _open(menus) == ["nodes"] and view.document.selection == {conv, pool}


@pytest.mark.parametrize("place", ["node", "nodes", "wire", "canvas"])
def test_the_menu_key_opens_the_menu_of_the_selection(shown: Shown, place: str) -> None:
    view, _, menus = shown
    graph = view.document.graph
    conv, pool = node_named(graph, "conv2d"), node_named(graph, "max_pool2d")
    chosen = {"node": [conv], "nodes": [conv, pool]}.get(place, [])
    link = next(graph.links_into(pool)) if place == "wire" else None
    view.document.select(chosen, link=link)

    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(view.viewport(), event)

    assert _open(menus) == [place]


def test_the_menu_of_a_port_connects_and_disconnects_it(shown: Shown) -> None:
    view, hands, _ = shown
    add = node_named(view.document.graph, "add")

    hands.click(hands.port(add, "x"), _RIGHT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    connect, disconnect = menu.actions()
    connect.trigger()
    assert view.connecting.letters.is_shown
    hands.key(Qt.Key.Key_Escape)
    disconnect.trigger()

    assert not list(view.document.graph.links_into(add))
    assert undo_label(view) == "Disconnect"
    menu.close()


def test_the_window_brings_a_short_menu_for_every_place() -> None:
    assert set(CONTEXT_MENUS) == set(PLACES)
    assert all(
        len([key for key in keys if key != SEPARATOR]) <= 10 for keys in CONTEXT_MENUS.values()
    )
