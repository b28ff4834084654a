"""Zooming and panning."""

from collections.abc import Callable

import numpy as np
import pytest
from builders import a_chain, a_residual_cnn, a_small_cnn
from canvas_hands import Hands
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QTransform
from pytestqt.qtbot import QtBot

from app.canvas.card_middle import _pictures, middle_key
from app.canvas.dots import paint_dots
from app.canvas.view import CanvasView
from engine.graph.edits import add_frame
from engine.graph.elements import Graph
from engine.project.templates import open_template

Open = Callable[[Graph], tuple[CanvasView, Hands]]


@pytest.mark.parametrize("turns", [1, -1, 3, -4])
def test_the_wheel_zooms_about_the_pointer(open_canvas: Open, turns: int) -> None:
    view, hands = open_canvas(a_residual_cnn())
    place = QPointF(333, 217)
    before = view.scene_point(place)

    hands.wheel(place, turns)

    after = view.scene_point(place)
    assert view.zoom != 1
    assert abs(after.x() - before.x()) * view.zoom <= 0.75
    assert abs(after.y() - before.y()) * view.zoom <= 0.75


def test_the_zoom_goes_from_5_to_400_per_cent(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())

    hands.wheel(QPointF(10, 10), 50)
    assert view.zoom == 4.0
    hands.wheel(QPointF(10, 10), -50)
    assert view.zoom == 0.05


def test_zooming_in_and_out_comes_back_to_100_per_cent(open_canvas: Open) -> None:
    view, hands = open_canvas(a_small_cnn())

    for turns in (3, -3, -2, 2):
        hands.wheel(QPointF(200, 200), turns)

    assert view.zoom == 1.0


@pytest.mark.parametrize(
    ("zoom", "level"),
    [(1.0, "near"), (0.7, "near"), (0.69, "middle"), (0.35, "middle"), (0.3, "far")],
)
def test_less_is_drawn_the_farther_one_is(open_canvas: Open, zoom: float, level: str) -> None:
    view, _ = open_canvas(a_small_cnn())

    view.zoom_to(zoom)

    assert view.level() == level
    assert bool(view.visible_nodes()) == (level != "far")


def test_fit_shows_the_whole_drawing(open_canvas: Open) -> None:
    view, _ = open_canvas(a_chain(40))

    view.fit_all()

    assert view.seen_rect().contains(view.canvas.content_rect())
    assert len(view.seen_nodes()) == 40


def test_fit_never_enlarges_and_an_empty_drawing_is_shown_at_its_size(open_canvas: Open) -> None:
    small, _ = open_canvas(a_small_cnn())
    empty, _ = open_canvas(Graph())

    small.fit_all()
    empty.fit_all()

    assert small.zoom == 1.0
    assert empty.zoom == 1.0


def test_the_minimap_appears_from_eight_nodes_and_moves_the_view(open_canvas: Open) -> None:
    small, _ = open_canvas(a_small_cnn())
    large, _ = open_canvas(a_chain(40))

    assert small.overlays.minimap.isHidden()
    assert not large.overlays.minimap.isHidden()
    point = large.canvas.content_rect().center()
    large.overlays.minimap.moved_to.emit(point)
    middle = large.seen_rect().center()
    assert (middle - point).manhattanLength() < 4


def test_the_minimap_leaves_the_zoom_buttons_their_room(open_canvas: Open) -> None:
    view, _ = open_canvas(a_chain(40))
    overlays = view.overlays

    for width in (900, 200, 900):
        view.resize(width, 600)
        overlays.place()
        apart = not overlays.minimap.geometry().intersects(overlays.zoom.geometry())
        assert overlays.minimap.isHidden() != apart


@pytest.mark.parametrize("zoom", [0.75, 1.05, 2.0])
def test_cards_kept_as_pixels_are_as_sharp_as_painted_ones(
    open_canvas: Open, qtbot: QtBot, zoom: float
) -> None:
    """Pictures for another zoom would be stretched, and the text blurred."""
    view, _ = open_canvas(a_small_cnn())
    view.zoom_to(zoom)
    _await_pictures(view, qtbot)
    view.pan_by(-7, 3)

    copied = view.viewport().grab().toImage()
    for item in view.canvas.nodes.values():
        assert item.cacheMode() != item.CacheMode.NoCache
        item.setCacheMode(item.CacheMode.NoCache)
    painted = view.viewport().grab().toImage()

    assert abs(_levels(copied) - _levels(painted)).mean() < 0.01


def _await_pictures(view: CanvasView, qtbot: QtBot) -> None:
    card = next(iter(view.canvas.nodes.values()))
    qtbot.waitUntil(lambda: card.cacheMode() != card.CacheMode.NoCache)


def test_cards_are_kept_as_pixels_once_their_size_rests_or_one_is_dragged(
    open_canvas: Open, qtbot: QtBot
) -> None:
    view, _ = open_canvas(a_small_cnn())
    first, *_, last = view.canvas.nodes.values()
    _await_pictures(view, qtbot)

    view.zoom_to(1.4)
    while_zooming = last.cacheMode()
    view.canvas.begin_shift([first.node])
    view.canvas.shift({first.node: (500.0, 500.0)})

    assert while_zooming == last.CacheMode.NoCache
    assert last.cacheMode() != last.CacheMode.NoCache


