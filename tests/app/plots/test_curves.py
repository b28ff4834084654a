import csv
import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.figures import figure
from app.plots import save_curves
from app.plots.curves import CurvePlot
from app.plots.menu import curve_menu
from app.plots.series import CurveData
from app.plots.tables import show_table
from app.theme import font, theme_manager
from nodes.errors import RunError


def a_plot(qtbot: QtBot, *, epochs: float = 10, steps: int = 1000) -> CurvePlot:
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)
    plot.resize(420, 240)
    plot.start(epochs)
    xs = [epochs * (step + 1) / steps for step in range(steps)]
    plot.add_training(xs, [1 / (1 + x) for x in xs])
    for epoch in range(1, int(epochs) + 1):
        plot.add_validation(epoch, 1.2 / (1 + epoch))
    plot.redraw()
    return plot


def drag(qtbot: QtBot, plot: CurvePlot, start: float, end: float) -> None:
    y = round(plot.plot_box.center().y())
    places = [QPoint(round(plot.x_px(x)), y) for x in (start, end)]
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=places[0])
    qtbot.mouseMove(plot, places[1])
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=places[1])


def test_the_axis_covers_the_whole_run_from_its_start(qtbot: QtBot) -> None:
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)

    plot.start(12)
    plot.add_training([0.1], [2.0])
    plot.redraw()

    assert plot.x_view == (0, 12)


@pytest.mark.parametrize("size", [0.1, 40_000.0, 3.2e28])
def test_the_numbers_beside_the_curves_are_whole(qtbot: QtBot, size: float) -> None:
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)
    plot.resize(420, 240)
    plot.start(1)
    plot.add_training([0.5, 1.0], [size, size / 2])

    plot.redraw()

    widest = max(
        QFontMetricsF(font("micro")).horizontalAdvance(text) for _, text in plot._y_ticks()
    )
    assert 0 < widest < plot.plot_box.left()


@pytest.mark.parametrize("value", [0.00628, 0.000204, 36_170.0, 3.2e28])
def test_what_the_curves_came_to_is_written_whole_behind_their_ends(
    qtbot: QtBot, value: float
) -> None:
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)
    plot.resize(420, 240)
    plot.start(1)

    plot.add_training([0.5, 1.0], [value, value])
    plot.redraw()

    behind = plot.width() - plot.x_px(1)
    words = f"Train {figure(value)}"
    assert behind >= 8 + QFontMetricsF(font("small", weight=500)).horizontalAdvance(words)


