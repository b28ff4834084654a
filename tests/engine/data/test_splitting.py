import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import dealing
from engine.data.builtin import open_data_set
from engine.data.row_sets import RowSet
from engine.data.spec import ArrayDataSet, DataSpec
from engine.data.splitting import leaks, record_of, split, split_of
from nodes.corrections import Correction
from nodes.errors import DataError
from nodes.io import Data, DataField

shares = st.floats(0, 0.9)


@given(samples=st.integers(0, 300), validation=shares, test=shares, seed=st.integers(0, 2**31 - 1))
def test_each_sample_is_dealt_out_once(
    samples: int, validation: float, test: float, seed: int
) -> None:
    parts = split(samples, validation=validation, test=test, seed=seed)

    dealt = [*parts.training, *parts.validation, *parts.test]
    assert sorted(dealt) == list(range(samples))


def test_the_same_seed_deals_the_same_and_another_seed_does_not() -> None:
    one, same, other = (split(100, validation=0.2, test=0.1, seed=seed) for seed in (1, 1, 2))

    assert one.validation.tolist() == same.validation.tolist() != other.validation.tolist()
    assert len(one.validation) == 20 and len(one.test) == 10


def a_data_set(labels: list[int], groups: list[int] | None = None) -> ArrayDataSet:
    spec = DataSpec(
        name="d",
        title="D",
        summary="",
        fields=(DataField("v", "vector", (1,)), DataField("label", "label", (), "int", 9)),
        samples=len(labels),
    )
    values = np.arange(len(labels), dtype=np.float32)[:, None]
    sides = {"group": np.array(groups)} if groups is not None else {}
    return ArrayDataSet(spec, {"v": values, "label": np.array(labels)}, sides)


def data(**params: object) -> Data:
    return Data(**{"validation_share": 0.2, "test_share": 0.2, **params})  # type: ignore[arg-type]


@given(labels=st.lists(st.integers(0, 3), min_size=1, max_size=200), seed=st.integers(0, 100))
def test_a_stratified_split_keeps_the_share_of_each_class(labels: list[int], seed: int) -> None:
    data_set = a_data_set(labels)

    parts = split_of(data_set, data(split_by="stratified", split_seed=seed))

    assert sorted([*parts.training, *parts.validation, *parts.test]) == list(range(len(labels)))
    for label in set(labels):
        members = sum(np.array(labels)[parts.test] == label)
        assert abs(members - 0.2 * labels.count(label)) <= 0.5


@given(groups=st.lists(st.integers(0, 12), min_size=1, max_size=200), seed=st.integers(0, 100))
def test_what_belongs_together_stays_in_one_part(groups: list[int], seed: int) -> None:
    data_set = a_data_set([0] * len(groups), groups)

    parts = split_of(data_set, data(split_by="group", split_seed=seed))

    there = [set(np.array(groups)[part]) for part in (parts.training, parts.validation, parts.test)]
    assert sum(len(groups_of) for groups_of in there) == len(set(groups))
    assert sorted([*parts.training, *parts.validation, *parts.test]) == list(range(len(groups)))


def test_in_order_the_latest_samples_test() -> None:
    parts = split_of(a_data_set([0] * 10), data(split_by="order"))

    assert (parts.training.tolist(), parts.test.tolist()) == ([0, 1, 2, 3, 4, 5], [8, 9])


def test_a_split_by_something_that_is_not_there_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be split in this way") as caught:
        split_of(a_data_set([0, 1]), data(split_by="group"))

    assert "belong together" in caught.value.why


def test_groups_dealt_out_at_random_are_told_as_a_leak() -> None:
    data_set = a_data_set([0] * 60, [place // 6 for place in range(60)])

    assert "groups are in the training part" in leaks(data_set, data())[0].words
    assert leaks(data_set, data(split_by="group")) == ()


def test_the_same_sample_in_two_parts_is_told_as_a_leak() -> None:
    twice = ArrayDataSet(
        a_data_set([0] * 50).spec,
        {"v": np.repeat(np.arange(25, dtype=np.float32), 2)[:, None], "label": np.zeros(50)},
    )

    assert "held-out samples are equal to training samples" in leaks(twice, data())[0].words


def test_the_record_of_a_split_tells_another_split_from_the_same_one() -> None:
    data_set = a_data_set([0] * 100)
    first, same, other = (
        record_of(split_of(data_set, data(split_seed=seed)), data(split_seed=seed))
        for seed in (1, 1, 2)
    )

    assert first == same and first.digests[0] != other.digests[0]
    assert first.digest == same.digest != other.digest
    assert first.counts == (60, 20, 20)


def test_samples_that_share_one_of_several_inputs_are_no_doubles() -> None:
    # A student gives several marks; no two of them go to the same lecturer.
    assert leaks(open_data_set("lecture_ratings"), Data(dataset="lecture_ratings")) == ()


def many_samples() -> ArrayDataSet:
    numbers = np.random.default_rng(0)
    data_set = a_data_set(numbers.integers(0, 3, 5000).tolist())
    sides = {
        "group": np.repeat(np.arange(500), 10),
        "part": numbers.choice([0, 0, 0, 2], 5000),
        "time": numbers.integers(0, 99, 5000),
    }
    arrays = {
        field.name: data_set.read(field.name, np.arange(5000)) for field in data_set.spec.fields
    }
    return ArrayDataSet(data_set.spec, arrays, sides)


@pytest.mark.parametrize("by", ["random", "stratified", "group", "order", "given"])
def test_many_samples_are_dealt_out_as_few_are_but_not_listed(
    by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_set, asked = many_samples(), data(split_by=by, corrections=(Correction(sample=7),))
    listed = split_of(data_set, asked)

    monkeypatch.setattr(dealing, "MOST_LISTED", 1000)
    parts = split_of(data_set, asked)

    assert isinstance(parts.training, RowSet)
    assert record_of(parts, asked) == record_of(listed, asked)
    assert np.array_equal(np.asarray(parts.validation), listed.validation)


@pytest.mark.parametrize("by", ["random", "stratified", "group", "order", "given"])
def test_each_stretch_of_very_many_samples_gets_its_shares(
    by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_set, asked = many_samples(), data(split_by=by)
    at_once = record_of(split_of(data_set, asked), asked)
    monkeypatch.setattr(dealing, "MOST_LISTED", 1000)
    monkeypatch.setattr(dealing, "STRETCH", 1500)

    parts = split_of(data_set, asked)

    every = [*parts.training.stretches(), *parts.validation.stretches(), *parts.test.stretches()]
    assert np.array_equal(np.sort(np.concatenate(every)), np.arange(5000))
    counts = record_of(parts, asked).counts
    assert counts == pytest.approx(at_once.counts, abs=8)
    if by in ("random", "stratified"):
        stretches = [parts.test[:][parts.test[:] // 1500 == number] for number in (0, 1)]
        assert [len(one) for one in stretches] == pytest.approx([300, 300], abs=3)
        assert not np.array_equal(stretches[0], stretches[1] - 1500)
