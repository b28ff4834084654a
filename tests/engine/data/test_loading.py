import threading
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import psutil
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.builtin import open_data_set
from engine.data.loading import (
    Batch,
    Feed,
    MemoryFeed,
    StreamFeed,
    batches_per_epoch,
    open_feed,
)
from engine.data.memory import room_within
from engine.data.shuffling import epoch_order
from engine.data.spec import ArrayDataSet, DataSpec
from nodes.errors import DataError, UsageError
from nodes.io import DataField

CPU = torch.device("cpu")
FIELDS = ("image", "label")


def a_feed(*, in_memory: bool, samples: int = 50) -> Feed:
    room = 10**9 if in_memory else 0
    return open_feed(open_data_set("digits"), np.arange(samples), FIELDS, CPU, bytes_in_memory=room)


def all_of(batches: Iterator[Batch]) -> list[tuple[torch.Tensor, ...]]:
    return [tuple(batch[name].clone() for name in FIELDS) for batch in batches]


def test_small_data_lives_in_memory_and_large_data_is_read_as_it_is_needed() -> None:
    assert isinstance(a_feed(in_memory=True), MemoryFeed)
    assert isinstance(a_feed(in_memory=False), StreamFeed)


@pytest.mark.parametrize(("limit", "kind"), [("1KB", StreamFeed), ("2 GB", MemoryFeed)])
def test_what_samples_may_take_can_be_set(
    monkeypatch: pytest.MonkeyPatch, limit: str, kind: type
) -> None:
    monkeypatch.setenv("LAYERLOOM_MEMORY", limit)

    assert isinstance(open_feed(open_data_set("digits"), np.arange(50), FIELDS, CPU), kind)


def test_half_of_what_the_process_has_left_is_for_samples() -> None:
    taken = psutil.Process().memory_info().rss

    assert room_within(taken + (1 << 34)) == pytest.approx(1 << 33, rel=0.05)
    assert room_within(taken // 2) == 0


def test_what_is_no_amount_of_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLOOM_MEMORY", "a lot")

    with pytest.raises(UsageError, match="no amount of memory"):
        open_feed(open_data_set("digits"), np.arange(50), FIELDS, CPU)


def test_batches_hold_the_samples_as_the_model_takes_them() -> None:
    places = np.array([4, 2, 9])

    batch = next(a_feed(in_memory=True).batches(places, 3))

    digits = open_data_set("digits")
    pixels = torch.from_numpy(digits.read("image", places)).double() / 255
    assert batch["image"].dtype == torch.float32 and batch["image"].shape == (3, 1, 28, 28)
    assert torch.allclose(batch["image"].double(), pixels, atol=1e-7)
    assert batch["label"].dtype == torch.int64
    assert batch["label"].tolist() == digits.read("label", places).tolist()


@given(size=st.integers(1, 60), first=st.integers(0, 8), seed=st.integers(0, 5))
def test_reading_ahead_yields_the_same_batches_as_memory(size: int, first: int, seed: int) -> None:
    order = epoch_order(50, seed=seed, epoch=0)

    from_memory = all_of(a_feed(in_memory=True).batches(order, size, first=first))
    from_stream = all_of(a_feed(in_memory=False).batches(order, size, first=first))

    assert len(from_memory) == len(from_stream) == max(0, -(-50 // size) - first)
    for one, other in zip(from_memory, from_stream, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@given(samples=st.integers(1, 200), seed=st.integers(0, 2**31 - 1), epoch=st.integers(0, 10**6))
def test_the_order_is_a_shuffle_that_depends_on_seed_and_epoch_alone(
    samples: int, seed: int, epoch: int
) -> None:
    order = epoch_order(samples, seed=seed, epoch=epoch)

    assert sorted(order) == list(range(samples))
    assert order.tolist() == epoch_order(samples, seed=seed, epoch=epoch).tolist()


def test_epochs_and_seeds_are_shuffled_differently() -> None:
    orders = {tuple(epoch_order(30, seed=s, epoch=e)) for s in range(4) for e in range(4)}

    assert len(orders) == 16


@pytest.mark.parametrize(
    ("samples", "size", "batches"),
    [(128, 64, 2), (130, 64, 3), (129, 64, 2), (10, 64, 1), (1, 64, 1)],
)
def test_a_single_sample_makes_no_batch_of_its_own_beside_others(
    samples: int, size: int, batches: int
) -> None:
    assert batches_per_epoch(samples, size) == batches


def test_leaving_early_ends_the_reading_thread() -> None:
    before = threading.active_count()
    batches = a_feed(in_memory=False, samples=1000).batches(np.arange(1000), 10)
    next(batches)
    assert threading.active_count() == before + 1

    batches.close()

    assert threading.active_count() == before


class BrokenData(ArrayDataSet):
    """Cannot be read from the 20th sample on."""

    def read(self, field: str, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.generic]:
        if (indices >= 20).any():
            raise DataError("The disk is gone")
        return super().read(field, indices)


def test_a_problem_of_the_reading_thread_arrives_where_the_batch_is_wanted() -> None:
    spec = DataSpec(
        name="b", title="B", summary="", fields=(DataField("v", "vector", (2,)),), samples=40
    )
    data_set = BrokenData(spec, {"v": np.zeros((40, 2), np.float32)})
    batches = open_feed(data_set, np.arange(40), ["v"], CPU, bytes_in_memory=0).batches(
        np.arange(40), 10
    )

    next(batches)
    next(batches)
    with pytest.raises(DataError, match="disk is gone"):
        next(batches)


def test_a_field_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(DataError, match="no field called “sound”") as caught:
        open_feed(open_data_set("digits"), np.arange(4), ["sound"], CPU)

    assert "image, label" in caught.value.why
