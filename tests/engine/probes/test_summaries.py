import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.probes.summaries import SAMPLED, summarise

shapes = st.lists(st.integers(1, 7), min_size=1, max_size=4)


@given(shapes, st.integers(0, 2**32 - 1), st.floats(-1e4, 1e4), st.floats(1e-3, 1e3))
def test_the_moments_agree_with_numpy(
    shape: list[int], seed: int, offset: float, spread: float
) -> None:
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(shape, generator=generator) * spread + offset
    judge = values.double().numpy()

    found = summarise(values, bins=20)

    scale = np.abs(judge).max() * 1e-5
    assert found.mean == pytest.approx(judge.mean(), abs=scale)
    assert found.deviation == pytest.approx(judge.std(), rel=1e-3, abs=scale)
    assert (found.low, found.high) == (judge.min(), judge.max())


def test_the_histogram_is_numpys() -> None:
    values = torch.randn(8, 60, generator=torch.Generator().manual_seed(1))

    found = summarise(values, bins=20)

    counts, edges = np.histogram(values.double().numpy(), 20)
    assert found.counts == tuple(counts)
    assert (found.bin_low, found.bin_high) == (edges[0], edges[-1])


def test_the_quantiles_are_numpys_over_the_values_that_are_not_zero() -> None:
    values = torch.relu(torch.randn(3000, generator=torch.Generator().manual_seed(2)))
    judge = values.double().numpy()

    found = summarise(values, bins=20)

    shares = [0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98]
    np.testing.assert_allclose(found.quantiles, np.quantile(judge[judge != 0], shares))
    assert found.zeros == pytest.approx((judge == 0).mean())


def test_large_tensors_are_sampled_evenly_over_rows_and_columns() -> None:
    # The value is its column: a step that divides the width would meet few of them.
    values = torch.arange(64.0).repeat(20_000)

    found = summarise(values, bins=64)

    assert sum(found.counts) <= SAMPLED
    assert min(found.counts) > 0.8 * max(found.counts)


def test_values_that_are_no_numbers_are_counted_and_left_out() -> None:
    values = torch.tensor([1.0, 3.0, math.nan, math.inf])

    found = summarise(values, bins=4)

    assert found.not_finite == 0.5
    assert (found.mean, found.low, found.high) == (2.0, 1.0, 3.0)
    assert sum(found.counts) == 2


@pytest.mark.parametrize("values", [torch.empty(0), torch.full((4,), math.nan)])
def test_nothing_to_describe_gives_zeros_and_no_histogram(values: torch.Tensor) -> None:
    found = summarise(values, bins=4)

    assert (found.mean, found.deviation, found.counts, found.quantiles) == (0.0, 0.0, (), ())


def test_a_constant_has_a_histogram_around_it() -> None:
    found = summarise(torch.full((5,), 2.0), bins=5)

    assert found.deviation == 0
    assert found.bin_low < 2 < found.bin_high
    assert found.counts == (0, 0, 5, 0, 0)


def test_moments_of_numbers_too_large_to_square_are_finite() -> None:
    found = summarise(torch.tensor([1e30, 3e30]), bins=4)

    assert found.deviation == pytest.approx(1e30, rel=1e-6)
