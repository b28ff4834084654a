from builders import a_project, a_residual_cnn
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from app.canvas.tips import tip_of
from app.canvas.view import CanvasView
from app.document import Document
from app.theme import theme_manager


def a_canvas(qtbot: QtBot) -> CanvasView:
    canvas = CanvasView(Document(a_project(a_residual_cnn())), theme_manager())
    qtbot.addWidget(canvas)
    canvas.resize(900, 900)
    canvas.show()
    canvas.zoom_to(1.0)
    return canvas


def test_over_a_shape_the_layers_that_forced_it_light_up_and_go_out_again(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot)
    graph, scene = canvas.document.graph, canvas.canvas
    flat = next(node for node in graph.nodes.values() if node.kind == "Flatten")
    into = next(link for link in graph.links if link.target.node == flat.id)
    place = scene.wires[into].text_box().center()
    hit = scene.hit(place)
    assert hit.link == into and hit.on_text

    scene.hover(scene.wires[into], sizes=True)

    lit = {graph.nodes[n].kind for n, item in scene.nodes.items() if item.state.linked}
    assert lit == {"MaxPool2d", "Conv2d"}
    assert sum(wire.look.traced for wire in scene.wires.values()) > 2

    scene.hover(None)
    assert not any(item.state.linked for item in scene.nodes.values())
    assert not any(wire.look.traced for wire in scene.wires.values())


def test_the_words_say_why_a_size_is_what_it_is(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot)
    graph, scene = canvas.document.graph, canvas.canvas
    pool = next(node for node in graph.nodes.values() if node.kind == "MaxPool2d")
    out = next(link for link in graph.links if link.source.node == pool.id)
    wire = next(w for link, w in scene.wires.items() if link.source == out.source and w.look.text)

    words = tip_of(scene, scene.hit(wire.text_box().center()))

    assert "16×⌊H/2⌋×⌊W/2⌋" in words
    assert "MaxPool2d: 16×28×28 → 16×14×14" in words


def test_beside_the_shape_the_wire_alone_is_told(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot)
    scene = canvas.canvas
    wire = next(iter(scene.wires.values()))
    middle = wire.path().pointAtPercent(0.5)

    hit = scene.hit(QPointF(middle.x(), middle.y()))

    assert hit.link == wire.link and not hit.on_text
    assert "In letters" not in tip_of(scene, hit)
