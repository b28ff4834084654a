import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from app.probes.layer_history import LayerHistory
from app.probes.panel import ActivationsPanel
from app.theme import theme_manager
from engine.training.events import LayerProbe, ProbeTaken, RunStarted, SamplesChosen
from engine.training.questions import ExcitingFound, FindExciting

STARTED = RunStarted(
    run="r",
    project="digits",
    device="CPU",
    threads=1,
    parameters=1,
    epochs=12,
    steps=40,
    batch_size=64,
    training_samples=1,
    validation_samples=1,
)
SAMPLES = SamplesChosen(
    shape=(1, 4, 4), pixels=bytes(8 * 16), labels=tuple("52738094"), classes=tuple("0123456789")
)


def conv(mean: float = 0.28, channels: int = 16) -> LayerProbe:
    return LayerProbe(
        node="conv",
        form="maps",
        shape=(16, 4, 4),
        pixels=np.full((channels, 4, 4), 51, dtype=np.uint8).tobytes(),
        channels=tuple(range(channels)),
        low=0.0,
        high=2.0,
        mean=mean,
        deviation=0.403,
        zeros=0.322,
        dead=(9, 11),
        quantiles=(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
        gradient_norm=0.141,
        weight_norm=3.31,
        channel_means=(mean,) * channels if channels == 16 else (),
    )


LINEAR = LayerProbe(node="linear", form="bars", shape=(3,), values=(1.0, -2.0, 0.5))
ADD = LayerProbe(node="add", form="histogram", shape=(900,), counts=(1, 5, 2), bin_high=3.0)


def taken(*layers: LayerProbe, epoch: float = 1.0, sample: int = 0) -> ProbeTaken:
    prediction = tuple(0.91 if digit == 5 else 0.01 for digit in range(10))
    return ProbeTaken(step=1, epoch=epoch, sample=sample, layers=layers, prediction=prediction)


def a_panel(qtbot: QtBot, *events: ProbeTaken, node: str = "conv") -> ActivationsPanel:
    panel = ActivationsPanel()
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.pin)
    panel.resize(851, 507)
    panel.show_node(node, node, "Conv2d + ReLU · 16 channels · 14 × 14", "conv")
    panel.show()
    panel.show_events([STARTED, SAMPLES, *events])
    panel.redraw()
    return panel


def test_a_layer_that_nobody_looked_at_yet_is_said_to_be_one(qtbot: QtBot) -> None:
    panel = a_panel(qtbot)

    assert panel._empty.isVisible()
    assert "not been looked at" in panel._empty.accessibleName()


def test_the_figures_of_the_layer_are_listed(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv()))

    assert panel.figures.lines == {
        "Mean": "0.280",
        "Std deviation": "0.403",
        "Zeros": "32.2\u202f%",
        "Dead channels": "2 of 16",
        "Gradient norm": "0.141",
        "Weight norm": "3.31",
    }


def test_the_form_of_the_output_decides_how_it_is_shown(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv(), LINEAR, ADD))
    shown = []
    for node in ("conv", "linear", "add"):
        panel.show_node(node, node, "", "linear")
        views = (panel.output.grid, panel.output.bars, panel.output.histogram)
        shown.append([view.isVisible() for view in views])

    assert shown == [[True, False, False], [False, True, False], [False, False, True]]


@pytest.mark.parametrize("maps", [3, 6])
def test_a_preview_of_some_maps_does_not_replace_all_of_them(qtbot: QtBot, maps: int) -> None:
    panel = a_panel(qtbot, taken(conv()), taken(conv(mean=9.0, channels=maps)))

    assert panel.figures.lines["Mean"] == "0.280"


def test_a_preview_without_figures_claims_none(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(LINEAR), node="linear")
    without = dict(panel.figures.lines)

    panel.show_events([taken(msgspec.structs.replace(LINEAR, mean=0.5)), taken(LINEAR)])
    panel.redraw()

    assert without == {}
    assert panel.figures.lines["Mean"] == "0.500"


def test_the_newest_probe_is_drawn_without_being_asked(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv()))

    panel.show_events([taken(conv(mean=0.5), epoch=2.0)])

    qtbot.waitUntil(lambda: panel.figures.lines["Mean"] == "0.500")


def test_a_click_on_a_sample_asks_for_it(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv()))

    with qtbot.waitSignal(panel.sample_chosen) as chosen:
        where = panel.strip._cell(3).center().toPoint()
        qtbot.mouseClick(panel.strip, Qt.MouseButton.LeftButton, pos=where)

    assert chosen.args == [3]


def test_a_probe_of_the_sample_before_does_not_turn_the_choice_back(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv()))
    panel.strip.choose(3)

    panel.show_events([taken(conv(), sample=0)])
    during = panel.strip.chosen
    panel.show_events([taken(conv(), sample=3), taken(conv(), sample=1)])

    assert (during, panel.strip.chosen) == (3, 1)


def test_a_text_is_read_where_a_picture_would_stand(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv()))
    panel.show_events(
        [msgspec.structs.replace(SAMPLES, texts=("good film", "dull")), taken(conv(), sample=1)]
    )
    qtbot.waitUntil(lambda: not panel._words.isHidden())

    assert "dull" in panel._words.text() and panel._picture.isHidden()
    panel.show_events([SAMPLES, taken(conv(), sample=1)])
    qtbot.waitUntil(lambda: panel._words.isHidden())
    assert not panel._picture.isHidden()


