"""Which layer Activations stays with, seen on the canvas and set by a key."""

import pytest
from builders import a_small_cnn, node_named
from canvas_hands import canvas_of
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from app.pinning import Pinning
from app.probes.panel import ActivationsPanel


@pytest.fixture
def shown(qtbot: QtBot) -> tuple[CanvasView, ActivationsPanel, Pinning]:
    view, panel = canvas_of(a_small_cnn()), ActivationsPanel()
    qtbot.addWidget(view)
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.pin)

    def follow() -> None:
        for node in view.document.selection if not panel.is_pinned else ():
            panel.show_node(node, "", "", "conv")

    view.document.selection_changed.connect(follow)
    return view, panel, Pinning(view.document, view, panel, follow)


def _pins(view: CanvasView) -> list[str]:
    return [node for node, item in view.canvas.nodes.items() if item.state.pinned]


def test_the_key_pins_the_selected_layer_then_another_then_none(
    shown: tuple[CanvasView, ActivationsPanel, Pinning],
) -> None:
    view, panel, pinning = shown
    conv, pool = (node_named(view.document.graph, name) for name in ("conv2d", "max_pool2d"))
    view.document.select([conv])
    pinning.pin()
    view.document.select([pool])
    assert _pins(view) == [conv] == [panel.node]

    pinning.pin()
    assert _pins(view) == [pool] == [panel.node]
    pinning.pin()
    assert _pins(view) == [] and not panel.is_pinned


def test_letting_go_of_the_pin_shows_the_selected_layer_at_once(
    shown: tuple[CanvasView, ActivationsPanel, Pinning],
) -> None:
    view, panel, pinning = shown
    conv, pool = (node_named(view.document.graph, name) for name in ("conv2d", "max_pool2d"))
    view.document.select([conv])
    pinning.pin()
    view.document.select([pool])

    panel.pin.click()

    assert panel.node == pool


def test_a_card_that_comes_back_by_undo_still_has_its_pin(
    shown: tuple[CanvasView, ActivationsPanel, Pinning],
) -> None:
    view, _, pinning = shown
    conv = node_named(view.document.graph, "conv2d")
    view.document.select([conv])
    pinning.pin()
    view.delete_selected()
    view.document.undo()
    assert _pins(view) == [conv]
