import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.plots.series import Series, Smoother, decade_ticks, pushed_apart, round_step, ticks

numbers = st.floats(-1e3, 1e3)


@given(st.lists(st.lists(numbers, max_size=700), max_size=5))
def test_a_series_keeps_every_point_in_order(parts: list[list[float]]) -> None:
    series = Series()
    for part in parts:
        series.extend(part, [-value for value in part])

    flat = [value for part in parts for value in part]

    assert series.x.tolist() == flat
    assert series.y.tolist() == [-value for value in flat]


@given(st.lists(numbers, min_size=1, max_size=60), st.floats(0, 0.99), st.integers(0, 60))
def test_smoothing_in_parts_is_the_weighted_mean_of_all_values_so_far(
    values: list[float], weight: float, cut: int
) -> None:
    smoother = Smoother(weight)
    parts = [smoother.extend(np.array(part, dtype=float)) for part in (values[:cut], values[cut:])]

    weights = [weight**age for age in range(len(values))][::-1]
    expected = np.average(values, weights=weights) if weight else values[-1]

    assert np.concatenate(parts)[-1] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_smoothing_passes_over_what_is_no_number() -> None:
    smooth = Smoother(0.5).extend(np.array([math.nan, 2.0, math.inf, 2.0]))

    assert math.isnan(smooth[0])
    assert smooth[1:].tolist() == [2.0, 2.0, 2.0]


@given(st.floats(1e-6, 1e6), st.integers(1, 8))
def test_a_round_step_covers_the_span_and_is_not_wasteful(span: float, intervals: int) -> None:
    step = round_step(span, intervals)

    assert step * intervals >= span * (1 - 1e-6)
    assert step * intervals <= span * 2.01


def test_ticks_are_multiples_of_the_step_inside_the_range() -> None:
    assert ticks(0.0, 1.2, 0.3) == pytest.approx((0, 0.3, 0.6, 0.9, 1.2))
    assert decade_ticks(0.01, 1.0) == pytest.approx((0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0))


@given(st.lists(st.floats(0, 200), max_size=6))
def test_labels_are_pushed_apart_in_order_and_stay_inside(wanted: list[float]) -> None:
    placed = pushed_apart(wanted, 15, 0, 200)

    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    rising = [placed[index] for index in order]
    assert all(b - a >= 15 - 1e-6 for a, b in itertools.pairwise(rising))
    assert all(-1e-6 <= at <= 200 + 1e-6 for at in placed)


def test_labels_that_are_apart_stay_where_they_are() -> None:
    assert pushed_apart([100.0, 20.0], 15, 0, 200) == [100.0, 20.0]
    assert pushed_apart([50.0, 54.0], 15, 0, 200) == pytest.approx([44.5, 59.5])
