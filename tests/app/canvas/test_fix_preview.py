from collections.abc import Callable
from itertools import combinations

import pytest
from builders import Drawing, a_project, a_residual_cnn, node_named
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from app.document import Document
from app.problems import ProblemsPanel
from app.theme import theme_manager
from app.widgets import Button
from engine.analysis.report import Fix
from engine.graph.composing import make_composite
from engine.graph.edits import set_params
from engine.graph.elements import Graph
from nodes.errors import GraphError


def linear_on_a_map() -> Graph:
    """Return a drawing in which a Linear stands right behind a convolution."""
    drawing = Drawing()
    data = drawing.add("Data")
    conv = drawing.add("Conv2d", after=(data, "image"))
    linear = drawing.add("Linear", after=conv)
    loss = drawing.add("CrossEntropyLoss", after=linear)
    drawing.wire((data, "label"), loss, "target")
    return drawing.graph


class Shown:
    """A canvas and the list of problems beside it."""

    def __init__(self, qtbot: QtBot, graph: Graph) -> None:
        self.document = Document(a_project(graph))
        self.canvas = CanvasView(self.document, theme_manager())
        self.panel = ProblemsPanel(self.document, theme_manager())
        for widget in (self.canvas, self.panel):
            qtbot.addWidget(widget)
            widget.resize(900, 700)
            widget.show()
        self.panel.fix_chosen.connect(self.canvas.editing.apply_in_model)
        self.panel.fix_pointed_at.connect(self.canvas.preview.show_in_model)

    def places(self) -> dict[str, tuple[float, float]]:
        return {n: (i.x(), i.y()) for n, i in self.canvas.canvas.nodes.items()}

    def first_fix(self) -> Fix:
        return self.document.model_report.problems[0].fixes[0]


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot, linear_on_a_map())


def point_at(button: Button, event: QEvent.Type = QEvent.Type.Enter) -> None:
    QApplication.sendEvent(button, QEvent(event))


def test_a_layer_to_be_inserted_is_shown_in_place_and_those_below_make_room(shown: Shown) -> None:
    before, places = shown.document.graph, shown.places()

    shown.canvas.preview.show_in_model(shown.first_fix())

    change = shown.canvas.preview.change
    assert change is not None and len(change.added) == 1
    assert len(change.links_added) == 2 and len(change.links_removed) == 1
    assert shown.places() != places
    assert shown.document.graph is before and shown.document.history.undo_label == ""


def test_leaving_takes_everything_away(shown: Shown) -> None:
    places = shown.places()
    shown.canvas.preview.show_in_model(shown.first_fix())

    shown.canvas.preview.show_in_model(None)

    assert shown.canvas.preview.change is None
    assert shown.places() == places


def test_taking_the_fix_is_one_undo_step_and_ends_the_preview(shown: Shown) -> None:
    before, fix = shown.document.graph, shown.first_fix()
    shown.canvas.preview.show_in_model(fix)

    shown.document.edit_model(fix.label, fix.edit)

    assert shown.canvas.preview.change is None
    assert not shown.document.model_report.errors
    assert shown.places().keys() == shown.document.graph.nodes.keys()
    shown.document.undo()
    assert shown.document.graph == before


def test_the_buttons_of_the_list_show_their_change_while_they_are_pointed_at(shown: Shown) -> None:
    button = next(
        b for b in shown.panel.findChildren(Button) if b.text() == shown.first_fix().label
    )

    point_at(button)
    assert shown.canvas.preview.change is not None
    point_at(button, QEvent.Type.Leave)
    assert shown.canvas.preview.change is None


def test_the_buttons_of_the_card_do_so_by_the_keyboard_too(shown: Shown) -> None:
    shown.canvas.show_problem(shown.document.report.problems[0])
    card = shown.canvas.overlays.card
    button = next(b for b in card.findChildren(Button) if b.text() == shown.first_fix().label)

    point_at(button, QEvent.Type.FocusIn)
    assert shown.canvas.preview.change is not None
    point_at(button, QEvent.Type.FocusOut)
    assert shown.canvas.preview.change is None