def test_a_click_on_a_channel_is_announced(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv()))

    with qtbot.waitSignal(panel.channel_chosen) as chosen:
        where = panel.output.grid.cell(5).center().toPoint()
        qtbot.mouseClick(panel.output.grid, Qt.MouseButton.LeftButton, pos=where)

    assert chosen.args == [5]
    assert panel.output.grid.line == "Channel 5 selected · mean 0.400 · max 0.400"


def test_the_prediction_names_the_likeliest_class(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv()))

    assert panel.prediction.accessibleDescription() == "5, 91.0"


def test_the_pin_keeps_the_layer(qtbot: QtBot) -> None:
    panel = a_panel(qtbot)
    panel.pin.show()

    with qtbot.waitSignal(panel.pinned):
        qtbot.mouseClick(panel.pin, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))

    assert panel.is_pinned
    assert panel.pin.text() == "Pinned"


@pytest.mark.parametrize("height", [430, 507])
def test_all_rows_and_figures_have_room_before_pictures_are_large(
    qtbot: QtBot, height: int
) -> None:
    panel = a_panel(qtbot, taken(conv()))
    panel.resize(851, height)
    view = next(a for a in panel.findChildren(QScrollArea) if a.accessibleName() == "Layer")

    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() == 0)

    assert panel._picture.height() == (134 if height == 430 else 164)


def test_a_narrow_panel_gives_its_room_to_the_maps(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv()))
    was_shown = panel.figures.isVisible()

    panel.resize(430, 507)

    qtbot.waitUntil(lambda: not panel.figures.isVisible())
    assert was_shown
    assert panel.width() == 430


def test_samples_change_their_ink_with_the_theme(qtbot: QtBot) -> None:
    theme_manager().choose("dark")
    panel = a_panel(qtbot, taken(conv()))
    before = panel._pictures[0].pixelColor(0, 0)

    theme_manager().choose("light")

    assert panel._pictures[0].pixelColor(0, 0) != before


def test_a_long_run_keeps_a_few_hundred_points_from_its_start_to_its_end() -> None:
    history = LayerHistory()
    for index in range(20_000):
        history.add(index / 100, conv())

    assert len(history.epochs) == len(history.quantiles) <= 600
    assert history.epochs[0] < 2
    assert history.epochs[-1] > 198
    assert history.epochs == sorted(history.epochs)


def test_a_moment_that_is_looked_at_later_stands_where_it_was() -> None:
    history = LayerHistory()
    for epoch in (0.0, 3.0, 7.0, 2.0, 3.0):
        history.add(epoch, conv())
    assert history.epochs == [0.0, 2.0, 3.0, 7.0]

    history.forget_after(3.0)
    history.add(3.5, conv())

    assert history.epochs == [0.0, 2.0, 3.0, 3.5]
    assert len(history.quantiles) == 4


def test_a_channel_that_is_chosen_shows_what_excites_it(qtbot: QtBot) -> None:
    panel = ActivationsPanel()
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.pin)
    panel.show_node("conv", "conv2d", "Conv2d", "conv")

    with qtbot.waitSignal(panel.asked) as asked:
        panel.output.channel_chosen.emit(5)
    assert asked.args == [FindExciting(node="conv", channel=5)]
    told = ExcitingFound(
        node="conv",
        channel=5,
        step=1,
        epoch=1.0,
        places=(9, 4),
        strengths=(2.5, 2.0),
        labels=("cat", "cat"),
        sample_shape=(1, 2, 2),
        pixels=bytes(8),
    )
    panel.show_events([told])

    row = panel.exciting
    assert not row.isHidden() and row.words == "cat cat, 2.50 to 2.00"
    with qtbot.waitSignal(row.sample_chosen) as chosen:
        row.strip.choose(1)
    assert chosen.args == [4]
    panel.show_node("other", "linear", "Linear", "linear")
    assert row.isHidden()


def test_a_pinned_layer_stays_while_others_are_looked_into(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv(), LINEAR))
    panel.resize(1200, 500)

    panel.keep.click()
    panel.show_node("linear", "scores", "Linear", "linear")

    assert panel.kept.nodes == ("conv",)
    assert panel.kept.panes["conv"].output.grid.isVisible()
    assert panel.output.bars.isVisible()


def test_a_pinned_layer_goes_by_its_button_or_by_the_pin(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv()))
    panel.keep_layer()

    panel.kept.panes["conv"].closed.emit("conv")
    assert panel.kept.nodes == () and not panel.kept.isVisible()

    panel.keep_layer()
    panel.keep_layer()
    assert panel.kept.nodes == ()


def test_a_fourth_pin_lets_go_of_the_first(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(conv(), LINEAR, ADD))

    for node in ("a", "b", "c", "d"):
        panel.show_node(node, node, "", "conv")
        panel.keep_layer()

    assert panel.kept.nodes == ("b", "c", "d")


def test_pinned_layers_follow_the_run(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, taken(LINEAR), node="linear")
    panel.keep_layer()
    panel.show_node("conv", "conv", "", "conv")

    panel.show_events([taken(conv(), msgspec.structs.replace(LINEAR, values=(7.0, 1.0, 2.0)))])
    panel.redraw()

    assert "7.00" in panel.kept.panes["linear"].output.bars.accessibleDescription()