def test_the_steep_beginning_does_not_flatten_the_rest(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    plot.start(10)
    xs = [step / 100 for step in range(1, 1001)]
    plot.add_training(xs, [100.0 if x < 0.1 else 0.5 for x in xs])
    plot.set_smoothing(0)

    assert plot.y_view[1] < 2


def test_a_percentage_ends_at_a_hundred(qtbot: QtBot) -> None:
    plot = CurvePlot("Accuracy, %", percent=True)
    qtbot.addWidget(plot)
    plot.resize(420, 240)
    plot.start(2)
    plot.add_training([1, 2], [0.84, 0.9])
    plot.redraw()

    low, high = plot.y_view
    assert high == 100
    assert 50 <= low < 84
    assert plot.latest == pytest.approx(0.87, abs=0.01)


@pytest.mark.parametrize("worst", [0.0, 0.08, 0.5, 0.84, 0.97, 0.9995, 1.0])
def test_the_grid_of_a_percentage_always_has_a_hundred(qtbot: QtBot, worst: float) -> None:
    plot = CurvePlot("Accuracy, %", percent=True)
    qtbot.addWidget(plot)
    plot.resize(420, 200)
    plot.start(2)
    plot.add_training([1, 1.5, 2], [worst, worst, 1.0])
    plot.set_smoothing(0)

    values = [value for value, _ in plot._y_ticks()]

    assert values[-1] == pytest.approx(100)
    assert plot.y_view[0] <= max(worst * 100, 0)


def test_a_drag_zooms_and_a_double_click_goes_back(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)

    drag(qtbot, plot, 3, 6)
    zoomed = plot.x_view
    qtbot.mouseDClick(plot, Qt.MouseButton.LeftButton, pos=plot.plot_box.center().toPoint())

    assert zoomed == pytest.approx((3, 6), abs=0.05)
    assert plot.x_view == (0, 10)


def watched(qtbot: QtBot) -> tuple[CurvePlot, list[QEvent]]:
    """Return a plot in a window that stands, and what is painted of its curves from now on."""
    window = QWidget()
    qtbot.addWidget(window)
    plot = a_plot(qtbot)
    QVBoxLayout(window).addWidget(plot)
    painted: list[QEvent] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.append(event)
            return False

    plot._view.viewport().installEventFilter(Watch(window))
    window.show()
    qtbot.waitUntil(lambda: bool(painted))
    qtbot.wait(30)
    painted.clear()
    return plot, painted


def test_another_stretch_is_painted_once(qtbot: QtBot) -> None:
    plot, painted = watched(qtbot)

    plot.zoom(2, 5)
    qtbot.waitUntil(lambda: bool(painted))
    qtbot.wait(30)

    assert len(painted) == 1


def test_a_plot_that_is_as_faded_as_before_is_not_painted(qtbot: QtBot) -> None:
    plot, painted = watched(qtbot)

    plot.set_faded(faded=False)
    qtbot.wait(30)
    assert not painted

    plot.set_faded(faded=True)
    qtbot.waitUntil(lambda: bool(painted))


def test_a_click_does_not_zoom(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)

    drag(qtbot, plot, 3, 3)

    assert not plot.is_zoomed


def test_the_pointer_reads_the_epoch_under_it(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    beside = a_plot(qtbot)
    plot.hovered.connect(beside.point_at)
    plot.show()

    with qtbot.waitSignal(plot.hovered) as moved:
        qtbot.mouseMove(plot, QPoint(round(plot.x_px(4)), 100))

    assert moved.args == [pytest.approx(4, abs=0.05)]
    assert plot.pointer_x == beside.pointer_x == pytest.approx(4, abs=0.05)


def test_where_the_run_has_not_come_to_there_is_nothing_to_read(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    plot.start(20)
    plot.add_training([1.0, 4.5], [0.25, 0.25])
    plot.add_validation(4, 0.3)

    assert [text for text, *_ in plot._readings(4.5)] == ["Train 0.250", "Val 0.300"]
    assert plot._readings(4.6) == []


def test_smoothing_nothing_shows_the_values_themselves(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)

    plot.set_smoothing(0)

    assert plot.latest == pytest.approx(1 / 11)


def test_a_short_run_is_smoothed_less_unless_the_person_chose(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    fitting = []
    for steps in (100, 1000, 100_000):
        plot.start(10, steps)
        fitting.append(plot.smoothing)

    plot.set_smoothing(0.5)
    plot.start(10, 1000)

    assert fitting == pytest.approx([0.75, 0.95, 0.99])
    assert plot.smoothing == 0.5


def test_a_run_begins_on_a_log_scale_that_was_chosen_in_the_one_before(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    plot.set_log_scale(on=True)

    plot.start(10)

    assert plot.log_y and plot.y_view == (0.1, 1.0)


def test_a_log_scale_spans_whole_decades(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)

    plot.set_log_scale(on=True)

    assert plot.y_view == pytest.approx((0.01, 1.0))
    assert plot.y_px(0.1) == pytest.approx(plot.plot_box.center().y())


def test_losses_that_are_no_number_leave_the_plot_usable(qtbot: QtBot) -> None:
    plot = a_plot(qtbot, epochs=3)

    plot.add_training([3.0], [math.nan])
    plot.add_validation(3, math.inf)
    plot.redraw()
    plot.grab()

    assert all(math.isfinite(end) for end in plot.y_view)


def test_a_reader_hears_the_newest_epoch(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)

    assert plot.accessibleName() == "Loss per epoch"
    assert "epoch 10" in plot.accessibleDescription()
    assert "validation 0.109, falling" in plot.accessibleDescription()


def test_the_file_of_values_has_every_step_and_epoch(qtbot: QtBot, tmp_path: Path) -> None:
    plot = a_plot(qtbot, epochs=4, steps=8)

    plot.save_csv(tmp_path / "loss.csv")

    rows = list(csv.DictReader((tmp_path / "loss.csv").read_text().splitlines()))
    assert [float(row["training"]) for row in rows if row["training"]] == [
        pytest.approx(1 / (1 + 0.5 * step)) for step in range(1, 9)
    ]
    assert [row["epoch"] for row in rows if row["validation"]] == ["1.0", "2.0", "3.0", "4.0"]


def test_the_menu_turns_the_scale_and_the_zoom(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    plot.zoom(2, 3)
    actions = {action.text(): action for action in curve_menu(plot).actions()}

    actions["Log Scale"].trigger()
    actions["Reset Zoom"].trigger()

    assert plot.log_y
    assert not plot.is_zoomed


def test_a_plot_follows_the_theme(qtbot: QtBot) -> None:
    theme_manager().choose("dark")
    plot = a_plot(qtbot)
    dark = ink(plot.picture())

    theme_manager().choose("light")
    light = ink(plot.picture())

    assert dark != light
    assert theme_manager().theme.colours.val.name() in light


def ink(image: QImage) -> set[str]:
    step = 2
    return {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), step)
        for y in range(0, image.height(), step)
    }


def test_curves_are_saved_as_a_picture(qtbot: QtBot, tmp_path: Path) -> None:
    curve = CurveData(
        title="Loss",
        epochs=2,
        training=([0.5, 1, 1.5, 2], [2.0, 1.0, 0.5, 0.4]),
        validation=([1, 2], [0.9, 0.5]),
        best_epoch=2,
    )

    save_curves(tmp_path / "curves.png", [curve, curve], "dark")

    image = QImage(str(tmp_path / "curves.png"))
    assert image.width() > image.height()
    colours = ink(image)
    assert theme_manager().theme.colours.train.name() in colours
    assert theme_manager().theme.colours.val.name() in colours


def test_nothing_to_draw_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no curves"):
        save_curves(tmp_path / "curves.png", [], "dark")


def test_a_run_that_went_back_shows_nothing_of_what_came_after(qtbot: QtBot) -> None:
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)
    plot.start(4, 400)
    plot.add_training([0.5, 1.0, 1.5, 2.0], [4.0, 3.0, 2.0, 1.0])
    plot.add_validation(1, 3.5)
    plot.add_validation(2, 3.0)
    plot.mark_event(1.5, "Learning rate 0.1")
    before = CurvePlot("Loss")
    qtbot.addWidget(before)
    before.start(4, 400)
    before.add_training([0.5, 1.0], [4.0, 3.0])

    plot.go_back(1.0)

    assert plot.latest == before.latest
    assert plot._validation.x.tolist() == [1]
    assert not len(plot.marks)


def test_what_was_changed_is_said_where_the_pointer_is_near(qtbot: QtBot) -> None:
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)
    plot.resize(600, 300)
    plot.start(4, 400)
    plot.add_training([0.5, 1.0, 1.5, 2.0], [4.0, 3.0, 2.0, 1.0])

    plot.mark_event(1.5, "Learning rate 0.1")
    plot.redraw()

    assert plot.marks.near(1.51) == ["Learning rate 0.1"]
    assert plot.marks.near(0.5) == []


def filled(qtbot: QtBot) -> CurvePlot:
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.start(4, 40)
    plot.add_training(np.linspace(0.1, 4, 40), np.linspace(2, 0.4, 40).tolist())
    for epoch in range(1, 5):
        plot.add_validation(epoch, 2 / epoch)
    plot.redraw()
    return plot


def test_a_plot_is_a_table_of_its_epochs_as_well(qtbot: QtBot) -> None:
    plot = filled(qtbot)

    table = show_table(plot, plot.table())

    assert [row.cells[0] for row in table.table.rows] == ["1", "2", "3", "4"]
    assert [row.cells[2] for row in table.table.rows] == ["2.00", "1.00", "0.667", "0.500"]
    table.close()


def test_a_plot_is_a_drawing_that_stays_sharp(qtbot: QtBot) -> None:
    drawn = filled(qtbot).svg()

    root = ElementTree.fromstring(drawn)
    paths = list(root.iter("{http://www.w3.org/2000/svg}polyline"))
    assert root.tag.endswith("svg")
    assert paths or b"<path" in drawn
    assert b"Loss" in drawn


def test_other_runs_lie_behind_with_a_colour_and_a_name_of_their_own(qtbot: QtBot) -> None:
    plot = filled(qtbot)

    for number in range(7):
        plot.show_other(f"run {number}", np.array([1.0, 2.0]), np.array([3.0, 2.5 + number]))

    curves = plot.others.curves
    assert [curve.name for curve in curves] == [f"run {number}" for number in range(2, 7)]
    assert len({plot.others.colour(place).rgb() for place in range(5)}) == 5
    assert plot.others.readings(2.0)[0][2] == 4.5
    assert plot.y_view[1] >= 8.5, "the axis has room for them"
    plot.others.clear()
    assert plot.others.readings(2.0) == []


def test_a_cursor_reads_the_curves_where_it_stands(qtbot: QtBot) -> None:
    plot = filled(qtbot)
    before = plot.picture()

    plot.set_cursor(2.0)

    assert plot.picture() != before
    plot.set_cursor(None)
    assert plot.picture() == before
