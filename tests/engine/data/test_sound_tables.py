"""Recordings with a table: files that it names, and data sets that hold them."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars
import pytest
import soundfile

from engine.data import decoding, stretches
from engine.data.inspect import inspect_path
from engine.data.opening import open_data
from engine.data.preparation import Waveform
from nodes.io import Data
from nodes.sources import SoundTable

COUNT, RATE, LENGTH = 9, 8000, 800


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))


def recorded(number: int) -> bytes:
    stream = io.BytesIO()
    both = np.full((LENGTH, 2), number / 10)
    soundfile.write(stream, both, RATE, format="FLAC")
    return stream.getvalue()


def clips(folder: Path) -> Path:
    """Write a table as Common Voice has it."""
    (folder / "clips").mkdir(parents=True)
    rows = []
    for number in range(COUNT):
        (folder / "clips" / f"{number}.flac").write_bytes(recorded(number))
        rows.append(f"{number}.flac\t{'ab'[number % 2]}")
    (folder / "train.tsv").write_text("\n".join(["path\tword", *rows]))
    return folder


def frame() -> polars.DataFrame:
    rows = range(COUNT)
    return polars.DataFrame(
        {
            "audio": [{"bytes": recorded(number), "path": f"{number}.flac"} for number in rows],
            "word": [number % 2 for number in rows],
        }
    )


FEATURES = {"audio": {"_type": "Audio"}, "word": {"names": ["a", "b"], "_type": "ClassLabel"}}


def saved(folder: Path) -> Path:
    folder.mkdir()
    frame().write_ipc_stream(folder / "d.arrow", compat_level=polars.CompatLevel.oldest())
    (folder / "state.json").write_text('{"_data_files": [{"filename": "d.arrow"}]}')
    (folder / "dataset_info.json").write_text(json.dumps({"features": FEATURES}))
    return folder


def in_parquet(folder: Path) -> Path:
    folder.mkdir()
    told = {"huggingface": json.dumps({"info": {"features": FEATURES}})}
    frame().write_parquet(folder / "train-0.parquet", metadata=told)
    return folder


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("make", [clips, saved, in_parquet])
def test_recordings_are_heard_as_they_were_written_with_what_their_row_says(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], Path],
    is_large: bool,
) -> None:
    if is_large:
        monkeypatch.setattr(decoding, "MOST_AT_FIRST", 2)
        monkeypatch.setattr(stretches, "KEPT_FROM_BYTES", 0)
    found = inspect_path(make(tmp_path / "data"))

    assert isinstance(found.source, SoundTable) and found.usable and found.samples == COUNT
    assert found.classes == (("a", 5), ("b", 4))
    assert (found.source.rate, found.source.length) == (RATE, LENGTH)
    data_set = open_data(Data(dataset="d", source=found.source))
    assert data_set.is_ready is not is_large
    order = np.random.default_rng(0).permutation(COUNT)
    sounds = data_set.read("sound", order)
    written = np.stack([soundfile.read(io.BytesIO(recorded(n)))[0].mean(axis=1) for n in order])
    assert sounds.shape == (COUNT, 1, LENGTH)
    assert np.allclose(sounds[:, 0].astype(float), written, atol=1e-3)
    assert (data_set.read("word", order) == order % 2).all()
    assert data_set.spec.preparations["sound"] == Waveform(rate=RATE, length=LENGTH)


def test_a_recording_that_cannot_be_read_is_told_and_left_out(tmp_path: Path) -> None:
    folder = clips(tmp_path / "data")
    (folder / "clips" / "3.flac").write_bytes(b"no sound")

    found = inspect_path(folder)

    assert found.has_choice and isinstance(found.source, SoundTable)
    assert found.findings[0].examples == (str(folder / "clips" / "3.flac"),)
    source = SoundTable(
        path=found.source.path,
        sound=found.source.sound,
        columns=found.source.columns,
        rate=RATE,
        length=LENGTH,
        skip_problems=True,
    )
    assert open_data(Data(dataset="d", source=source)).spec.samples == COUNT - 1
