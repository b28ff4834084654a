"""Samples decoded by need are those decoded at once, and only what is asked for is read."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars
import pytest
import torch
from PIL import Image

from engine.data import decoding, masks, stretches
from engine.data.inspect import inspect_path
from engine.data.inspect import pictures as inspecting
from engine.data.loading import StreamFeed, open_feed
from engine.data.opening import own_spec, read_source
from engine.data.spec import DataSet, SamplesLostError
from nodes.sources import Images, Pairs, PictureTable, Source

COUNT = 24


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))


def encoded(number: int) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (4, 4), number * 10).save(stream, "PNG")
    return stream.getvalue()


def a_folder(folder: Path) -> Source:
    for number in range(COUNT):
        (folder / "ab"[number % 2]).mkdir(parents=True, exist_ok=True)
        (folder / "ab"[number % 2] / f"{number:02}.png").write_bytes(encoded(number))
    return Images(path=str(folder), channels=1, height=4, width=4)


def shards(folder: Path) -> Source:
    folder.mkdir()
    for shard in range(3):
        with tarfile.open(folder / f"{shard}.tar", "w") as archive:
            for number in range(shard * 8, shard * 8 + 8):
                for ending, content in (("png", encoded(number)), ("cls", b"%d" % (number % 2))):
                    member = tarfile.TarInfo(f"{number:02}.{ending}")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
    found = inspect_path(folder).source
    assert isinstance(found, PictureTable)
    return found


def saved(folder: Path) -> Source:
    folder.mkdir()
    rows = range(COUNT)
    frame = polars.DataFrame(
        {
            "image": [{"bytes": encoded(number), "path": f"{number}.png"} for number in rows],
            "kind": [number % 2 for number in rows],
        }
    )
    frame.write_ipc_stream(folder / "data.arrow", compat_level=polars.CompatLevel.oldest())
    (folder / "state.json").write_text('{"_data_files": [{"filename": "data.arrow"}]}')
    features = {"image": {"_type": "Image"}, "kind": {"names": ["a", "b"], "_type": "ClassLabel"}}
    (folder / "dataset_info.json").write_text(json.dumps({"features": features}))
    found = inspect_path(folder).source
    assert isinstance(found, PictureTable)
    return found


def pairs(folder: Path) -> Source:
    for number in range(COUNT):
        for kind in ("images", "masks"):
            place = folder / kind / "ab"[number % 2]
            place.mkdir(parents=True, exist_ok=True)
            Image.new("L", (4, 4), number * 10 if kind == "images" else number % 3).save(
                place / f"{number // 2:02}.png"
            )
    found = inspect_path(folder).source
    assert isinstance(found, Pairs)
    return found


def named_pairs(folder: Path) -> Source:
    pairs(folder / "files")
    names = [f"{'ab'[number % 2]}/{number // 2:02}.png" for number in range(COUNT)]
    rows = [f"files/images/{name},files/masks/{name}" for name in names]
    (folder / "table.csv").write_text("\n".join(["image,mask", *rows]))
    found = inspect_path(folder / "table.csv").source
    assert isinstance(found, PictureTable) and (found.picture, found.mask) == ("image", "mask")
    return found


def opened(source: Source) -> DataSet:
    content = read_source(source)
    return content.fitted(own_spec("p", source), np.arange(content.samples))


def by_need(source: Source, monkeypatch: pytest.MonkeyPatch) -> DataSet:
    monkeypatch.setattr(decoding, "MOST_AT_FIRST", 4)
    monkeypatch.setattr(stretches, "KEPT_FROM_BYTES", 0)
    monkeypatch.setattr(stretches, "BLOCK_PICTURES", 5)
    return opened(source)


@pytest.mark.parametrize("make", [a_folder, shards, saved, pairs, named_pairs])
def test_samples_decoded_by_need_are_those_decoded_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Source]
) -> None:
    source = make(tmp_path / "files")
    at_once, gradual = opened(source), by_need(source, monkeypatch)
    order = np.random.default_rng(0).permutation(COUNT)

    # The second time they come from the disk, the third time of a process that opens them anew.
    for data_set in (gradual, gradual, opened(source)):
        for field in ("image", gradual.spec.fields[-1].name):
            assert (data_set.read(field, order) == at_once.read(field, order)).all()
    assert at_once.is_ready and gradual.is_ready and not at_once.spec.notes
    # Of files that hold many pictures those of a stretch are read together.
    assert make not in (shards, saved) or len(gradual.blocks) > COUNT // 5
    assert gradual.spec.fields == at_once.spec.fields


def test_what_was_read_is_kept_and_what_is_gone_before_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_set = by_need(a_folder(tmp_path / "files"), monkeypatch)
    known = data_set.read("image", np.array([1, 3]))
    shutil.rmtree(tmp_path / "files" / "a")

    assert (data_set.read("image", np.array([3, 1])) == known[::-1]).all()
    with pytest.raises(SamplesLostError, match="2 files cannot be read") as caught:
        data_set.read("image", np.array([1, 4, 20, 6]))

    assert caught.value.lost.tolist() == [False, True, False, True]
    assert isinstance(caught.value.where, str) and caught.value.where.endswith("a/08.png")
    assert "12.png: No such file" in caught.value.why


def test_training_goes_on_without_the_files_that_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_set = by_need(a_folder(tmp_path / "files"), monkeypatch)
    (tmp_path / "files" / "a" / "00.png").write_bytes(b"")
    feed = open_feed(data_set, np.arange(COUNT), ["image", "label"], torch.device("cpu"))

    batches = list(feed.batches(feed.order(seed=0, epoch=0), 8))

    assert isinstance(feed, StreamFeed) and [len(one["image"]) for one in batches] == [8, 8, 8]
    assert feed.trouble.startswith("One file cannot be read: /")
    assert feed.trouble.endswith("a/00.png. It has no bytes.")


def test_where_the_disk_has_no_room_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = a_folder(tmp_path / "files")
    at_once = opened(source)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))

    data_set = by_need(source, monkeypatch)

    samples = np.array([5, 2])
    assert (data_set.read("image", samples) == at_once.read("image", samples)).all()
    assert not data_set.is_ready and not list((tmp_path / "cache").rglob("values.npy"))


def test_a_disk_that_fills_up_keeps_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = a_folder(tmp_path / "files")
    at_once, data_set = opened(source), by_need(source, monkeypatch)
    data_set.read("image", np.arange(6))
    (values,) = (tmp_path / "cache").rglob("values.npy")
    written = Path.open

    def full(path: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if path == values and "+" in mode:
            raise OSError(28, "No space left on device")
        return written(path, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", full)

    every = np.arange(COUNT)
    for _ in range(2):
        assert (data_set.read("image", every) == at_once.read("image", every)).all()
    assert not data_set.is_ready


def test_archives_are_read_in_blocks_and_a_run_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_set = by_need(shards(tmp_path / "files"), monkeypatch)
    feed = open_feed(data_set, np.arange(COUNT), ["image"], torch.device("cpu"))
    order = feed.order(seed=3, epoch=1)

    assert data_set.blocks.tolist() == [0, 5, 8, 13, 16, 21, 24]
    assert "blocks of up to 5 pictures" in " ".join(data_set.spec.notes)
    assert sorted(order) == list(range(COUNT)) and order.tolist() != list(range(COUNT))
    whole = [one["image"] for one in feed.batches(order, 4)]
    rest = [one["image"] for one in feed.batches(order, 4, first=2)]
    assert all(torch.equal(*pair) for pair in zip(whole[2:], rest, strict=True))


def test_of_very_many_files_some_are_looked_at_and_the_sheet_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspecting, "MOST_LOOKED_AT", 6)
    a_folder(tmp_path / "files")

    found = inspect_path(tmp_path / "files")

    assert found.usable and found.samples == COUNT and found.classes == (("a", 12), ("b", 12))
    assert [(one.code, one.title) for one in found.findings] == [
        ("part", "6 of 24 files were looked at")
    ]


def test_a_mask_with_a_class_that_none_of_the_others_has_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masks, "_COUNTED", 2)
    source = pairs(tmp_path / "files")
    for place, kind in ((2, 7), (3, 2)):
        Image.new("L", (4, 4), kind).save(tmp_path / "files" / "masks" / "b" / f"0{place}.png")
    data_set = by_need(source, monkeypatch)

    with pytest.raises(SamplesLostError, match="One file cannot be read") as caught:
        data_set.read("mask", np.array([14, 15]))

    assert caught.value.lost.tolist() == [True, False] and data_set.spec.fields[-1].classes == 3
    assert "Its mask has class 7" in caught.value.why
    assert "counted in 2 of 24" in " ".join(data_set.spec.notes)
