"""What samples take in memory stays within what is allowed."""

from pathlib import Path

import numpy as np
import pytest
import torch
from builders import a_project, a_small_cnn

from engine.compile.plan import project_plan
from engine.data.loading import MemoryFeed, StreamFeed
from engine.data.opening import open_data
from engine.data.row_sets import RowSet
from engine.data.spec import ArrayDataSet, DataSpec
from engine.data.starting import data_params, starting_graph
from engine.training.material import PROBE_SAMPLES, gather, probe_samples
from nodes.io import Data, DataField
from nodes.sources import Arrays

CPU = torch.device("cpu")
OF_A_DIGIT = 4 * 28 * 28 + 8
"""Bytes of a picture and its label as tensors."""


def test_training_and_validation_share_the_memory_that_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.training.material.room_within", int)
    drawn = project_plan(a_project(a_small_cnn()))
    whole = gather(drawn, CPU, 0)
    training, validation = whole.training.samples, whole.validation.samples
    assert whole.training.bytes_held == training * OF_A_DIGIT

    for samples, kinds in (
        (training + validation, (MemoryFeed, MemoryFeed)),
        (training + validation - 1, (MemoryFeed, StreamFeed)),
        (training - 1, (StreamFeed, MemoryFeed)),
        (validation - 1, (StreamFeed, StreamFeed)),
    ):
        found = gather(drawn, CPU, 0, memory=samples * OF_A_DIGIT)
        assert (type(found.training), type(found.validation)) == kinds
        assert found.training.bytes_held + found.validation.bytes_held <= samples * OF_A_DIGIT


def test_the_batches_are_the_same_wherever_the_samples_are() -> None:
    drawn = project_plan(a_project(a_small_cnn()))

    first, other = (gather(drawn, CPU, 0, memory=size).training for size in (None, 0))

    order = first.order(seed=1, epoch=0)
    assert (order == other.order(seed=1, epoch=0)).all()
    batches = zip(first.batches(order[:64], 32), other.batches(order[:64], 32), strict=True)
    assert all(torch.equal(one[name], same[name]) for one, same in batches for name in one)


def test_what_was_left_out_of_the_data_is_kept_with_the_split(tmp_path: Path) -> None:
    points = np.ones((10, 2), np.float32)
    points[[3, 5]] = np.nan
    np.savez(tmp_path / "own.npz", points=points, label=np.arange(10) % 2)
    fields = (("points", "points"), ("label", "label"))
    source = Arrays(
        path=str(tmp_path / "own.npz"), fields=fields, labels=("label",), skip_problems=True
    )
    data = Data(dataset="own", source=source)
    spec = open_data(data).spec
    drawn = starting_graph(data_params("own", spec, source, "random"), spec.fields)

    split = gather(project_plan(a_project(drawn)), CPU, 0).split

    assert sum(split.counts) == 8 and split.notes[0].startswith("2 of 10 samples were left out")


def test_samples_to_look_with_are_found_where_a_part_of_very_many_lies_in_the_last_blocks() -> None:
    labels = np.arange(100_000) % 10
    spec = DataSpec(
        name="d",
        title="D",
        summary="",
        fields=(DataField("label", "label", (), "int", 10),),
        samples=len(labels),
    )
    blocks = np.arange(0, len(labels) + 1, 1000)
    data_set = ArrayDataSet(spec, {"label": labels}, blocks=blocks)
    last = RowSet.of(np.arange(len(labels)) >= 99_500)

    found = probe_samples(data_set, last, "label", seed=1)

    assert len(found) == PROBE_SAMPLES == len({*labels[found].tolist()})
    assert (found >= 99_500).all()
