"""Previews that change while a run is watched: only they are painted anew, some at a time."""

from collections.abc import Callable
from typing import Any

import pytest
from builders import a_chain
from canvas_hands import Hands
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.canvas import items
from app.canvas.style import draw_text
from app.canvas.view import CanvasView
from app.previews import BarsPreview, MapsPreview, Preview
from engine.graph.edits import rename
from engine.graph.elements import Graph, NodeId
from engine.graph.sharing import set_repeat

Open = Callable[[Graph], tuple[CanvasView, Hands]]


def _map(colour: str) -> Preview:
    picture = QImage(8, 8, QImage.Format.Format_RGBA8888)
    picture.fill(QColor(colour))
    return MapsPreview(lambda most: (picture,) * most)


def _linear(graph: Graph) -> list[NodeId]:
    return [node.id for node in graph.nodes.values() if node.kind == "Linear"]


@pytest.mark.parametrize("zoom", [0.73, 1.0, 1.37, 2.0])
def test_a_preview_painted_alone_looks_as_if_all_of_its_card_was(
    open_canvas: Open, zoom: float
) -> None:
    view, _ = open_canvas(a_chain(6))
    first, second, *_ = _linear(view.document.graph)
    view.zoom_to(zoom)
    view.centre_on(first)
    view.set_previews({first: _map("red"), second: BarsPreview((0.1, 0.9), 0.0, 1)})
    before = view.viewport().grab().toImage()

    view.set_previews({first: _map("lime"), second: BarsPreview((0.9, 0.0), 0.2, 0)})
    alone = view.viewport().grab().toImage()
    for card in view.canvas.nodes.values():
        card.update()

    assert alone != before
    assert alone == view.viewport().grab().toImage()


def _inks(view: CanvasView, node: NodeId) -> set[str]:
    """Return the colours at the places of the first two thumbnails of a card."""
    box = view.canvas.nodes[node].box()
    shown = view.viewport().grab().toImage()
    at = [QPointF(box.right - 25, (box.top + box.bottom) / 2 + down) for down in (-8, 8)]
    return {shown.pixelColor(view.mapFromScene(place)).name() for place in at}


def test_small_previews_are_painted_from_some_way_off_where_they_are_wanted(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(a_chain(6))
    node = _linear(view.document.graph)[0]
    view.zoom_to(0.5)
    view.centre_on(node)
    view.set_previews({node: _map("red")})
    assert "#ff0000" not in _inks(view, node)

    view.canvas.show_small_previews(shown=True)
    assert _inks(view, node) == {"#ff0000"}
    view.set_previews({node: _map("lime")})
    assert _inks(view, node) == {"#00ff00"}

    view.canvas.show_small_previews(shown=False)
    assert "#00ff00" not in _inks(view, node)


def test_a_large_drawing_stays_quick_without_small_previews(open_canvas: Open) -> None:
    view, _ = open_canvas(a_chain(100))
    view.canvas.show_small_previews(shown=True)
    view.zoom_to(0.5)

    assert not view.canvas.shared.shows_previews
    view.zoom_to(0.8)
    assert view.canvas.shared.shows_previews


def _await_pictures(view: CanvasView, qtbot: QtBot) -> None:
    card = next(iter(view.canvas.nodes.values()))
    qtbot.waitUntil(lambda: card.cacheMode() != card.CacheMode.NoCache)


def test_a_new_preview_leaves_the_rest_of_its_card_alone(
    open_canvas: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, _ = open_canvas(a_chain(6))
    first = _linear(view.document.graph)[0]
    _await_pictures(view, qtbot)
    view.set_previews({first: _map("red")})
    view.viewport().grab()
    painted: list[object] = []
    monkeypatch.setattr(items, "paint_card", lambda *args: painted.append(args))

    view.set_previews({first: _map("lime")})
    view.viewport().grab()

    assert painted == []


def test_the_corners_of_a_map_are_round(open_canvas: Open) -> None:
    view, hands = open_canvas(a_chain(6))
    first = _linear(view.document.graph)[0]
    view.set_previews({first: _map("red")})
    box = view.canvas.nodes[first].box()
    inside = hands.at(box.right - 29, box.top + 29)
    corner = hands.at(box.right - 10.5, box.top + 10.5)

    image = view.viewport().grab().toImage()

    assert image.pixelColor(inside.toPoint()).red() > 240
    assert image.pixelColor(corner.toPoint()).red() < 100


def test_a_card_out_of_sight_shows_its_preview_when_it_is_scrolled_to(open_canvas: Open) -> None:
    view, hands = open_canvas(a_chain(60))
    nodes = _linear(view.document.graph)
    view.set_previews({nodes[-1]: _map("red")})
    view.viewport().grab()
    view.centre_on(nodes[0])
    for colour in ("blue", "lime"):
        view.set_previews({nodes[-1]: _map(colour)})

    view.centre_on(nodes[-1])

    box = view.canvas.nodes[nodes[-1]].box()
    spot = hands.at(box.right - 29, box.top + 29).toPoint()
    assert view.viewport().grab().toImage().pixelColor(spot).green() > 240


def test_pictures_of_cards_out_of_sight_are_not_made(open_canvas: Open) -> None:
    view, _ = open_canvas(a_chain(60))
    first, *_, last = _linear(view.document.graph)
    made: list[NodeId] = []

    def preview(node: NodeId) -> Preview:
        picture = QImage(8, 8, QImage.Format.Format_RGBA8888)
        picture.fill(QColor("red"))
        return MapsPreview(lambda _: made.append(node) or [picture])  # type: ignore[func-returns-value]

    view.centre_on(first)
    view.set_previews({node: preview(node) for node in (first, last)})
    view.viewport().grab()

    assert made == [first]


def test_of_many_cards_some_are_repainted_at_a_time_and_all_in_the_end(
    open_canvas: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.canvas.preview_turns._IN_A_TURN", 2)
    view, hands = open_canvas(a_chain(9))
    nodes = _linear(view.document.graph)[:5]
    view.centre_on(nodes[2])
    _await_pictures(view, qtbot)

    def shown(colour: str) -> int:
        image = view.viewport().grab().toImage()
        boxes = (view.canvas.nodes[node].box() for node in nodes)
        spots = (hands.at(box.right - 29, box.top + 29).toPoint() for box in boxes)
        return sum(image.pixelColor(spot) == QColor(colour) for spot in spots)

    view.set_previews(dict.fromkeys(nodes, _map("red")))
    qtbot.waitUntil(lambda: shown("red") == 5)
    view.set_previews(dict.fromkeys(nodes, _map("lime")))

    assert shown("lime") <= 2
    qtbot.waitUntil(lambda: shown("lime") == 5)


@pytest.mark.parametrize("title", ["Linear", "GPT blocks"])
def test_a_row_with_shared_weights_keeps_its_title_beside_a_preview(
    open_canvas: Open, monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    graph = a_chain(6)
    row = _linear(graph)[1]
    graph = rename(graph, row, title)
    view, _ = open_canvas(set_repeat(graph, [row], 4, share_weights=True))
    written: list[str] = []

    def noted(painter: Any, x: float, middle: float, text: str, *how: Any, **more: Any) -> None:
        written.append(text)
        draw_text(painter, x, middle, text, *how, **more)

    monkeypatch.setattr("app.canvas.card.draw_text", noted)
    view.centre_on(row)
    view.viewport().grab()
    assert "×4 shared" in written

    written.clear()
    view.set_previews({row: _map("red")})
    view.viewport().grab()
    assert {title, "×4"} <= set(written) and "×4 shared" not in written
    assert not any("…" in text for text in written)
