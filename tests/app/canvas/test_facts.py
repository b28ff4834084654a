"""What cards say, from the drawing and its analysis."""

from collections.abc import Callable

from builders import Drawing, a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage

from app.canvas.facts import CardFacts, card_facts
from app.canvas.tips import tip_of
from app.canvas.view import CanvasView
from app.previews import BarsPreview, CurvePreview, HistogramPreview, MapsPreview
from engine.analysis.report import NodeReport
from engine.graph.edits import add_node, disconnect, make_node, set_bypassed, set_frozen
from engine.graph.elements import End, Graph, Link, Node, NodeId

Open = Callable[[Graph], tuple[CanvasView, Hands]]


def _facts(view: CanvasView, name: str) -> CardFacts:
    return view.canvas.nodes[node_named(view.document.graph, name)].facts


def test_a_card_has_title_parameters_activation_and_count(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())

    facts = _facts(view, "conv2d_2")

    assert (facts.title, facts.detail, facts.activation) == ("Conv2d", "16 · 3×3", "ReLU")
    assert (facts.category, facts.parameters, facts.state) == ("conv", 2320, "ok")
    assert (facts.width, facts.height) == (300, 58)
    assert _facts(view, "flatten").is_compact


def test_a_list_input_shows_its_wires_at_successive_places(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())

    places = _facts(view, "add").inputs

    assert [place.offset for place in places] == [0, 72]
    assert [place.link.source.node for place in places if place.link] == [
        node_named(view.document.graph, "conv2d_3"),
        node_named(view.document.graph, "max_pool2d"),
    ]


