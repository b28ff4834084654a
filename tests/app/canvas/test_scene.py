"""The items follow the document, and painting stays within its budget."""

import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import numpy as np
import pytest
from builders import a_chain, a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, document_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.canvas.geometry import Box
from app.canvas.items import LevelOfDetail, NodeItem, WireItem, WireLook
from app.canvas.routes import WireEnds
from app.canvas.routing import Router
from app.canvas.scene import CanvasScene
from app.canvas.style import style_of
from app.canvas.view import CanvasView
from engine.analysis.shapes import infer_shapes
from engine.graph.edits import (
    add_frame,
    add_node,
    connect,
    make_node,
    move,
    remove_and_rejoin,
    remove_nodes,
    set_bypassed,
    set_params,
)
from engine.graph.elements import End, Graph, Link, NodeId

Open = Callable[[Graph], tuple[CanvasView, Hands]]


def _mirrors(scene: CanvasScene) -> bool:
    graph = scene.document.graph
    placed = all(
        (scene.nodes[node.id].x(), scene.nodes[node.id].y())
        == (node.position[0] + 150, node.position[1])
        for node in graph.nodes.values()
    )
    count = len(graph.nodes) + len(graph.links) + 2 * len(graph.frames)
    ends = all(
        item.route.source == scene.ends_of(link).source for link, item in scene.wires.items()
    )
    return (
        placed
        and ends
        and scene.nodes.keys() == graph.nodes.keys()
        and scene.wires.keys() == set(graph.links)
        and scene.frames.keys() == {frame.id for frame in graph.frames}
        and len(scene.items()) == count
    )


def test_there_is_one_item_for_each_node_and_wire_and_two_for_a_frame(qtbot: QtBot) -> None:
    document = document_of(a_residual_cnn())
    scene = CanvasScene(document, style_of("dark"))

    assert len(scene.items()) == 9 + 10 + 2
    assert _mirrors(scene)
    document.close()


@settings(max_examples=12)
@given(walk=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 99)), min_size=30, max_size=45))
def test_after_any_walk_the_items_are_those_of_the_document(
    qapp: object, walk: list[tuple[int, int]]
) -> None:
    document = document_of(a_residual_cnn())
    scene = CanvasScene(document, style_of("dark"))
    first = document.graph

    for kind, number in walk:
        _step(document, kind, number)
        assert _mirrors(scene)
    while document.history.can_undo:
        document.undo()
    assert document.graph is first
    assert _mirrors(scene)
    document.close()


def _step(document: object, kind: int, number: int) -> None:
    from app.document import Document

    assert isinstance(document, Document)
    nodes = list(document.graph.nodes)
    node = nodes[number % len(nodes)] if nodes else None
    if kind == 0 or node is None:
        document.edit(
            "Add",
            lambda g: add_node(g, make_node(g, "Conv2d", position=(number * 10.0, number * 5.0))),
        )
        return
    other = nodes[(number * 7 + 3) % len(nodes)]
    report = infer_shapes(document.graph).nodes[node]
    names = [port.name for port in report.output_ports] or ["y"]
    acts: list[Callable[[Graph], Graph]] = [
        lambda g: remove_nodes(g, (node,)),
        lambda g: connect(g, End(node, names[0]), End(other, "x")),
        lambda g: move(g, {node: (number * 13.0, number * 3.0)}),
        lambda g: set_bypassed(g, (node,), bypassed=number % 2 == 0),
        lambda g: remove_and_rejoin(g, (node,)),
        lambda g: add_frame(g, "Frame", (node, other)),
        lambda g: set_params(g, node, {"out_channels": 8}),
    ]
    document.edit("Edit", acts[kind - 1])
    if number % 5 == 0:
        document.undo()


def test_removed_items_do_not_live_on(qtbot: QtBot) -> None:
    document = document_of(a_small_cnn())
    scene = CanvasScene(document, style_of("dark"))
    alive: weakref.WeakSet[NodeItem] = weakref.WeakSet(scene.nodes.values())

    for _ in range(30):
        document.edit("Delete", lambda graph: remove_nodes(graph, tuple(graph.nodes)))
        document.undo()
        alive.update(scene.nodes.values())
    gc.collect()

    assert len(alive) == len(document.graph.nodes)
    document.close()


class _Counts:
    def __init__(self) -> None:
        self.nodes = 0
        self.wires = 0
        self.bounds = 0


