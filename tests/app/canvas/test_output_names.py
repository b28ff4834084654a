"""Outputs named on the canvas."""

from collections.abc import Callable

from builders import a_small_cnn, node_named
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
