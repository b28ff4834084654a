"""Which shapes are written beside wires."""

from collections.abc import Callable
from itertools import permutations

import pytest
from builders import a_residual_cnn, node_named
from canvas_hands import Hands
from PySide6.QtCore import Qt

from app.canvas.hits import Hit
from app.canvas.tips import tip_of
from app.canvas.view import CanvasView
from engine.graph.elements import Graph

Open = Callable[[Graph], tuple[CanvasView, Hands]]


def _written(view: CanvasView) -> list[str]:
    return [item.look.text for item in view.canvas.wires.values() if item.look.text]


def test_on_change_leaves_out_what_a_layer_passes_on_as_it_came(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    report = view.document.report
    changing = {
        str(tensor)
        for node in report.nodes.values()
        for tensor in node.outputs.values()
        if node.inputs is None or str(tensor) not in [str(t[0]) for _, t in node.inputs.key()]
    }
    all_of_them = _written(view)

    view.write_shapes("change")

    assert set(_written(view)) <= changing
    assert 0 < len(_written(view)) < len(all_of_them)
    view.write_shapes("all")
    assert _written(view) == all_of_them


def test_off_writes_only_what_is_selected(open_canvas: Open) -> None:
    view, _ = open_canvas(a_residual_cnn())
    view.write_shapes("off")
    assert _written(view) == []

    view.document.select([node_named(view.document.graph, "max_pool2d")])

    assert len(_written(view)) == 2


@pytest.mark.parametrize("shown", [True, False])
def test_the_batch_is_written_on_demand(open_canvas: Open, shown: bool) -> None:
    view, _ = open_canvas(a_residual_cnn())
    view.write_batch(shown=shown)
    assert all(text.startswith("N×") == shown for text in _written(view))


def test_values_stand_beside_the_wires_that_are_asked_for_and_in_every_tip(
    open_canvas: Open,
) -> None:
    graph = a_residual_cnn()
    view, hands = open_canvas(graph)
    pool, conv = node_named(graph, "max_pool2d"), node_named(graph, "conv2d")
    ends = [next(graph.links_from(node)).source for node in (pool, conv)]
    view.set_ranges({ends[0]: (-0.5, 2.0), ends[1]: (0.0, 7.25)})
    assert not any("…" in text for text in _written(view))

    view.document.select([pool])
    hands.key(Qt.Key.Key_V)
    assert [text for text in _written(view) if "…" in text] == ["16×14×14  −0.500 … 2.00"]
    view.document.select(())
    hands.key(Qt.Key.Key_V)
    assert len([text for text in _written(view) if "…" in text]) == 2
    hands.key(Qt.Key.Key_V)
    assert not any("…" in text for text in _written(view))

    wire = next(graph.links_from(conv))
    assert tip_of(view.canvas, Hit("wire", link=wire)).endswith("From 0 to 7.25 when last seen")


def test_values_that_nobody_knows_are_not_promised(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    told: list[str] = []
    view.status.connect(told.append)

    hands.key(Qt.Key.Key_V)

    assert len(told) == 1 and "Train" in told[0]


def test_long_values_are_written_over_no_other_wire(open_canvas: Open) -> None:
    view, hands = open_canvas(a_residual_cnn())
    ends = {link.source for link in view.document.graph.links}
    view.set_ranges(dict.fromkeys(ends, (-0.000123, 45_600.0)))

    hands.key(Qt.Key.Key_V)

    wires = view.canvas.wires.values()
    assert any("…" in wire.look.text for wire in wires)
    for one, other in permutations(wires, 2):
        assert not other.stroke().intersects(one.text_box())