@contextmanager
def _counted() -> Iterator[_Counts]:
    """Count the calls from Qt into painting and measuring.

    By the interpreter's profile hook: Qt's binding remembers methods, so replaced ones are missed.
    """
    counts = _Counts()
    names = {
        NodeItem.paint.__code__: "nodes",
        WireItem.paint.__code__: "wires",
    }

    def count(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code in names:
            name = names[frame.f_code]
            setattr(counts, name, getattr(counts, name) + 1)
        elif event == "call" and frame.f_code.co_name == "boundingRect":
            counts.bounds += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield counts
    finally:
        sys.setprofile(before)


def _repaint(view: CanvasView, qtbot: QtBot) -> None:
    view.viewport().update()
    qtbot.wait(20)


def test_from_far_away_no_item_is_painted(open_canvas: Open, qtbot: QtBot) -> None:
    view, _ = open_canvas(a_chain(200))
    view.zoom_to(0.2)

    with _counted() as counts:
        _repaint(view, qtbot)
        view.pan_by(30, 10)
        _repaint(view, qtbot)

    assert (counts.nodes, counts.wires) == (0, 0)
    assert view.seen_nodes()


def test_only_what_is_on_screen_is_painted(open_canvas: Open, qtbot: QtBot) -> None:
    view, _ = open_canvas(a_chain(300))
    with _counted() as counts:
        view.zoom_to(0.9)
        item = next(iter(view.canvas.nodes.values()))
        qtbot.waitUntil(lambda: item.cacheMode() != item.CacheMode.NoCache)
        _repaint(view, qtbot)
        painted = counts.nodes
        _repaint(view, qtbot)

    # Once while it zooms, and once for the pictures.
    assert 0 < painted <= 2 * (len(view.seen_nodes()) + 2)
    # The second time they are copied.
    assert counts.nodes == painted
    # Qt asks twice for each item that it finds near the exposed area: not Python.
    assert counts.bounds == 0


@pytest.mark.parametrize(
    ("target", "bends"),
    [
        ((0.0, 94.0), ()),
        ((300.0, 60.0), ()),
        ((-40.0, -500.0), ()),
        ((0.0, 900.0), ()),
        ((80.0, 300.0), ((-200.0, 350.0), (400.0, -60.0))),
    ],
)
def test_a_wire_lies_within_its_bounds_whatever_its_course(
    target: tuple[float, float], bends: tuple[tuple[float, float], ...]
) -> None:
    source, between = NodeId("a"), Box(-100, 300, 100, 400)
    link = Link(End(source, "y"), End(NodeId("b"), "x"))
    router = Router({NodeId("between"): between}, ())
    route = router.course(WireEnds(link, (0.0, 0.0), target, bends))

    wire = WireItem(link, route, WireLook(text="16×14"), LevelOfDetail(style_of("dark")))

    pen = 2.0
    drawn = wire.path().boundingRect().adjusted(-pen, -pen, pen, pen)
    assert wire.boundingRect().contains(drawn)
    assert wire.boundingRect().contains(wire.text_box())


def test_dragging_one_card_copies_it_and_paints_its_wires_alone(
    open_canvas: Open, qtbot: QtBot
) -> None:
    with _counted() as counts:
        view, hands = open_canvas(a_chain(60))
        view.zoom_to(0.9)
        node = view.seen_nodes()[3]
        start = hands.card(node)
        hands.carry(start, hands.at(40, 0) - hands.at(0, 0) + start)
        qtbot.wait(30)
        counts.nodes = counts.wires = counts.bounds = 0
        hands.move(start + hands.at(50, 0) - hands.at(0, 0))
        qtbot.wait(30)
        painted = counts.nodes, counts.wires
        hands.key(Qt.Key.Key_Escape)

    degree = sum(node in (link.source.node, link.target.node) for link in view.document.graph.links)
    assert painted[0] <= 1
    assert 1 <= painted[1] <= degree + 4


def test_an_edit_of_one_node_leaves_other_cards_unpainted(open_canvas: Open, qtbot: QtBot) -> None:
    view, _ = open_canvas(a_residual_cnn())
    view.zoom_to(0.9)
    qtbot.wait(30)
    data = node_named(view.document.graph, "data")

    with _counted() as counts:
        view.document.edit("Seed", lambda graph: set_params(graph, data, {"validation_share": 0.2}))
        qtbot.wait(30)

    assert counts.nodes <= 2


def test_a_residual_chain_of_fifty_blocks_is_drawn_like_any_other(qtbot: QtBot) -> None:
    """No cost may double with each block: with 50 of them it would never end."""
    graph = a_chain(550)
    document = document_of(graph)
    scene = CanvasScene(document, style_of("dark"))
    last = list(graph.nodes)[-2]
    first = list(graph.nodes)[1]

    refused = document.edit("Loop", lambda now: connect(now, End(last, "y"), End(first, "x")))

    assert not refused
    assert _mirrors(scene)
    document.close()


def test_a_pan_repaints_little_more_than_what_came_into_view(
    open_canvas: Open, qtbot: QtBot
) -> None:
    view, _ = open_canvas(a_chain(60))
    view.zoom_to(0.9)
    qtbot.wait(30)
    painted: list[float] = []
    port = view.viewport()

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if isinstance(event, QPaintEvent):
                areas = (rect.width() * rect.height() for rect in event.region())
                painted.append(sum(areas) / (port.width() * port.height()))
            return False

    watch = Watch()
    port.installEventFilter(watch)
    view.pan_by(0, -30)
    qtbot.wait(30)
    port.removeEventFilter(watch)

    assert painted and sum(painted) < 0.25
    corner = view.overlays.zoom.geometry()
    assert corner.left() == 16 and corner.bottom() == view.height() - 17


def test_a_drag_seen_from_far_away_looks_as_if_all_was_painted_anew(
    open_canvas: Open, qtbot: QtBot
) -> None:
    view, _ = open_canvas(a_chain(40))
    view.zoom_to(0.2)
    view.fit_all()
    view.document.select([node_named(view.document.graph, "linear_20")])
    qtbot.waitExposed(view)
    moved = node_named(view.document.graph, "linear_20")
    x, y = view.document.graph.nodes[moved].position

    view.canvas.begin_shift([moved])
    view.canvas.shift({moved: (x + 500, y)})
    QApplication.processEvents()
    seen = _levels(view)
    view.far.outdate()

    assert view.level() == "far"
    assert abs(_levels(view) - seen).max() <= 2


def _levels(view: CanvasView) -> NDArray[np.int16]:
    image = view.viewport().grab().toImage()
    return np.frombuffer(image.constBits(), dtype=np.uint8).astype(np.int16)


def test_a_step_of_a_drag_goes_through_no_more_than_what_moves(open_canvas: Open) -> None:
    view, _ = open_canvas(a_chain(300))
    moved = node_named(view.document.graph, "linear_20")
    x, y = view.document.graph.nodes[moved].position
    view.canvas.begin_shift([moved])
    asked: list[str] = []
    made = NodeItem.box

    def counted(item: NodeItem) -> Box:
        asked.append(item.node)
        return made(item)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(NodeItem, "box", counted)
        view.canvas.shift({moved: (x + 40, y)})
        QApplication.processEvents()

    assert len(asked) < 30


def test_a_selection_is_seen_from_far_away_and_leaves_the_minimap_as_it_is(
    open_canvas: Open, qtbot: QtBot
) -> None:
    view, _ = open_canvas(a_chain(40))
    view.zoom_to(0.2)
    view.fit_all()
    qtbot.wait(20)
    before, map_before = view.viewport().grab().toImage(), view.overlays.minimap.grab().toImage()

    view.document.select([node_named(view.document.graph, "linear_20")])

    assert view.viewport().grab().toImage() != before
    assert view.overlays.minimap.grab().toImage() == map_before
    view.document.select(())
    assert view.viewport().grab().toImage() == before


def test_only_the_left_button_moves_the_view_on_the_minimap(
    open_canvas: Open, qtbot: QtBot
) -> None:
    view, _ = open_canvas(a_chain(40))
    minimap = view.overlays.minimap

    with qtbot.assertNotEmitted(minimap.moved_to):
        qtbot.mouseClick(minimap, Qt.MouseButton.RightButton)
    with qtbot.waitSignal(minimap.moved_to):
        qtbot.mouseClick(minimap, Qt.MouseButton.LeftButton)


def test_the_minimap_follows_a_drag_soon(open_canvas: Open, qtbot: QtBot) -> None:
    view, _ = open_canvas(a_chain(40))
    moved = node_named(view.document.graph, "linear_20")
    x, y = view.document.graph.nodes[moved].position
    before = view.overlays.minimap.size()

    view.canvas.begin_shift([moved])
    view.canvas.shift({moved: (x + 4000, y)})

    assert view.overlays.minimap.size() == before
    qtbot.waitUntil(lambda: view.overlays.minimap.size() != before)
