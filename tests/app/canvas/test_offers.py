"""What quick add offers, and in which order."""

from collections.abc import Callable
from pathlib import Path

import pytest
from builders import a_nested_cnn, a_small_cnn, node_named
from canvas_hands import Hands, steps
from msgspec.structs import replace
from own_texts import SCALED
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView

from app.canvas.offers import Place, offered
from app.canvas.uses import Uses
from app.canvas.view import CanvasView
from app.settings import Settings
from engine.analysis.verdict import Prediction
from engine.graph.elements import End, Graph
from engine.project.blocks import ready_made_blocks
from engine.project.layer_files import layer_block
from nodes.catalogue import LAYERS
from nodes.following import FIRST, usual_after
from nodes.sizes import BATCH
from nodes.tensors import TensorType

Open = Callable[[Graph], tuple[CanvasView, Hands]]


def _offered(view: CanvasView, behind: str) -> list[str]:
    view.document.select([node_named(view.document.graph, behind)])
    view.open_quick_add()
    return [row.kind for row in view.adding.list.rows()]


def test_before_a_word_is_typed_what_usually_follows_comes_first(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())

    assert _offered(view, "conv2d")[:3] == ["Conv2d", "BatchNorm2d", "MaxPool2d"]
    assert _offered(view, "flatten")[0] == "Linear"
    behind_pooling = _offered(view, "max_pool2d")[:8]
    assert not {"Data", "MaxPool2d"} & set(behind_pooling)


@pytest.mark.parametrize("sizes", [(10,), (20, 64), (3, 8, 8), (2, 4, 8, 8)])
def test_what_usually_follows_exists(sizes: tuple[int, ...]) -> None:
    followers = usual_after("Reshape", TensorType((BATCH, *sizes)))
    assert followers and {*followers, *FIRST} <= LAYERS.keys()


