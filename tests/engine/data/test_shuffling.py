import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import shuffling
from engine.data.shuffling import WindowedOrder, epoch_order, spread_over, windowed_order

sizes = st.lists(st.integers(0, 40), min_size=2, max_size=12)


def bounds(counts: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


@given(counts=sizes, window=st.integers(1, 6), seed=st.integers(0, 9), epoch=st.integers(0, 9))
def test_blocks_are_dealt_in_windows_and_no_sample_is_lost(
    counts: list[int], window: int, seed: int, epoch: int
) -> None:
    blocks = bounds(counts)

    order = windowed_order(blocks, seed=seed, epoch=epoch, window=window)

    assert sorted(order) == list(range(sum(counts)))
    of_sample = np.searchsorted(blocks, order, side="right") - 1
    # Between the first and the last sample of a block there are samples of one window alone.
    for block in np.unique(of_sample):
        places = np.flatnonzero(of_sample == block)
        between = of_sample[places[0] : places[-1] + 1]
        assert len(np.unique(between)) <= window


@given(seed=st.integers(0, 2**31 - 1), epoch=st.integers(0, 999))
def test_one_block_is_shuffled_as_a_whole(seed: int, epoch: int) -> None:
    order = windowed_order(bounds([50]), seed=seed, epoch=epoch)

    assert order.tolist() == epoch_order(50, seed=seed, epoch=epoch).tolist()


def test_epochs_deal_blocks_and_samples_anew() -> None:
    blocks = bounds([10] * 8)

    orders = {windowed_order(blocks, seed=0, epoch=e, window=2).tobytes() for e in range(20)}

    assert len(orders) == 20


@given(
    counts=sizes,
    window=st.integers(1, 6),
    seed=st.integers(0, 9),
    ends=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=6),
)
def test_an_order_that_is_computed_as_it_is_read_is_the_same(
    counts: list[int], window: int, seed: int, ends: list[tuple[int, int]]
) -> None:
    blocks = bounds([*counts, 5])
    listed = np.asarray(windowed_order(blocks, seed=seed, epoch=3, window=window))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shuffling, "MOST_LISTED", 0)
        order = windowed_order(blocks, seed=seed, epoch=3, window=window)

    assert isinstance(order, WindowedOrder) and len(order) == len(listed)
    for begin, end in ends:
        assert np.array_equal(np.asarray(order[begin:end]), listed[begin:end])
        assert np.array_equal(np.asarray(order[begin:][:end]), listed[begin:][:end])


@given(
    counts=st.lists(st.integers(0, 40), min_size=1, max_size=60).filter(any),
    count=st.integers(1, 200),
)
def test_places_are_spread_over_few_blocks_from_the_first_to_the_last(
    counts: list[int], count: int
) -> None:
    blocks = bounds(counts)

    places = spread_over(blocks, count)

    assert len(places) == count and (np.diff(places) >= 0).all() and places[0] == 0
    assert places[-1] == (sum(counts) - 1 if count > 1 else 0)
    read = np.unique(np.searchsorted(blocks, places, side="right"))
    assert len(read) <= 16
    if count <= sum(counts) and np.count_nonzero(counts) <= 16:
        assert len(np.unique(places)) == count
