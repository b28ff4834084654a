"""The constants of a column are those of numpy, and few of its values are held."""

import numpy as np
import pytest

from engine.data.large.constants import Moments


def test_moments_of_blocks_are_those_of_the_whole_and_hold_few_of_its_values() -> None:
    values = np.random.default_rng(0).normal(3, 2, 10_000)
    moments = Moments()

    for block in np.split(values, 10):
        moments.add(block, 100)

    assert (moments.mean, moments.deviation) == pytest.approx((values.mean(), values.std()))
    assert moments.median == np.median(values[::100])
    held = [some if some.base is None else some.base for some in moments.some]
    assert sum(len(some) for some in held) == 100
