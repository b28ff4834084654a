import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap
from pytestqt.qtbot import QtBot

from app.figures import figure
from app.plots.bars import BarList
from app.plots.distribution import DistributionPlot
from app.plots.histogram import Histogram
from app.plots.sparkline import Sparkline
from app.theme import font, theme_manager


def test_the_largest_bar_is_named_and_in_the_accent_colour(qtbot: QtBot) -> None:
    theme_manager().choose("dark")
    bars = BarList()
    qtbot.addWidget(bars)
    bars.resize(200, 30)

    bars.show_values(["cat", "dog"], [0.1, 0.9])

    image = bars.grab().toImage()
    ratio = image.devicePixelRatio()
    inside = image.pixelColor(round(60 * ratio), round(22.5 * ratio))
    assert bars.accessibleDescription() == "dog, 90.0"
    assert inside == theme_manager().theme.colours.accent


def test_bars_of_plain_values_start_at_zero_wherever_that_is(qtbot: QtBot) -> None:
    bars = BarList(percent=False)
    qtbot.addWidget(bars)
    bars.show_values([], [-1.0, 3.0])

    assert bars._extent(-1.0) == (0.0, 0.25)
    assert bars._extent(3.0) == (0.25, 1.0)


def test_bars_of_infinite_values_reach_to_their_side_and_the_others_keep_their_scale(
    qtbot: QtBot,
) -> None:
    bars = BarList(percent=False)
    qtbot.addWidget(bars)
    bars.show_values([], [-1.0, 3.0, float("nan"), float("-inf"), float("inf")])
    bars.grab()

    assert bars._extent(-1.0) == (0.0, 0.25)
    assert bars._extent(float("-inf")) == (0.0, 0.25)
    assert bars._extent(float("inf")) == (0.25, 1.0)
    assert bars.accessibleDescription() == "4, ∞"


def test_no_name_is_cut_that_has_room(qtbot: QtBot) -> None:
    bars = BarList()
    qtbot.addWidget(bars)
    bars.resize(260, 30)
    pixmap = QPixmap(1, 1)
    painter = QPainter(pixmap)
    middle, shown = Qt.TextElideMode.ElideMiddle, []
    names = ["good", "bad", "yes", "Ankle boot", "spam", "five stars"]

    for name in names:
        bars.show_values([name], [0.7])
        room = bars._name_px(painter)
        painter.setFont(font("micro", weight=600))
        shown.append(painter.fontMetrics().elidedText(name, middle, math.ceil(room)))
    painter.end()

    assert shown == names


def test_no_number_runs_into_its_bar(qtbot: QtBot) -> None:
    bars = BarList(percent=False)
    qtbot.addWidget(bars)
    bars.resize(260, 30)
    bars.show_values(["cat", "dog"], [-2.04e-13, 1e-13])
    pixmap = QPixmap(1, 1)
    painter = QPainter(pixmap)

    room = bars._number_px(painter)

    assert room > painter.fontMetrics().horizontalAdvance(figure(-2.04e-13))
    painter.end()


def test_a_distribution_covers_the_run_and_all_its_bands(qtbot: QtBot) -> None:
    plot = DistributionPlot("Distribution")
    qtbot.addWidget(plot)
    plot.resize(246, 200)

    plot.show_distribution(
        12, [1.0, 2.0], [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], [0, 1, 2, 3, 4, 5, 6]]
    )
    plot.grab()

    assert plot.x_view == (0, 12)
    assert plot.y_view[0] <= 0 and plot.y_view[1] >= 6


def test_a_single_look_is_seen_in_a_distribution(qtbot: QtBot) -> None:
    plot = DistributionPlot()
    qtbot.addWidget(plot)

    plot.show_distribution(3, [1.0], [[0, 1, 2, 3, 4, 5, 6]])

    across, median = plot._median.getData()
    assert across[0] < 1.0 < across[1] and median.tolist() == [3.0, 3.0]
    assert len(plot.table().rows) == 1


def test_an_empty_distribution_is_drawn(qtbot: QtBot) -> None:
    plot = DistributionPlot()
    qtbot.addWidget(plot)

    plot.show_distribution(3, [], [])

    assert not plot.grab().isNull()


@pytest.mark.parametrize("looks", [119, 121, 122, 239, 5000])
def test_many_looks_are_drawn_as_few_as_can_be_told_apart(qtbot: QtBot, looks: int) -> None:
    plot = DistributionPlot()
    qtbot.addWidget(plot)
    x = np.linspace(0, 9, looks)
    quantiles = np.sort(np.random.default_rng(0).normal(size=(looks, 7)), axis=1)
    quantiles[7] = np.nan

    plot.show_distribution(9, x.tolist(), quantiles.tolist())

    across, median = plot._median.getData()
    assert len(across) <= 121 and (np.diff(across) > 0).all()
    assert (across[0], across[-1]) == (0, 9)
    assert (median[0], median[-1]) == (quantiles[0, 3], quantiles[-1, 3])
    assert median.mean() == pytest.approx(np.nanmean(quantiles[:, 3]), abs=0.05)
    assert len(plot.table().rows) == looks


def test_a_histogram_says_its_range(qtbot: QtBot) -> None:
    histogram = Histogram()
    qtbot.addWidget(histogram)

    histogram.show_counts([1, 0, 5], -1.0, 2.0, category="norm")
    histogram.grab()

    assert histogram.accessibleDescription() == "Values from −1.00 to 2.00"


def test_a_sparkline_leaves_out_what_is_no_number(qtbot: QtBot) -> None:
    line = Sparkline()
    qtbot.addWidget(line)
    line.resize(70, 20)

    line.show_values([1.0, float("nan"), 2.0])

    points = line._points()
    assert len(points) == 2
    assert points[0].y() > points[1].y()
