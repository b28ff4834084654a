"""Sets of rows, judged by the lists that they stand for."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import row_sets
from engine.data.row_sets import RowSet, RowSetWriter, first_rows, in_stretches, places_of

CHUNK = 1 << 16


@st.composite
def masks(draw: st.DrawFn) -> npt.NDArray[np.bool_]:
    """Draw masks of more than one chunk, some of whose chunks are empty or full."""
    rows = draw(st.integers(0, 3 * CHUNK))
    mask = np.random.default_rng(draw(st.integers(0, 9))).random(rows) < draw(
        st.sampled_from([0.0, 0.001, 0.5, 1.0])
    )
    if draw(st.booleans()):
        mask[CHUNK : 2 * CHUNK] = draw(st.booleans())
    return mask


@given(mask=masks(), data=st.data())
def test_it_reads_like_the_list_of_its_rows(
    mask: npt.NDArray[np.bool_], data: st.DataObject
) -> None:
    rows, listed = RowSet.of(mask), np.flatnonzero(mask)

    assert len(rows) == len(listed)
    assert np.array_equal(np.asarray(rows), listed)
    if len(listed):
        places = np.array(data.draw(st.lists(st.integers(0, len(listed) - 1), max_size=20)), int)
        begin = data.draw(st.integers(-len(listed), len(listed)))
        assert np.array_equal(rows[places], listed[places])
        assert np.array_equal(rows[begin::3], listed[begin::3])
        assert (rows[-1], rows[0]) == (listed[-1], listed[0])
    numbers = np.array([0, 7, CHUNK - 1, CHUNK, 2 * CHUNK + 9, len(mask), len(mask) + 70_000])
    assert np.array_equal(places_of(rows, numbers), np.searchsorted(listed, numbers))


@given(mask=masks(), cuts=st.lists(st.integers(0, 3 * CHUNK), max_size=5))
def test_written_in_stretches_it_is_the_same(mask: npt.NDArray[np.bool_], cuts: list[int]) -> None:
    writer = RowSetWriter()
    for stretch in np.split(mask, sorted(min(cut, len(mask)) for cut in cuts)):
        writer.add(stretch)

    assert np.array_equal(np.asarray(writer.done()), np.flatnonzero(mask))


def test_rows_are_taken_out_and_sets_united() -> None:
    even, first = RowSet.of(np.arange(100_000) % 2 == 0), RowSet.first(1001)

    assert np.array_equal(first, np.arange(1001))
    assert np.array_equal(
        first.without(np.array([3, 1000, 5000, 10**9])), [*range(3), *range(4, 1000)]
    )
    assert np.array_equal(
        np.asarray(even | first), np.union1d(np.arange(0, 100_000, 2), np.arange(1001))
    )


def test_a_place_beyond_the_end_is_refused() -> None:
    with pytest.raises(IndexError):
        RowSet.first(10)[10]


def test_a_million_rows_take_an_eighth_of_a_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_sets, "MOST_LISTED", 1000)
    rows = first_rows(1_000_000)

    assert isinstance(rows, RowSet) and isinstance(first_rows(1000), np.ndarray)
    assert rows._bits.nbytes < 140_000
    assert np.array_equal(np.concatenate([*in_stretches(rows)]), np.arange(1_000_000))
