"""Cards that are moved ahead of the document, and what follows them."""

from collections.abc import Callable, Collection

import numpy as np
import pytest
from builders import a_chain, a_residual_cnn, a_small_cnn
from canvas_hands import Hands
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.canvas.routing import Router
from app.canvas.view import CanvasView
from engine.graph.elements import Graph, NodeId

Open = Callable[[Graph], tuple[CanvasView, Hands]]
_BY = (260.0, 70.0)


def _seen(view: CanvasView) -> NDArray[np.int16]:
    return _levels(view.viewport().grab().toImage())


def _levels(image: QImage) -> NDArray[np.int16]:
    pixels = np.frombuffer(image.constBits(), dtype=np.uint8)
    return pixels.reshape(image.height(), -1)[:, : 4 * image.width()].astype(np.int16)


def _places(graph: Graph, nodes: Collection[NodeId]) -> dict[NodeId, tuple[float, float]]:
    """Return where cards stand that all went the same way."""
    places = {node: graph.nodes[node].position for node in nodes}
    return {node: (x + _BY[0], y + _BY[1]) for node, (x, y) in places.items()}


@pytest.mark.parametrize("zoom", [0.2, 0.5, 1.0])
def test_a_group_that_is_carried_looks_like_cards_that_are_moved_one_by_one(
    open_canvas: Open, zoom: float
) -> None:
    view, _ = open_canvas(a_small_cnn())
    canvas, nodes = view.canvas, list(view.document.graph.nodes)[1:4]
    view.zoom_to(zoom)
    view.centre_rect(canvas.content_rect())
    view.document.select(nodes[1:])
    at_rest = _seen(view)

    canvas.begin_shift(nodes)
    canvas.shift(_places(view.document.graph, nodes))
    carried = _seen(view)
    canvas.glide({node: canvas.nodes[node].pos() for node in nodes})

    assert abs(carried - at_rest).max() > 20
    assert abs(carried - _seen(view)).max() <= 2


@pytest.mark.parametrize("zoom", [0.2, 0.5])
def test_what_each_step_of_a_drag_repaints_is_all_that_changes(
    open_canvas: Open, zoom: float
) -> None:
    view, _ = open_canvas(a_residual_cnn())
    canvas, held = view.canvas, list(view.document.graph.nodes)[4]
    view.zoom_to(zoom)
    view.centre_rect(canvas.content_rect())
    x, y = view.document.graph.nodes[held].position
    # It follows at a pace of its own.
    view.overlays.minimap_wanted = False

    canvas.begin_shift([held])
    for step in (10, 30, 35, 900, 60):
        canvas.shift({held: (x + step / zoom / 2, y + step / zoom / 3)})
        view.pan_by(-step / 20, step / 10)
        QApplication.processEvents()
        on_screen = view.screen().grabWindow(view.winId()).toImage()

        assert abs(_levels(on_screen) - _levels(view.grab().toImage())).max() <= 2


def test_a_group_comes_back_as_it_was_when_its_drag_is_cancelled(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    nodes = list(view.document.graph.nodes)[2:7]
    before = _seen(view)

    view.canvas.begin_shift(nodes)
    view.canvas.shift(_places(view.document.graph, nodes))
    view.canvas.settle()

    assert abs(before - _seen(view)).max() <= 2


def test_wires_within_a_group_keep_their_course(
    open_canvas: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, _ = open_canvas(a_chain(60))
    nodes = list(view.document.graph.nodes)[10:50]
    led: list[object] = []
    course = Router.course
    monkeypatch.setattr(Router, "course", lambda self, ends: led.append(ends) or course(self, ends))

    view.canvas.begin_shift(nodes)
    view.canvas.shift(_places(view.document.graph, nodes))

    assert len(led) <= 2


def test_a_wire_out_of_sight_follows_by_the_time_it_is_seen(open_canvas: Open) -> None:
    view, _ = open_canvas(a_chain(60))
    graph = view.document.graph
    nodes = list(graph.nodes)[1:55]
    border = next(link for link in graph.links if link.source.node == nodes[-1])
    view.centre_on(nodes[0])
    view.canvas.begin_shift(nodes)
    view.canvas.shift(_places(graph, nodes))

    view.centre_on(nodes[-1])

    ends = view.canvas.ends_of(border)
    route = view.canvas.wires[border].route
    assert (route.source, route.target) == (ends.source, ends.target)


def test_cards_that_go_different_ways_take_the_wires_between_them_along(open_canvas: Open) -> None:
    view, _ = open_canvas(a_chain(8))
    canvas, graph = view.canvas, view.document.graph
    first, second = list(graph.nodes)[2:4]
    canvas.begin_shift([first, second])
    canvas.shift(_places(graph, [first, second]))

    (x, y), (x2, y2) = graph.nodes[first].position, graph.nodes[second].position
    canvas.shift({first: (x - 60, y), second: (x2 + 60, y2)})

    for link, item in canvas.wires.items():
        ends = canvas.ends_of(link)
        assert item.pos() == QPointF(0, 0)
        assert (item.route.source, item.route.target) == (ends.source, ends.target)


def test_of_very_many_wires_seen_from_far_away_lines_follow(
    open_canvas: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.canvas.shifting._MOST_AROUND", 10)
    view, _ = open_canvas(a_chain(40))
    graph = view.document.graph
    view.zoom_to(0.05)
    view.centre_rect(view.canvas.content_rect())
    others = list(graph.nodes)[1::2]
    before = _seen(view)
    view.canvas.begin_shift(others)
    view.canvas.shift(_places(graph, others))
    from_afar = _seen(view)

    view.zoom_to(1.0)
    view.centre_on(others[3])

    assert abs(before - from_afar).max() > 20
    for link in (link for link in graph.links if others[3] in (link.source.node, link.target.node)):
        ends, route = view.canvas.ends_of(link), view.canvas.wires[link].route
        assert (route.source, route.target) == (ends.source, ends.target)


def test_a_frame_that_goes_along_keeps_its_size_and_its_words(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    frame = view.document.graph.frames[0]
    item = view.canvas.frames[frame.id]
    area, edge = item.area, item.look.note_right

    view.canvas.begin_shift(frame.nodes)
    for _ in range(2):
        view.canvas.shift(_places(view.document.graph, frame.nodes))

    assert item.area == area.moved(*_BY)
    assert item.look.note_right == edge + _BY[0]
    view.canvas.settle()
    assert (item.area, item.look.note_right) == (area, edge)