def test_a_parameter_to_be_set_shows_the_card_as_it_would_be(qtbot: QtBot) -> None:
    shown = Shown(qtbot, a_residual_cnn())
    linear = node_named(shown.document.graph, "linear")
    fix = Fix(label="Widen", edit=lambda graph: set_params(graph, linear, {"out_features": 33}))

    shown.canvas.preview.show_in_model(fix)

    change = shown.canvas.preview.change
    assert change is not None and change.changed == (linear,)


def a_skip_that_does_not_fit() -> Graph:
    """Return a drawing with a wire around a layer that gives more channels than it takes."""
    drawing = Drawing()
    data = drawing.add("Data")
    conv = drawing.add("Conv2d", after=(data, "image"))
    second = drawing.add("Conv2d", after=conv, out_channels=32)
    add = drawing.add("Add", after=second)
    drawing.wire(conv, add)
    return drawing.graph


def covered(canvas: CanvasView) -> bool:
    boxes = [item.box() for item in canvas.canvas.nodes.values()]
    return any(one.meets(other) for one, other in combinations(boxes, 2))


def test_a_layer_from_the_list_of_problems_covers_no_other_card(qtbot: QtBot) -> None:
    shown = Shown(qtbot, a_skip_that_does_not_fit())
    fix = shown.first_fix()

    shown.canvas.preview.show_in_model(fix)
    change = shown.canvas.preview.change
    shown.panel.fix_chosen.emit(fix)

    assert change is not None and len(change.added) == 1
    assert not covered(shown.canvas)


def test_a_layer_put_into_a_composite_from_outside_covers_no_card_there(qtbot: QtBot) -> None:
    inside = a_skip_that_does_not_fit()
    data = node_named(inside, "data")
    body = [node for node in inside.nodes if node != data]
    graph, composite = make_composite(inside, body, "Block")
    shown = Shown(qtbot, graph)

    shown.panel.fix_chosen.emit(shown.first_fix())
    shown.document.show_level((composite,))

    assert len(shown.canvas.canvas.nodes) == len(body) + 3
    assert not covered(shown.canvas)


def test_a_fix_of_the_recipe_is_carried_out_from_a_card(qtbot: QtBot) -> None:
    shown = Shown(qtbot, linear_on_a_map())
    smaller = Fix(label="Smaller", edit=_nothing, settings={"batch_size": 3})

    shown.canvas.overlays.card.fix_chosen.emit(smaller)

    assert shown.document.project.recipe.batch_size == 3
    shown.document.undo()
    assert shown.document.project.recipe.batch_size != 3


NEAR = 1.0
"""From here cards keep pictures of themselves once they rest."""


@pytest.mark.parametrize("zoom", [NEAR, 0.5, 0.2])
def test_a_preview_is_painted_at_every_zoom(shown: Shown, qtbot: QtBot, zoom: float) -> None:
    shown.canvas.zoom_to(zoom)
    if zoom == NEAR:
        cards = shown.canvas.canvas.nodes.values()
        qtbot.waitUntil(lambda: all(card.cacheMode() != card.CacheMode.NoCache for card in cards))
    plain = shown.canvas.viewport().grab().toImage()

    shown.canvas.preview.show_in_model(shown.first_fix())
    ghost = shown.canvas.viewport().grab().toImage()
    shown.canvas.preview.clear()

    assert ghost != plain
    assert shown.canvas.viewport().grab().toImage() == plain


def _refused(graph: Graph) -> Graph:
    raise GraphError("It cannot be done", why="", hint="")


def _nothing(graph: Graph) -> Graph:
    return graph


@pytest.mark.parametrize("edit", [_nothing, _refused])
def test_what_changes_nothing_shows_nothing(shown: Shown, edit: Callable[[Graph], Graph]) -> None:
    shown.canvas.preview.show_in_model(Fix(label="", edit=edit))

    assert shown.canvas.preview.change is None
