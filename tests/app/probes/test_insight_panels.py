"""Weights, Gradients and Map, fed with events as a run sends them."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.probes.gradients_panel import GradientsPanel
from app.probes.map_panel import MapPanel
from app.probes.weights_panel import WeightsPanel
from app.theme import current_theme
from engine.training.events import EpochEnded, RunFailed, RunStarted
from engine.training.insight import GradientsTaken, LayerGradient, LayerMapped, WeightsTaken
from engine.training.questions import ArrangeLayer, LayerArranged, MomentShown, NotAnswered

STARTED = RunStarted(
    run="r",
    project="digits",
    device="cpu",
    threads=1,
    parameters=1,
    epochs=12,
    steps=40,
    batch_size=64,
    training_samples=1,
    validation_samples=1,
)
NODE = ("conv", "conv2d_1", "Conv2d", "conv")


def filters() -> WeightsTaken:
    pixels = np.zeros((6, 3, 3), np.int8)
    pixels[4, 0, 0], pixels[4, 1, 1] = 127, -127
    return WeightsTaken(
        node="conv",
        step=3,
        name="weight",
        shape=(3, 2, 3, 3),
        form="filters",
        pixels=pixels.tobytes(),
        maps=6,
        rows=3,
        columns=3,
        largest=0.5,
        low=-0.5,
        high=0.5,
        counts=(1, 52, 1),
        norm=0.7071,
        zeros=0.963,
        parameters=57,
        singular_values=(0.7, 0.1, 0.0),
        update_ratio=0.0021,
    )


def test_a_layer_without_weights_is_said_to_have_none(qtbot: QtBot) -> None:
    panel = WeightsPanel()
    qtbot.addWidget(panel)
    panel.show_events([STARTED])
    panel.show_node("pool", "pool_1", "MaxPool2d", "pool")
    before = panel._empty.accessibleName()
    panel.show_events([WeightsTaken(node="pool", step=3, name="", shape=(), form="none")])

    assert "no weights" not in before, "nobody has looked yet"
    assert panel._empty.accessibleName() == "pool_1 has no weights."


def test_weights_that_are_no_numbers_any_more_are_said_so(qtbot: QtBot) -> None:
    panel = WeightsPanel()
    qtbot.addWidget(panel)
    panel.show_node(*NODE)
    panel.show_events([STARTED, replace(filters(), norm=float("nan"), largest=float("nan"))])

    assert panel._stack.currentWidget() is panel._empty
    assert panel._empty.accessibleName().startswith("Weights of conv2d_1 grew beyond")
    panel.show_events([filters()])
    assert panel._stack.currentWidget() is panel._content


def test_filters_are_shown_with_zero_as_the_surface(qtbot: QtBot) -> None:
    panel = WeightsPanel()
    qtbot.addWidget(panel)
    panel.resize(800, 480)
    panel.show()
    panel.show_node(*NODE)
    panel.show_events([STARTED, filters()])

    image = panel.grid._images[4]
    theme = current_theme()
    assert image.pixelColor(0, 0) == theme.diverging_map[-1]
    assert image.pixelColor(1, 1) == theme.diverging_map[0] or image.pixelColor(1, 1).blue() > 200
    near_zero, surface = image.pixelColor(2, 2), theme.diverging_map[1]
    assert abs(near_zero.lightness() - surface.lightness()) <= 4
    assert panel.grid.sentence(4).startswith("Output 2, input 0")
    assert "largest 0.500" in panel.grid.sentence(4)


def test_the_figures_of_the_weights_are_listed(qtbot: QtBot) -> None:
    panel = WeightsPanel()
    qtbot.addWidget(panel)
    panel.show_node(*NODE)
    panel.show_events([STARTED, filters()])

    assert panel.lines["Shape"] == "3×2×3×3"
    assert panel.lines["Parameters"] == "57"
    assert panel.lines["Norm"] == "0.707"
    assert panel.lines["Update / weight"] == "0.00210"


def gradients(*values: float) -> GradientsTaken:
    layers = tuple(
        LayerGradient(node=f"n{place}", gradient=value, weight=1.0, update_ratio=value / 10)
        for place, value in enumerate(values)
    )
    return GradientsTaken(step=7, layers=layers)


def test_a_gradient_ten_thousand_times_smaller_has_no_bar(qtbot: QtBot) -> None:
    panel = GradientsPanel()
    qtbot.addWidget(panel)
    taken = gradients(1.0, 0.1, 0.01, 1e-4)
    panel.show_events([STARTED, taken])

    shares = [panel.flow.share(layer) for layer in taken.layers]

    assert shares == pytest.approx([1.0, 0.75, 0.5, 0.0])


def test_a_layer_that_hardly_learns_is_marked(qtbot: QtBot) -> None:
    panel = GradientsPanel()
    qtbot.addWidget(panel)
    panel.resize(700, 400)
    panel.show()
    taken = gradients(0.01, 1e-7)
    panel.show_events([STARTED, taken])

    assert [panel.flow.is_unusual(layer) for layer in taken.layers] == [False, True]
    assert panel._advice.isVisible()


def test_gradients_of_a_past_moment_take_the_place_of_those_before(qtbot: QtBot) -> None:
    panel = GradientsPanel()
    qtbot.addWidget(panel)
    panel.show()
    past = replace(gradients(0.25), step=3, is_retaken=True)

    panel.show_events([STARTED, gradients(1.0, 0.5), past])
    words = panel._title.accessibleName()
    panel.show_events([replace(past, layers=())])

    assert "step 3" in words and "once more" in words
    assert panel._empty.isVisible() and "no gradients" in panel._empty.accessibleName()


def test_a_run_that_broke_off_says_where_its_gradients_are_seen(qtbot: QtBot) -> None:
    panel = GradientsPanel()
    qtbot.addWidget(panel)
    panel.show()

    panel.show_events([STARTED, RunFailed(title="Out of memory"), gradients()])

    assert panel._empty.isVisible() and "Choose it in Runs" in panel._empty.accessibleName()


def test_a_click_on_a_row_asks_for_its_layer(qtbot: QtBot) -> None:
    panel = GradientsPanel()
    qtbot.addWidget(panel)
    panel.resize(700, 400)
    panel.show()
    panel.show_node_names({"n1": "linear_1"})
    panel.show_events([STARTED, gradients(1.0, 0.5)])

    with qtbot.waitSignal(panel.node_requested) as asked:
        at = panel.flow.rect().topLeft()
        at.setX(20)
        at.setY(24 + 30 + 10)
        QTest.mouseClick(panel.flow, Qt.MouseButton.LeftButton, pos=at)

    assert asked.args == ["n1"]
    assert "linear_1 0.500" in panel.flow.accessibleDescription()


def test_the_right_button_on_a_row_asks_for_no_layer(qtbot: QtBot) -> None:
    panel = GradientsPanel()
    qtbot.addWidget(panel)
    panel.resize(700, 400)
    panel.show()
    panel.show_events([STARTED, gradients(1.0, 0.5)])

    with qtbot.assertNotEmitted(panel.node_requested):
        QTest.mouseClick(panel.flow, Qt.MouseButton.RightButton, pos=QPoint(20, 24 + 30 + 10))


def a_map() -> LayerMapped:
    points = np.array([[0, 0], [1, 0], [10, 10], [11, 10]], np.float32)
    neighbours = np.array([[1], [0], [3], [2]], np.int32)
    return LayerMapped(
        node="conv",
        step=3,
        epoch=2.0,
        points=points.tobytes(),
        explained=(0.6, 0.3),
        features=3000,
        used_features=1000,
        places=np.array([0, 2, 4, 6], np.int32).tobytes(),
        truths=np.array([0, 0, 1, 1], np.int32).tobytes(),
        called=np.array([0, 1, 1, 1], np.int32).tobytes(),
        neighbours=neighbours.tobytes(),
        similarities=np.full((4, 1), 0.9, np.float32).tobytes(),
        names=("ant", "bee"),
        sample_shape=(1, 2, 2),
        pixels=bytes(16),
    )


@pytest.fixture
def mapped(qtbot: QtBot) -> MapPanel:
    panel = MapPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 480)
    panel.show()
    panel.show_node(*NODE)
    panel.show_events([STARTED, a_map()])
    return panel


def test_neighbours_in_one_number_are_told_by_their_difference(mapped: MapPanel) -> None:
    mapped._show_sample(0)
    before = mapped._measure.accessibleName()

    mapped.show_events([replace(a_map(), features=1, used_features=1)])
    mapped._show_sample(0)

    assert "cosine" in before and "difference" in mapped._measure.accessibleName()
    assert "1 value ·" in mapped._note.text()


def test_neighbours_that_are_texts_are_told_by_how_they_begin(mapped: MapPanel) -> None:
    texts = ("good tea", "fine tea", "stale", "bad")

    mapped.show_events([replace(a_map(), pixels=b"", texts=texts)])
    mapped._show_sample(0)

    nearest = int(np.frombuffer(a_map().neighbours, np.int32).reshape(4, -1)[0, 0])
    own, *_, last = mapped.neighbours.accessibleDescription().split("; ")
    assert own == "ant good tea" and last.endswith(texts[nearest])


def arranged(points: list[float], iteration: int, *, is_first: bool = False) -> LayerArranged:
    return LayerArranged(
        node="conv",
        points=np.array(points, np.float32).tobytes(),
        iteration=iteration,
        iterations=750,
        mapped=a_map() if is_first else None,
    )


def test_a_layer_without_a_map_says_why_until_another_is_chosen(qtbot: QtBot) -> None:
    panel = MapPanel()
    qtbot.addWidget(panel)
    panel.show_node(*NODE)
    panel.show_events([STARTED, NotAnswered(question="map", title="No map", why="None.")])
    refused = panel._empty.accessibleName()

    panel.show_node("other", "other", "Linear", "linear")

    assert refused == "No map. None."
    assert "No map" not in panel._empty.accessibleName()


def test_samples_are_arranged_by_t_sne_until_they_have_arrived(
    mapped: MapPanel, qtbot: QtBot
) -> None:
    asked: list[ArrangeLayer] = []
    mapped.asked.connect(asked.append)

    mapped.method.segment("tsne").click()
    assert asked == [ArrangeLayer(node="conv", seconds=0.1)]
    assert not mapped.map.isVisible(), "there is nothing to show yet"

    mapped.show_events([arranged([0, 0, 1, 1, 2, 2, 3, 3], 300, is_first=True)])
    assert mapped.map.isVisible() and "40.0" in mapped._note.text()
    assert mapped.map.table().rows[3][1:3] == ("3.00", "3.00")
    qtbot.waitUntil(lambda: asked[-1] == ArrangeLayer(node="conv", is_new=False, seconds=0.1))

    mapped.show_events([arranged([0, 9, 1, 1, 2, 2, 3, 3], 750)])
    assert "way" not in mapped._note.text()
    assert mapped.map.table().rows[0][1:3] == ("0", "9.00")
    mapped.arranging._ask()
    assert len(asked) == 2, "they have arrived"

    mapped.method.segment("pca").click()
    assert mapped.map.table().rows[0][1:3] != ("0", "9.00")


@pytest.mark.parametrize("is_there", [True, False])
def test_umap_is_offered_where_it_is_installed_and_else_says_how(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    found = object() if is_there else None
    monkeypatch.setattr("importlib.util.find_spec", lambda name: found if name == "umap" else None)

    panel = MapPanel()
    qtbot.addWidget(panel)

    umap = panel.method.segment("umap")
    assert umap.isEnabled() == is_there
    assert ("pip install" in umap.toolTip()) != is_there


def test_another_way_of_arranging_begins_anew(mapped: MapPanel) -> None:
    asked: list[ArrangeLayer] = []
    mapped.asked.connect(asked.append)
    mapped.method.segment("tsne").click()
    mapped.show_events([arranged([0, 0, 1, 1, 2, 2, 3, 3], 750, is_first=True)])

    mapped.arranging.use("umap")

    assert asked[-1] == ArrangeLayer(node="conv", method="umap", seconds=0.1)
    assert not mapped.map.isVisible(), "those of t-SNE are not taken for those of UMAP"


def test_a_layer_that_cannot_be_arranged_says_why(mapped: MapPanel) -> None:
    mapped.method.segment("tsne").click()

    mapped.show_events([NotAnswered(question="arrange_layer", title="No place", hint="Choose.")])

    assert "No place" in mapped._empty.accessibleName()


def test_a_map_of_another_moment_is_faded_until_a_new_one_comes(mapped: MapPanel) -> None:
    def strongest() -> int:
        image = mapped.map.grab().toImage()
        at = mapped.map.point(3)
        return image.pixelColor(at.toPoint()).saturation()

    fresh = strongest()
    moments = (
        MomentShown(step=1, epoch=0.5, is_now=False),
        MomentShown(step=3, epoch=2, is_now=True),
    )
    mapped.show_events(moments[:1])
    assert strongest() < fresh and "epoch 2" in mapped._note.text()
    mapped.show_events(moments[1:])
    assert strongest() == fresh

    epochs = [EpochEnded(epoch=epoch, step=3, training_loss=1.0, seconds=1.0) for epoch in (3, 4)]
    mapped.show_events(epochs[:1])
    assert strongest() == fresh, "it is of the epoch that ended just now"
    mapped.show_events(epochs[1:])
    assert strongest() < fresh
    mapped.show_events([replace(a_map(), epoch=4.0)])
    assert strongest() == fresh


def test_wrong_samples_are_hollow(mapped: MapPanel) -> None:
    assert [mapped.map.is_wrong(sample) for sample in range(4)] == [False, True, False, False]
    assert (
        mapped._note.text()
        == "1\u202f000 of 3\u202f000 values, in even steps · 4 samples · epoch 2"
    )


def test_both_axes_have_one_scale_and_up_is_more(mapped: MapPanel) -> None:
    first, second, third = (mapped.map.point(sample) for sample in range(3))

    assert second.x() - first.x() == pytest.approx((third.x() - first.x()) / 10)
    assert third.x() - first.x() == pytest.approx(first.y() - third.y())


def test_the_pointer_shows_a_sample_and_its_neighbours(mapped: MapPanel, qtbot: QtBot) -> None:
    QTest.mouseMove(mapped.map, mapped.map.point(1).toPoint())

    qtbot.waitUntil(lambda: bool(mapped.neighbours.words))
    assert mapped._sample.accessibleName() == "Sample 2 label ant, read as bee"
    assert mapped.neighbours.words == ("ant", "ant 0.90")


def test_a_click_looks_at_the_sample_of_the_validation_data(mapped: MapPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(mapped.sample_chosen) as chosen:
        at = mapped.map.point(3).toPoint()
        QTest.mouseClick(mapped.map, Qt.MouseButton.LeftButton, pos=at)

    assert chosen.args == [6]
