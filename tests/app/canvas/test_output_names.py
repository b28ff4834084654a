"""Outputs named on the canvas."""

from collections.abc import Callable

from builders import a_residual_cnn, a_small_cnn, node_named
from canvas_hands import Hands, undo_label
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.canvas.title_field import TitleField
from app.canvas.view import CanvasView
from engine.graph.elements import Graph

Open = Callable[[Graph], tuple[CanvasView, Hands]]


def _answer(view: CanvasView, text: str) -> None:
    field = view.findChild(TitleField)
    assert isinstance(field, TitleField) and field.isVisible()
    field.setText(text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_the_name_of_an_output_stands_before_its_shape(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, _ = open_canvas(graph)
    link = next(graph.links_from(node_named(graph, "max_pool2d")))
    view.document.select((), link=link)

    view.name_output()
    _answer(view, "my features")

    assert undo_label(view) == "Name output of MaxPool2d"
    assert view.canvas.wires[link].look.text.split() == ["my_features", "4×14×14"]
    view.document.undo()
    assert view.canvas.wires[link].look.text == "4×14×14"


def test_a_field_of_the_data_keeps_its_name(open_canvas: Open) -> None:
    graph = a_small_cnn()
    view, _ = open_canvas(graph)
    view.document.select([node_named(graph, "data")])

    view.name_output()

    assert not view.findChild(TitleField).isVisible()
    assert view.document.graph == graph


def test_the_count_of_a_frame_makes_way_for_what_is_written_beside_the_wire(
    open_canvas: Open,
) -> None:
    graph = a_residual_cnn()
    view, _ = open_canvas(graph)
    frame = view.canvas.frames[graph.frames[0].id]
    entering = [
        wire
        for link, wire in view.canvas.wires.items()
        if link.target.node in graph.frames[0].nodes
        and link.source.node not in graph.frames[0].nodes
        and wire.look.text
    ]
    before = frame.look.words_right

    view.editing.name_output(entering[0].link.source, "features")

    assert before < frame.look.words_right == entering[0].text_box().right()
