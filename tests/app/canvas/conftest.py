from collections.abc import Callable, Iterator

import pytest
from canvas_hands import Hands, canvas_of
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from engine.graph.elements import Graph

Open = Callable[[Graph], tuple[CanvasView, Hands]]


@pytest.fixture
def open_canvas(qtbot: QtBot) -> Iterator[Open]:
    """Return a function that shows a drawing and gives hands to edit it."""
    opened: list[CanvasView] = []

    def show(graph: Graph) -> tuple[CanvasView, Hands]:
        view = canvas_of(graph)
        qtbot.addWidget(view)
        opened.append(view)
        return view, Hands(view)

    yield show
    for view in opened:
        view.document.close()
