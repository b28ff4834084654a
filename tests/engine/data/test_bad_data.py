"""Every way in which data may be bad has a name and a choice, and what is left can be used."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import msgspec
import numpy as np
import polars
import pytest
import soundfile
from builders import a_project
from msgspec.structs import replace
from PIL import Image

from engine.data import prepare
from engine.data.inspect import Inspection, inspect_path
from engine.data.large import files
from engine.data.opening import open_data
from engine.data.preparation import Features, NumberColumn
from engine.data.spec import DataSet
from engine.data.starting import data_params, starting_graph
from engine.project.project import Project
from engine.training.config import TrainingConfig
from engine.training.events import (
    EpochEnded,
    HealthNoted,
    RunEnded,
    RunPaused,
    RunStarted,
    TrainingEvent,
)
from engine.training.requests import ResumeRun, TrainerRequest
from engine.training.trainer import Trainer
from nodes.errors import DataError
from nodes.io import Data
from nodes.sources import Column, Table


def pictures(folder: Path) -> Path:
    for name in ("cat", "dog"):
        (folder / name).mkdir()
        for number in range(6):
            shade = (number * 20, 90, 200 if name == "cat" else 0)
            Image.new("RGB", (12, 12), shade).save(folder / name / f"{number}.png")
    return folder


def table(folder: Path, more: str) -> Path:
    rows = "".join(f"{20 + n % 7}.5,{'ab'[n % 2]},{['no', 'yes'][n % 2]}\n" for n in range(40))
    (folder / "t.csv").write_text("age,job,good\n" + rows + more)
    return folder / "t.csv"


def a_huge_picture(file: Path) -> None:
    """Write a few bytes that claim to be a picture of 40,000 by 40,000 pixels."""
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    whole = struct.pack(">I", len(head)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + whole)


def unreadable_pictures(folder: Path) -> Path:
    pictures(folder)
    (folder / "cat" / "text.png").write_text("no picture")
    return folder


def pictures_without_bytes(folder: Path) -> Path:
    pictures(folder)
    (folder / "cat" / "empty.png").touch()
    return folder


def huge_pictures(folder: Path) -> Path:
    pictures(folder)
    a_huge_picture(folder / "dog" / "huge.png")
    return folder


def answers_that_are_infinite(folder: Path) -> Path:
    rows = "".join(f"{n}.5,{n * 1.25}\n" for n in range(40))
    (folder / "t.csv").write_text("x,y\n" + rows + "3.5,inf\n4.5,-inf\n")
    return folder / "t.csv"


def damaged_sounds(folder: Path) -> Path:
    for name in ("yes", "no"):
        (folder / name).mkdir()
        for number in range(3):
            soundfile.write(folder / name / f"{number}.wav", np.zeros(2000), 8000)
    (folder / "yes" / "cut.wav").write_bytes(b"RIFF")
    return folder


def ragged_rows(folder: Path) -> Path:
    return table(folder, "30,a,yes,more\n")


def text_among_numbers(folder: Path) -> Path:
    return table(folder, "old,a,yes\n")


def answers_that_are_missing(folder: Path) -> Path:
    return table(folder, "30,a,NaN\n")


def sounds_without_sound(folder: Path) -> Path:
    damaged_sounds(folder)
    (folder / "yes" / "cut.wav").unlink()
    soundfile.write(folder / "yes" / "empty.wav", np.zeros(0), 8000)
    return folder


def arrays_that_are_not_finite(folder: Path) -> Path:
    x, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
    x[2, 1], y[5] = np.inf, np.nan
    np.savez(folder / "a.npz", x=x, y=y)
    return folder / "a.npz"


@pytest.mark.parametrize(
    ("make", "code", "left"),
    [
        (sounds_without_sound, "unreadable", 6),
        (answers_that_are_infinite, "missing", 40),
        (arrays_that_are_not_finite, "not_finite", 8),
        (unreadable_pictures, "unreadable", 12),
        (pictures_without_bytes, "unreadable", 12),
        (huge_pictures, "unreadable", 12),
        (damaged_sounds, "unreadable", 6),
        (ragged_rows, "ragged", 40),
        (text_among_numbers, "mixed", 40),
        (answers_that_are_missing, "missing", 40),
    ],
)
def test_what_cannot_be_used_is_refused_or_left_out_and_told(
    tmp_path: Path, make: Callable[[Path], Path], code: str, left: int
) -> None:
    found = inspect_path(make(tmp_path))

    assert {one.code: one.weight for one in found.findings}[code] == "choice"
    assert found.usable and found.has_choice
    with pytest.raises(DataError):
        opened(found)
    data_set = opened(found, skips=True)
    assert data_set.spec.samples == left and any("left out" in one for one in data_set.spec.notes)


def test_samples_that_are_not_finite_are_left_out_of_every_array(tmp_path: Path) -> None:
    data_set = opened(inspect_path(arrays_that_are_not_finite(tmp_path)), skips=True)

    y = data_set.read("y", np.arange(8)).reshape(-1)
    assert y.tolist() == [0, 1, 3, 4, 6, 7, 8, 9]
    assert (data_set.read("x_", np.arange(8))[:, 0] == 2 * y).all()


def test_a_recording_that_holds_no_numbers_is_named_when_it_is_read(tmp_path: Path) -> None:
    damaged_sounds(tmp_path)
    (tmp_path / "yes" / "cut.wav").unlink()
    soundfile.write(tmp_path / "yes" / "odd.wav", np.full(900, np.nan), 8000, subtype="FLOAT")

    with pytest.raises(DataError, match="1 of 7 files cannot be read") as caught:
        opened(inspect_path(tmp_path))

    assert "odd.wav: Some of its values are infinite or not a number" in caught.value.why


def a_huge_bitmap(file: Path) -> None:
    """Write the head of a bitmap of 40,000 by 40,000 pixels."""
    about = struct.pack("<IiiHHIIiiII", 40, 40_000, 40_000, 1, 24, 0, 0, 0, 0, 0, 0)
    file.write_bytes(b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + about)


@pytest.mark.parametrize(
    ("name", "make", "why"),
    [
        ("0.bmp", a_huge_bitmap, "It has 1600 million pixels; pictures of up to 89 million"),
        ("0.wav", lambda file: file.write_bytes(b"RIFF\4\0\0\0WAVE"), "0.wav: Error in WAV file"),
    ],
)
def test_why_a_file_cannot_be_read_is_told_in_words_for_people(
    tmp_path: Path, name: str, make: Callable[[Path], object], why: str
) -> None:
    make(tmp_path / name)

    found = inspect_path(tmp_path)

    assert why in found.findings[0].why and str(tmp_path) not in found.findings[0].why


def test_all_texts_in_another_encoding_are_named(tmp_path: Path) -> None:
    for number, encoding in enumerate(("utf-8", "cp1252", "cp1252")):
        (tmp_path / f"{number}.txt").write_bytes("Münzen".encode(encoding))

    found = inspect_path(tmp_path)

    (finding,) = found.findings
    assert finding.title == "2 texts are read as Windows-1252" and finding.count == 2
    assert [Path(file).name for file in finding.examples] == ["1.txt", "2.txt"]


@pytest.mark.parametrize("whitest", [1.0, 255.0])
def test_a_picture_in_fractions_is_as_bright_as_it_was_meant(
    tmp_path: Path, whitest: float
) -> None:
    shades = np.linspace(0, whitest, 16, dtype=np.float32).reshape(4, 4)
    Image.fromarray(shades).save(tmp_path / "a.tif")

    pixels = prepare.picture(tmp_path / "a.tif", (1, 4, 4))

    assert np.abs(pixels[0] / 255 - shades / whitest).max() < 0.005


def test_text_among_numbers_is_taken_as_missing_where_that_is_wanted(tmp_path: Path) -> None:
    found = inspect_path(text_among_numbers(tmp_path))
    assert isinstance(found.source, Table)
    source = replace(found.source, text_is_missing=True)

    data_set = open_data(Data(dataset="t", source=source))

    how = data_set.spec.preparations["features"]
    assert isinstance(how, Features) and isinstance(how.columns[0], NumberColumn)
    assert data_set.spec.samples == 41 and how.columns[0].marks_missing
    assert "The column age holds no number in row 41: taken as missing." in data_set.spec.notes
    # Filled by the median, and marked.
    age, is_missing = data_set.read("features", np.array([40]))[0, :2].tolist()
    filled = (how.columns[0].fill - how.columns[0].mean) / how.columns[0].deviation
    assert age == pytest.approx(filled, abs=1e-6) and is_missing == 1


def test_text_instead_of_an_answer_is_an_answer_that_is_missing(tmp_path: Path) -> None:
    rows = "".join(f"{n},{n * 1.5}\n" for n in range(30))
    (tmp_path / "t.csv").write_text("x,y\n" + rows + "5,soon\n")
    columns = (Column(name="x"), Column(name="y", role="target"))
    source = Table(path=str(tmp_path / "t.csv"), columns=columns, text_is_missing=True)

    with pytest.raises(DataError, match="One row of the table is not whole"):
        open_data(Data(dataset="t", source=source))
    data_set = open_data(Data(dataset="t", source=replace(source, skip_problems=True)))

    assert data_set.spec.samples == 30


def other_channels(folder: Path) -> Path:
    pictures(folder)
    for mode in ("L", "LA", "RGBA", "P", "CMYK", "1", "I;16"):
        suffix = "tif" if mode == "CMYK" else "png"
        name = f"mode {mode.replace(';', '')}"
        Image.new(mode, (12, 12)).save(folder / "dog" / f"{name}.{suffix}")
    return folder


def other_rates(folder: Path) -> Path:
    for place, name in enumerate(("yes", "no")):
        (folder / name).mkdir()
        for number, rate in enumerate((8000, 16_000, 44_100)):
            sound = np.zeros((rate // 4, 1 + place))
            soundfile.write(folder / name / f"{number}.wav", sound, rate)
    return folder


def an_empty_class(folder: Path) -> Path:
    pictures(folder)
    (folder / "bird").mkdir()
    return folder


def a_class_of_one(folder: Path) -> Path:
    pictures(folder)
    (folder / "bird").mkdir()
    Image.new("RGB", (12, 12)).save(folder / "bird" / "1.png")
    return folder


def another_encoding(folder: Path) -> Path:
    path = table(folder, "30,é,yes\n")
    path.write_bytes(path.read_text().encode("cp1252"))
    return path


def a_circle_of_links(folder: Path) -> Path:
    pictures(folder)
    (folder / "dog" / "up").symlink_to(folder, target_is_directory=True)
    return folder


@pytest.mark.parametrize(
    ("make", "code", "samples"),
    [
        (other_channels, "colours", 19),
        (other_rates, "rates", 6),
        (an_empty_class, "empty_class", 12),
        (a_class_of_one, "single", 13),
        (another_encoding, "encoding", 41),
        (a_circle_of_links, "links", 12),
    ],
)
def test_what_can_be_used_is_used_and_what_is_odd_is_noted(
    tmp_path: Path, make: Callable[[Path], Path], code: str, samples: int
) -> None:
    found = inspect_path(make(tmp_path))

    notes = [one.code for one in found.findings]
    assert code in notes and not found.has_choice
    assert opened(found).spec.samples == found.samples == samples


def test_a_category_that_training_never_saw_is_none_of_the_known(tmp_path: Path) -> None:
    found = inspect_path(table(tmp_path, "30,new,yes\n"))
    assert found.source is not None

    late = Data(dataset="t", source=found.source, split_by="order")
    row = open_data(late).read("features", np.array([40]))[0]

    # Known from the table, since a split must not change the drawing.
    assert row[1:].tolist() == [0, 0, 1]


def test_pictures_that_vanish_while_training_are_not_missed(tmp_path: Path) -> None:
    found = inspect_path(pictures(tmp_path))

    def vanish(event: TrainingEvent) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 1:
            for file in tmp_path.rglob("*.png"):
                file.unlink()

    events = trained(found, tmp_path, vanish)

    assert outcome(events) == "finished"


@pytest.mark.parametrize(
    ("stops", "is_asked", "said", "end"),
    [
        (False, False, "goes on", "finished"),
        (True, False, "what was learned is saved", "stopped"),
        (True, True, "bring them back, or go on without", "finished"),
    ],
)
def test_rows_that_vanish_while_training_are_told_and_it_goes_on_or_stops_as_chosen(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stops: bool,
    is_asked: bool,
    said: str,
    end: str,
) -> None:
    monkeypatch.setattr(files, "BLOCK_ROWS", 64)
    monkeypatch.setattr(files, "_LARGEST_BYTES", 0)
    monkeypatch.setenv("LAYERLOOM_MEMORY", "0")
    folder = tmp_path / "table"
    folder.mkdir()
    values = np.random.default_rng(0).normal(size=4000)
    frame = polars.DataFrame({"x": values, "y": (values > 0).astype(int)})
    for part in range(2):
        frame[part * 2000 : (part + 1) * 2000].write_parquet(folder / f"{part}.parquet")
    columns = (Column(name="x"), Column(name="y", kind="category", role="target"))
    source = Table(path=str(folder), columns=columns, stop_when_lost=stops)
    found = Inspection(path="", title="", name="t", source=source)
    requests: SimpleQueue[TrainerRequest] = SimpleQueue()
    pauses: list[TrainingEvent] = []

    def vanish(event: TrainingEvent) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 1:
            (folder / "1.parquet").unlink()
        if isinstance(event, RunPaused):
            # Who only resumes says that the files are back; the run holds again, for they are not.
            requests.put(ResumeRun(accepts_losses=event in pauses))
            pauses.append(event)

    events = trained(found, tmp_path, vanish, requests, is_asked=is_asked)

    assert outcome(events) == end
    told = [one for one in events if isinstance(one, HealthNoted) and one.code == "lost"]
    assert "1.parquet" in told[0].text and said in told[0].text
    assert [act.resumes for act in told[0].acts] == [True] * is_asked
    assert len(pauses) == 2 * is_asked and pauses[:1] == pauses[1:]


def opened(found: Inspection, *, skips: bool = False) -> DataSet:
    assert found.source is not None
    source = msgspec.structs.replace(found.source, skip_problems=skips)
    return open_data(Data(dataset=found.name, source=source, split_by=found.split_by))


def trained(
    found: Inspection,
    folder: Path,
    listen: Callable[[TrainingEvent], None],
    requests: "SimpleQueue[TrainerRequest] | None" = None,
    *,
    is_asked: bool = False,
) -> list[TrainingEvent]:
    """Train the plainest network on what was found, for three epochs."""
    assert found.source is not None
    spec = opened(found, skips=found.source.skip_problems).spec
    params = data_params(found.name, spec, found.source, found.split_by)
    graph = starting_graph(params, spec.fields)
    project: Project = a_project(graph, epochs=3, batch_size=32)
    events: list[TrainingEvent] = []

    def take(event: TrainingEvent) -> None:
        events.append(event)
        listen(event)

    config = TrainingConfig(
        run_folder=str(folder / "run"), threads=1, device="cpu", holds_on_trouble=is_asked
    )
    Trainer(project, config, take, requests or SimpleQueue()).run()
    return events


def outcome(events: list[TrainingEvent]) -> str:
    ended = events[-1]
    return ended.outcome if isinstance(ended, RunEnded) else repr(ended)


def test_a_run_says_at_its_start_what_was_left_out(tmp_path: Path) -> None:
    rows = "".join(f"{n},{'yes' if n % 2 else 'no'}\n" for n in range(40))
    (tmp_path / "t.csv").write_text("age,good\n" + rows + "41,yes,more\n")
    found = inspect_path(tmp_path / "t.csv")
    skipping = replace(found, source=replace(found.source, skip_problems=True))

    events = trained(skipping, tmp_path, lambda _: None)

    (started,) = (event for event in events if isinstance(event, RunStarted))
    assert started.notes == ("1 rows of another length were left out.",)
    assert outcome(events) == "finished"


def test_a_folder_whose_name_is_no_text_is_refused_in_words(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"cats-\xff")
    folder.mkdir()

    with pytest.raises(DataError, match="is no text"):
        inspect_path(folder)