def test_bypassed_and_frozen_cards_and_the_wires_of_the_bypass(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    conv = node_named(graph, "conv2d_2")
    graph = set_frozen(set_bypassed(graph, [conv], bypassed=True), [conv], frozen=True)

    view, _ = open_canvas(graph)

    facts = _facts(view, "conv2d_2")
    assert facts.bypassed and facts.frozen
    states = {
        wire.look.state for link, wire in view.canvas.wires.items() if link.target.node == conv
    }
    assert states == {"bypass"}


def test_an_open_input_is_an_error_of_the_card(open_canvas: Open) -> None:
    drawing = Drawing()
    drawing.add("Linear")

    view, _ = open_canvas(drawing.graph)

    assert (_facts(view, "linear").badge, _facts(view, "linear").reason) == (
        "error",
        "input is open",
    )


def test_a_layer_that_is_tried_is_told_from_those_that_wait_for_its_shape() -> None:
    node = make_node(Graph(), "Conv2d")
    waiting = NodeReport(state="waiting", title="Mine")
    tried = replace(waiting, inputs={})

    made = [
        card_facts(node, report, incoming=(), outgoing=(), problems=())
        for report in (waiting, tried)
    ]

    assert [facts.is_tried for facts in made] == [False, True]


def test_advice_on_the_recipe_is_on_the_card_that_it_is_about(open_canvas: Open) -> None:
    drawing = Drawing()
    data = drawing.add("Data")
    norm = drawing.add("BatchNorm2d", after=data)
    linear = drawing.add("Linear", after=drawing.add("Flatten", after=norm))
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((data, "label"), loss, "target")
    view, _ = open_canvas(drawing.graph)
    document = view.document
    recipe = document.project.recipe
    assert _facts(view, "batch_norm2d").badge == ""

    document.set_recipe(replace(recipe, batch_size=1), "Set batch size 1")

    assert _facts(view, "batch_norm2d").badge == "warning"
    (told,) = document.problems_of(norm.id)
    assert told.code == "LL-A015"
    document.undo()
    assert _facts(view, "batch_norm2d").badge == ""


def test_an_unknown_kind_keeps_its_wires(open_canvas: Open) -> None:
    graph = a_residual_cnn()
    odd = Node(id=NodeId("odd"), kind="FromTheFuture", name="odd", position=(400, 0))
    graph = add_node(graph, odd)
    pool, relu = node_named(graph, "max_pool2d"), make_node(graph, "ReLU", position=(400, 200))
    graph = add_node(graph, relu)
    links = (
        Link(End(pool, "y"), End(odd.id, "in_1")),
        Link(End(odd.id, "out_2"), End(relu.id, "x")),
    )

    view, _ = open_canvas(Graph(nodes=graph.nodes, links=(*graph.links, *links)))

    facts = view.canvas.nodes[odd.id].facts
    assert facts.title == "FromTheFuture"
    assert [place.name for place in facts.inputs] == ["in_1"]
    assert [place.name for place in facts.outputs] == ["out_2"]
    assert set(links) <= view.canvas.wires.keys()


def test_wires_are_as_wide_as_their_tensors_have_axes(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    graph = view.document.graph
    image, vector = node_named(graph, "conv2d"), node_named(graph, "linear")

    widths = {link.target.node: wire.look.width for link, wire in view.canvas.wires.items()}

    assert (widths[image], widths[vector]) == (2.6, 1.5)


def test_the_shape_stands_once_at_each_output(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    pool = node_named(view.document.graph, "max_pool2d")

    texts = [w.look.text for link, w in view.canvas.wires.items() if link.source.node == pool]
    labels = [w.look.label for w in view.canvas.wires.values() if w.look.label]

    assert sorted(texts) == ["", "16×14×14"]
    assert sorted(labels) == ["label", "skip"]


def test_the_card_of_the_data_says_how_many_samples_there_are(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    data = node_named(view.document.graph, "data")
    box = view.canvas.nodes[data].box()
    place = QRectF(hands.at(box.left + 48, box.top + 30), hands.at(box.right, box.bottom - 6))
    before = view.grab(place.toRect()).toImage()

    view.canvas.set_amount("5 400 images")

    assert view.grab(place.toRect()).toImage() != before
    assert "5 400 images" in tip_of(
        view.canvas, view.canvas.hit(QPointF(box.left + 60, box.top + 20))
    )
    view.canvas.set_amount("")
    assert view.grab(place.toRect()).toImage() == before


def test_previews_of_every_kind_are_painted_and_fade_when_they_are_old(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    graph = view.document.graph
    picture = QImage(8, 8, QImage.Format.Format_RGB32)
    picture.fill(QColor("#ff0000"))
    names = ("conv2d", "linear", "max_pool2d", "cross_entropy_loss")
    conv, linear, pool, loss = (node_named(graph, name) for name in names)

    view.set_samples([picture] * 3)
    view.set_previews(
        {
            conv: MapsPreview(lambda most: (picture,) * most),
            linear: BarsPreview((0.2, 1.0, 0.1), 0.0, 1),
            pool: HistogramPreview((0.1, 1.0, 0.4)),
            loss: CurvePreview((1.0, 0.5, 0.2)),
        }
    )

    image = view.grab().toImage()
    box = view.canvas.nodes[conv].box()
    spot = hands.at(box.right - 30, box.top + 29).toPoint()
    assert image.pixelColor(spot).red() > 240
    view.set_previews({conv: MapsPreview(lambda most: (picture,) * most)}, stale=True)
    assert view.grab().toImage().pixelColor(spot).red() < 160
    data = view.canvas.nodes[node_named(graph, "data")].box()
    spot = hands.at(data.right - 30, data.top + 29).toPoint()
    assert image.pixelColor(spot).red() > 240


def test_the_chips_say_the_name_the_state_and_the_zoom(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    conv = node_named(view.document.graph, "conv2d")

    assert view.overlays.trail.words == ["Drawing"]
    view.document.edit("Freeze", lambda graph: set_frozen(graph, [conv], frozen=True))
    assert view.overlays.trail.words == ["Drawing edited"]
    assert view.overlays.live.isHidden()
    view.set_live("live")
    assert view.overlays.live.accessibleName() == "Live previews"
    view.zoom_to(0.5)
    assert view.overlays.zoom._percent.text() == "50\u202f%"
    view.tell("Saved")
    assert view.overlays.notice.text() == "Saved"


def test_the_chip_of_the_state_stands_below_the_name_where_there_is_no_room_beside_it(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(a_residual_cnn())
    trail, live = view.overlays.trail, view.overlays.live
    view.set_live("live")
    assert live.y() == trail.y()

    view.resize(trail.width() + live.width(), 400)
    view.overlays.place()

    assert not live.geometry().intersects(trail.geometry())
    assert live.y() > trail.geometry().bottom()


def test_unused_ports_are_hidden_until_the_pointer_comes_and_can_still_be_drawn_from(
    open_canvas: Open,
) -> None:
    graph = a_small_cnn()
    data = next(node.id for node in graph.nodes.values() if node.kind == "Data")
    (label,) = (link for link in graph.links_from(data) if link.source.port == "label")
    view, hands = open_canvas(disconnect(graph, label))
    place = hands.port(data, "label")
    ring = QRect(place.toPoint() - QPoint(8, 8), QSize(16, 16))

    def is_seen() -> bool:
        image = view.viewport().grab(ring).toImage()
        colours = {image.pixel(x, 4) for x in range(image.width())}
        return len(colours) > 1

    hands.move(QPointF(2, 2), Qt.MouseButton.NoButton)
    assert is_seen()
    view.hide_ports(hidden=True)
    assert not is_seen()
    hands.move(hands.card(data), Qt.MouseButton.NoButton)
    assert is_seen()

    hands.carry(place, hands.port(label.target.node, label.target.port))
    hands.release(hands.port(label.target.node, label.target.port))
    assert label in view.document.graph.links
    hands.move(QPointF(2, 2), Qt.MouseButton.NoButton)
    assert is_seen(), "a port with a wire is no unused one"
