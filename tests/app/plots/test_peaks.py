import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.plots.series import Series

LENGTHS = st.lists(st.integers(1, 700), min_size=1, max_size=5)


def a_series(lengths: list[int], seed: int) -> Series:
    rng, series, done = np.random.default_rng(seed), Series(), 0
    for length in lengths:
        values = rng.normal(size=length)
        values[rng.random(length) < 0.02] = np.nan
        series.extend(np.arange(done, done + length), values)
        series.thinned(0, done, 10)  # as a plot asks between two blocks of steps
        done += length
    return series


@given(LENGTHS, st.integers(0, 9), st.floats(0, 1), st.floats(0, 1), st.integers(2, 40))
@settings(max_examples=60, deadline=None)
def test_few_points_have_the_extremes_of_all_between_two_places(
    lengths: list[int], seed: int, one: float, two: float, most: int
) -> None:
    series = a_series(lengths, seed)
    low, high = sorted((one * len(series), two * len(series)))
    first = max(0, int(np.searchsorted(series.x, low)) - 1)
    last = min(len(series), int(np.searchsorted(series.x, high, side="right")) + 1)
    every = series.y[first:last]

    xs, ys = series.thinned(low, high, most)

    assert len(xs) == len(ys) <= 32 * most + 2 * 64 + 2
    assert np.all(np.diff(xs) >= 0)
    if np.isfinite(every).any():
        assert np.nanmin(ys) == np.nanmin(every) and np.nanmax(ys) == np.nanmax(every)
    if len(every) <= 32 * most:
        assert np.array_equal(ys, every, equal_nan=True)


@given(LENGTHS, st.integers(0, 9), st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_a_curve_that_went_back_forgets_its_extremes(
    lengths: list[int], seed: int, share: float
) -> None:
    series = a_series(lengths, seed)
    series.cut(share * len(series))
    series.extend([10_000.0 + k for k in range(200)], [50.0 + k for k in range(200)])

    _, ys = series.thinned(-1, 20_000, 10)

    assert np.nanmax(ys) == 249.0
    assert np.nanmin(ys) == np.nanmin(series.y)


def test_a_curve_of_a_thousand_steps_keeps_each_of_them() -> None:
    series = a_series([1064], 0)

    xs, _ = series.thinned(0, 1064, 620)

    assert len(xs) == 1064


def test_a_million_points_are_drawn_as_few() -> None:
    series = Series()
    series.extend(np.arange(1e6), np.sin(np.arange(1e6)))

    xs, _ = series.thinned(0, 1e6, 1500)

    assert 700 <= len(xs) <= 1500 + 130