def test_layers_added_last_come_first_and_are_remembered(open_canvas: Open, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    view, _ = open_canvas(a_small_cnn())
    view.adding.uses.keep_in(settings)
    view.document.select([node_named(view.document.graph, "conv2d")])
    view.add_layer("GELU")
    view.add_layer("GELU")
    view.add_layer("Dropout2d")

    assert _offered(view, "conv2d")[:2] == ["Dropout2d", "GELU"]
    again = Uses()
    again.keep_in(settings)
    assert again.recent == ("Dropout2d", "GELU") and again.of("GELU") == 2


def test_of_layers_that_fit_a_word_equally_well_the_one_used_more_comes_first(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(a_small_cnn())
    field = view.adding.list._field
    _offered(view, "conv2d")
    field.setText("adaptive")
    assert view.adding.list.rows()[0].kind == "AdaptiveAvgPool2d"
    view.adding.uses.note("AdaptiveMaxPool2d")
    field.setText("adaptiv")
    assert view.adding.list.rows()[0].kind == "AdaptiveMaxPool2d"


def test_what_is_called_exactly_as_was_typed_comes_first(
    open_canvas: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = ready_made_blocks()[0]
    named = {key: replace(one, name="Pair") for key, one in block.definitions.items()}
    own = replace(block, definitions=named)
    monkeypatch.setattr("app.canvas.offers.all_blocks", lambda _drawn: (own,))
    view, _ = open_canvas(a_small_cnn())
    _offered(view, "conv2d")

    view.adding.list._field.setText("pair")

    titles = [row.title for row in view.adding.list.rows()]
    assert titles[0] == "Pair" and "PairwiseDistance" in titles[1:]


def test_a_layer_of_a_package_is_found_by_the_name_of_the_package(
    open_canvas: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = layer_block(SCALED, Path("acme-layers"))
    monkeypatch.setattr("app.canvas.offers.all_blocks", lambda _drawn: (one,))
    view, _ = open_canvas(a_small_cnn())
    _offered(view, "conv2d")

    view.adding.list._field.setText("acme layers")

    assert [row.title for row in view.adding.list.rows()] == ["Scaled"]


def test_a_block_is_found_by_name_with_its_shape_and_put_into_the_chain(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())
    _offered(view, "conv2d")
    view.adding.list._field.setText("inception")
    row = view.adding.list.rows()[0]
    assert row.title == "Inception module" and row.prediction.text

    QTest.keyClick(view.adding.list._field, Qt.Key.Key_Return)

    (added,) = view.document.selection
    graph = view.document.graph
    before = next(graph.links_into(added)).source
    assert before.node == node_named(graph, "conv2d") and steps(view) == 1
    shape = next(iter(view.document.report.nodes[added].outputs.values()))
    assert str(shape) == row.prediction.text


def test_the_drawings_own_composites_are_offered_and_a_use_more_follows_the_same_definition(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(a_nested_cnn())
    assert "block:drawn/composite/residual" in _offered(view, "conv2d")[:20]
    popup = view.adding.list
    popup._field.setText("resid")
    row = popup.rows()[0]
    assert (row.title, row.note, row.prediction.text) == ("Residual", "this drawing", "16×28×28")

    QTest.keyClick(popup._field, Qt.Key.Key_Return)

    (added,) = view.document.selection
    graph = view.document.graph
    assert graph.nodes[added].definition == "residual" and list(graph.definitions) == ["residual"]
    assert next(graph.links_into(added)).source.node == node_named(graph, "conv2d")
    assert str(next(iter(view.document.report.nodes[added].outputs.values()))) == "16×28×28"


def test_a_block_feeds_the_input_that_a_wire_was_pulled_from(open_canvas: Open) -> None:
    view, _ = open_canvas(a_nested_cnn())
    graph = view.document.graph
    linear = End(node_named(graph, "linear"), "x")
    view.ask_for_layer(QPointF(40, 40), at=(900.0, 300.0), target=linear)
    view.adding.list._field.setText("resid")

    QTest.keyClick(view.adding.list._field, Qt.Key.Key_Return)

    (added,) = view.document.selection
    graph = view.document.graph
    assert next(link for link in graph.links if link.target == linear).source.node == added
    assert graph.nodes[added].position == (900.0, 300.0) and not any(graph.links_into(added))


def test_a_composite_is_not_offered_inside_of_itself(open_canvas: Open) -> None:
    view, _ = open_canvas(a_nested_cnn())
    view.document.show_level((node_named(view.document.graph, "residual"),))

    view.open_quick_add()

    assert not any(row.block for row in view.adding.list.rows())


def test_what_replaces_a_layer_is_of_its_sort_before_anything_else(open_canvas: Open) -> None:
    view, _ = open_canvas(a_small_cnn())
    view.document.select([node_named(view.document.graph, "max_pool2d")])

    view.replace_selected()

    kinds = [row.kind for row in view.adding.list.rows()]
    assert {LAYERS[kind].info.category for kind in kinds[:5]} == {"pool"}
    assert kinds[0] != "MaxPool2d"


def test_the_row_below_the_pointer_is_told_and_left_when_the_list_closes(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(a_small_cnn())
    _offered(view, "conv2d")
    popup = view.adding.list
    told: list[tuple[str, QRect] | None] = []
    popup.pointed_at.connect(lambda kind, row: told.append((kind, row)))
    popup.left.connect(lambda: told.append(None))

    rows = popup.findChild(QListView)
    assert rows is not None
    QTest.mouseMove(rows.viewport(), rows.visualRect(rows.model().index(1, 0)).center())
    assert told[-1] is not None and told[-1][0] == popup.rows()[1].kind
    assert QRect(popup.mapToGlobal(QPoint()), popup.size()).contains(told[-1][1])

    QTest.keyClick(popup._field, Qt.Key.Key_Escape)
    assert told[-1] is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("linear 128 relu", "Linear"),
        ("linear 784 sigmoid", "Linear"),
        ("leaky relu", "LeakyReLU"),
        ("conv relu", "Conv2d"),
        ("softmax", "Softmax"),
    ],
)
def test_a_layer_that_is_named_comes_before_those_whose_other_words_fit(
    typed: str, first: str
) -> None:
    place = Place(predict=lambda kind, params: Prediction(fits=True, text=""))

    assert offered(typed, place, Uses())[0].kind == first


def test_what_is_not_there_is_told_and_an_activation_behind_a_layer_is_fused(
    open_canvas: Open,
) -> None:
    view, _ = open_canvas(a_small_cnn())
    view.document.select([node_named(view.document.graph, "conv2d")])
    view.open_quick_add()
    popup = view.adding.list

    QTest.keyClicks(popup._field, "nosuchlayer")
    assert not popup.rows() and not popup._list.isVisible()
    assert popup._nothing.isVisible() and "nosuchlayer" in popup._nothing.accessibleName()
    popup._field.clear()
    QTest.keyClicks(popup._field, "conv 12 relu")
    assert popup._list.isVisible() and not popup._nothing.isVisible()
    QTest.keyClick(popup._field, Qt.Key.Key_Return)

    (added,) = view.document.selection
    assert view.document.graph.nodes[added].params == {"out_channels": 12, "activation": "ReLU"}