def test_fit_keeps_cards_from_lying_under_the_name(open_canvas: Open) -> None:
    view, _ = open_canvas(a_chain(40))
    view.resize(360, 700)

    view.fit_all()

    assert not view.overlays.covers_cards()


def test_equal_cards_share_one_picture_from_some_way_off(open_canvas: Open, qtbot: QtBot) -> None:
    view, _ = open_canvas(a_chain(60))
    keys = {middle_key(item.facts) for item in view.canvas.nodes.values()}
    made = len(_pictures._pictures)

    view.zoom_to(0.437)
    view.fit_all()
    view.zoom_to(0.437)
    qtbot.wait(20)

    assert len(keys) < 12
    assert 0 < len(_pictures._pictures) - made <= 2 * len(keys)


def _levels(image: QImage) -> NDArray[np.int16]:
    """Return the colours of all pixels as numbers."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(plain.constBits(), np.uint8).astype(np.int16)


def _lit(image: QImage) -> set[tuple[int, int]]:
    """Return the pixels that are not quite dark."""
    return {
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).red() > 60
    }


@pytest.mark.parametrize("zoom", [0.3, 0.437, 0.77, 1.0, 1.9])
def test_dots_stand_on_the_grid_at_every_zoom(zoom: float) -> None:
    image = QImage(120, 90, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setWorldTransform(QTransform().translate(37.0, 11.0).scale(zoom, zoom))

    paint_dots(painter, QRectF(-400, -400, 1000, 1000), 20, QColor(255, 255, 255))
    painter.end()

    pitch = 20.0
    while pitch * zoom < 11:
        pitch *= 2
    for x, y in _lit(image):
        for place, start in ((x + 0.5, 37.0), (y + 0.5, 11.0)):
            steps = (place - start) / (pitch * zoom)
            assert abs(steps - round(steps)) * pitch * zoom < 1.9
    assert len(_lit(image)) >= (120 // (pitch * zoom) - 1) * (90 // (pitch * zoom) - 1)


def test_a_drag_from_far_away_looks_as_it_will_when_it_is_put_down(open_canvas: Open) -> None:
    """What stands still is painted once, for the view and the marks of that moment."""
    view, _ = open_canvas(a_chain(6))
    scene, (held, other, *_) = view.canvas, view.document.graph.nodes
    view.zoom_to(0.2)
    at_rest = _seen(view)
    x, y = view.document.graph.nodes[held].position

    scene.begin_shift([held])
    assert abs(_seen(view) - at_rest).max() <= 2
    scene.shift({held: (x + 2000, y + 900)})
    assert abs(_seen(view) - at_rest).max() > 20
    view.document.select([other])
    _seen(view)
    view.pan_by(-40, 30)
    scene.shift({held: (x, y)})
    moving = _seen(view)

    scene.settle()
    assert abs(moving - _seen(view)).max() <= 2


def test_while_a_drag_pans_on_nothing_is_painted_twice(
    open_canvas: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, _ = open_canvas(a_chain(12))
    view.zoom_to(0.2)
    made: list[object] = []
    monkeypatch.setattr("app.canvas.far.Sheet", lambda *args: made.append(args))
    held = next(iter(view.document.graph.nodes))
    view.canvas.begin_shift([held])

    for step in range(3):
        view.pan_by(-7, 5)
        view.canvas.shift({held: (10.0 * step, 0.0)})
        view.viewport().grab()
    assert made == []
    view.canvas.shift({held: (40.0, 0.0)})
    view.viewport().grab(view.view_rect(view.canvas.nodes[held].far_rect()))
    assert len(made) == 1


def _seen(view: CanvasView) -> NDArray[np.int16]:
    return _levels(view.viewport().grab().toImage())


def test_no_wire_runs_through_the_name_of_a_frame(open_canvas: Open) -> None:
    view, _ = open_canvas(open_template("resnet-18").graph)
    frame = next(f for f in view.canvas.frames.values() if f.look.title == "Residual stages")
    view.zoom_to(0.6)
    view.centre_rect(frame.title_box())
    strip = view.view_rect(frame.title_box())
    strip.setWidth(strip.width() // 3)

    with_wires = _levels(view.viewport().grab(strip).toImage())
    for wire in view.canvas.wires.values():
        wire.hide()

    name = with_wires.reshape(strip.height(), strip.width(), 4)[4:-4, 8:]
    alone = _levels(view.viewport().grab(strip).toImage()).reshape(strip.height(), -1, 4)
    assert abs(name - alone[4:-4, 8:]).max() <= 2


def test_from_far_away_the_name_of_a_frame_is_no_wider_than_the_frame(open_canvas: Open) -> None:
    graph = a_small_cnn()
    short, long = (
        open_canvas(add_frame(graph, title, list(graph.nodes)[1:4]))[0] for title in ("W", "W" * 60)
    )
    for view in (short, long):
        view.zoom_to(0.1)
        view.centre_rect(view.canvas.content_rect())
    frame = next(iter(long.canvas.frames.values()))
    box = long.view_rect(frame.title_box())

    one, other = (_seen(view).reshape(long.viewport().height(), -1, 4) for view in (short, long))

    beside = abs(one - other)[box.top() : box.bottom(), box.right() + 4 :]
    assert abs(one - other).max() > 20 and beside.max() <= 2


def test_no_card_is_told_that_the_window_comes_to_the_front(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())

    QCoreApplication.sendEvent(view.viewport(), QEvent(QEvent.Type.WindowActivate))

    assert not view.canvas.isActive()
