import gzip
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars
import pytest
import soundfile
import torch
from PIL import Image
from safetensors.numpy import save_file

from engine.data.inspect import inspect_path
from engine.data.loading import open_feed
from engine.data.opening import open_data
from engine.data.spec import DataSet
from engine.data.splitting import split_of
from nodes.errors import DataError
from nodes.io import Data, DataField
from nodes.sources import (
    Arrays,
    Column,
    Images,
    Pairs,
    Prose,
    Series,
    Sounds,
    Source,
    Table,
    Texts,
)

COLUMNS = (
    Column(name="age"),
    Column(name="job", kind="category"),
    Column(name="good", kind="category", role="target"),
)
ROWS = "age,job,good\n20,baker,yes\n,smith,no\n40,baker,yes\n"


def opened(source: Source, **split: object) -> DataSet:
    return open_data(Data(dataset="mine", source=source, **split))  # type: ignore[arg-type]


def everything(data_set: DataSet, field: str) -> npt.NDArray[np.generic]:
    return data_set.read(field, np.arange(data_set.spec.samples))


def a_table(folder: Path, text: str = ROWS, name: str = "t.csv") -> Table:
    (folder / name).write_text(text, encoding="utf-8")
    return Table(path=str(folder / name), columns=COLUMNS)


@pytest.mark.parametrize("form", ["csv", "semicolon", "tsv", "gz", "parquet", "jsonl", "cp1252"])
def test_a_table_gives_the_same_samples_in_every_form(tmp_path: Path, form: str) -> None:
    path = tmp_path / {"semicolon": "t.csv", "gz": "t.csv.gz", "cp1252": "t.csv"}.get(
        form, f"t.{form}"
    )
    rows = ROWS.replace("smith", "café")
    match form:
        case "csv":
            path.write_text(rows, encoding="utf-8-sig")
        case "cp1252":
            path.write_text(rows, encoding="cp1252")
        case "semicolon":
            path.write_text(rows.replace(",", ";"), encoding="utf-8")
        case "tsv":
            path.write_text(rows.replace(",", "\t"), encoding="utf-8")
        case "gz":
            path.write_bytes(gzip.compress(rows.encode()))
        case _:
            frame = polars.read_csv(rows.encode())
            frame.write_parquet(path) if form == "parquet" else frame.write_ndjson(path)

    found = opened(Table(path=str(path), columns=COLUMNS), validation_share=0.0)

    assert found.spec.fields == (
        DataField("features", "vector", (4,)),
        DataField("good", "label", (), "int", 2),
    )
    # Standardised, marked where missing, then one place for each job.
    assert everything(found, "features").tolist() == [[-1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
    assert everything(found, "good").tolist() == [1, 0, 1]


def test_constants_are_taken_from_the_training_samples_alone(tmp_path: Path) -> None:
    rows = "age,job,good\n" + "".join(f"{age},a,{age % 2}\n" for age in range(100))
    source = a_table(tmp_path, rows)

    found = opened(source, split_by="order", validation_share=0.5)

    features = everything(found, "features")[:, 0]
    assert features[:50].mean() == pytest.approx(0, abs=1e-6)
    assert features[:50].std() == pytest.approx(1, abs=1e-6)
    assert features[50:].mean() > 1


def test_rows_without_an_answer_are_refused_or_left_out_and_told(tmp_path: Path) -> None:
    source = a_table(tmp_path, ROWS + "50,smith,\n")

    with pytest.raises(DataError, match="One row of the table is not whole") as caught:
        opened(source)
    assert "row 4" in caught.value.why

    found = opened(Table(path=source.path, columns=COLUMNS, skip_problems=True))
    assert found.spec.samples == 3 and "row 4: left out" in found.spec.notes[0]


def test_text_among_numbers_is_told_with_its_row(tmp_path: Path) -> None:
    source = a_table(tmp_path, ROWS + "old,smith,no\n")

    with pytest.raises(DataError) as caught:
        opened(source)

    assert "age holds no number in row 4" in caught.value.why


def test_a_column_that_is_gone_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    source = a_table(tmp_path, "age,good\n1,yes\n")

    with pytest.raises(DataError, match="no column “job”") as caught:
        opened(source)

    assert "age, good" in caught.value.why


def test_columns_of_their_own_become_ports(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("user,film,stars,review\nann,1,5,very good\nbob,2,1,bad\n")
    columns = (
        Column(name="user", kind="category", role="port"),
        Column(name="review", kind="text"),
        Column(name="stars", role="target"),
    )

    found = opened(Table(path=str(tmp_path / "r.csv"), columns=columns, length=3))

    assert [field.name for field in found.spec.fields] == ["user", "review", "stars"]
    assert found.spec.fields[0].classes == 3
    assert everything(found, "user").tolist() == [1, 2]
    assert everything(found, "review")[1, 0] == 0


def test_a_window_holds_the_rows_before_the_one_that_is_forecast(tmp_path: Path) -> None:
    values = np.arange(40.0)
    (tmp_path / "s.csv").write_text("y\n" + "\n".join(f"{value:g}" for value in values))
    source = Series(path=str(tmp_path / "s.csv"), columns=("y",), target="y", window=5, ahead=2)

    found = opened(source, split_by="order")

    how = found.spec.preparations["next"]
    back = everything(found, "next")[:, 0] * how.deviation[0] + how.mean[0]  # type: ignore[union-attr]
    windows = found.spec.preparations["window"]
    first = everything(found, "window")[0, :, 0] * windows.deviation[0] + windows.mean[0]  # type: ignore[union-attr]
    assert first.tolist() == pytest.approx([0, 1, 2, 3, 4], abs=1e-4)
    assert back.tolist() == pytest.approx(values[6:].tolist(), abs=1e-4)


def test_each_token_of_a_passage_is_answered_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("abcabcabcabc")

    found = opened(Prose(path=str(tmp_path / "p.txt"), length=4))

    assert everything(found, "text").tolist()[0] == [2, 3, 4, 2]
    assert everything(found, "next").tolist()[0] == [3, 4, 2, 3]


def a_folder_of_pictures(folder: Path) -> None:
    for name, shade in (("cat", 10), ("dog", 200)):
        (folder / name).mkdir()
        for number in range(3):
            Image.new("RGB", (9, 5), (shade, 0, number)).save(folder / name / f"{number}.png")


def test_folders_are_classes_and_pictures_come_in_one_size(tmp_path: Path) -> None:
    a_folder_of_pictures(tmp_path)

    found = opened(Images(path=str(tmp_path), channels=3, height=4, width=6))

    assert found.spec.class_names == {"label": ("cat", "dog")}
    assert everything(found, "image").shape == (6, 3, 4, 6)
    assert everything(found, "image")[:, 0, 0, 0].tolist() == [10] * 3 + [200] * 3
    assert everything(found, "label").tolist() == [0, 0, 0, 1, 1, 1]


def test_of_many_files_that_are_left_out_some_are_named_and_the_rest_counted(
    tmp_path: Path,
) -> None:
    a_folder_of_pictures(tmp_path)
    for number in range(5):
        (tmp_path / "cat" / f"empty{number}.png").touch()

    found = opened(Images(path=str(tmp_path), height=4, width=4, skip_problems=True))

    (note,) = found.spec.notes
    assert note.startswith("5 of 11 files were left out: empty0.png: It has no bytes; empty1.png")
    assert note.endswith("empty2.png: It has no bytes; and 2 more.")


def test_pictures_that_cannot_be_read_are_named_or_left_out(tmp_path: Path) -> None:
    a_folder_of_pictures(tmp_path)
    (tmp_path / "cat" / "empty.png").touch()
    (tmp_path / "cat" / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0 not much")
    source = Images(path=str(tmp_path), height=4, width=4)

    with pytest.raises(DataError, match="2 of 8 files cannot be read") as caught:
        opened(source)
    assert "cut.jpg" in caught.value.why and "empty.png" in caught.value.why

    found = opened(Images(path=str(tmp_path), height=4, width=4, skip_problems=True))
    assert found.spec.samples == 6 and "2 of 8 files were left out" in found.spec.notes[0]


def test_a_folder_that_links_to_itself_is_read_once(tmp_path: Path) -> None:
    a_folder_of_pictures(tmp_path)
    (tmp_path / "cat" / "again").symlink_to(tmp_path, target_is_directory=True)

    assert opened(Images(path=str(tmp_path), height=4, width=4)).spec.samples == 6


def test_folders_named_train_and_test_are_the_parts(tmp_path: Path) -> None:
    for part in ("train", "test"):
        (tmp_path / part).mkdir()
        a_folder_of_pictures(tmp_path / part)

    found = opened(Images(path=str(tmp_path), height=4, width=4), split_by="given")

    parts = split_of(found, Data(split_by="given", validation_share=0.0))
    assert (len(parts.training), len(parts.test)) == (6, 6)
    assert found.spec.class_names == {"label": ("cat", "dog")}


def test_a_changed_picture_is_decoded_anew(tmp_path: Path) -> None:
    a_folder_of_pictures(tmp_path)
    source = Images(path=str(tmp_path), height=4, width=4)
    before = everything(opened(source), "image")[0, 0, 0, 0]

    Image.new("RGB", (9, 5), (77, 0, 0)).save(tmp_path / "cat" / "0.png")

    assert (before, everything(opened(source), "image")[0, 0, 0, 0]) == (10, 77)


def test_a_picture_that_is_added_is_there_the_next_time(tmp_path: Path) -> None:
    a_folder_of_pictures(tmp_path)
    source = Images(path=str(tmp_path), height=4, width=4)
    before = opened(source).spec.samples

    Image.new("RGB", (9, 5)).save(tmp_path / "dog" / "new.png")

    assert (before, opened(source).spec.samples) == (6, 7)


def test_masks_are_paired_by_name(tmp_path: Path) -> None:
    for folder in ("pictures", "masks"):
        (tmp_path / folder).mkdir()
    for number in range(2):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(tmp_path / "pictures" / f"{number}.jpg")
        Image.new("L", (4, 4), number).save(tmp_path / "masks" / f"{number}.png")
    source = Pairs(
        path=str(tmp_path / "pictures"), masks=str(tmp_path / "masks"), height=4, width=4
    )

    found = opened(source)

    assert found.spec.fields[1] == DataField("mask", "mask", (4, 4), "int", 2)
    assert everything(found, "mask")[:, 0, 0].tolist() == [0, 1]


def test_recordings_come_at_one_rate_and_length(tmp_path: Path) -> None:
    for name, rate in (("high", 16_000), ("low", 8000)):
        (tmp_path / name).mkdir()
        soundfile.write(tmp_path / name / "a.wav", np.full(rate // 2, 0.25), rate)
        soundfile.write(tmp_path / name / "b.flac", np.full(rate // 2, 0.25), rate)

    found = opened(Sounds(path=str(tmp_path), rate=8000, length=6000))

    sounds = everything(found, "sound").astype(np.float32)
    assert sounds.shape == (4, 1, 6000) and found.spec.class_names["label"] == ("high", "low")
    assert sounds[:, 0, 2000].tolist() == pytest.approx([0.25] * 4, abs=0.01)
    assert not sounds[:, 0, 4010:].any()


def test_texts_by_folder_become_tokens_and_labels(tmp_path: Path) -> None:
    for name, text in (("glad", "what a day"), ("sad", "no day at all")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text(text)

    found = opened(Texts(path=str(tmp_path), length=4), validation_share=0.0)

    assert found.spec.class_names["label"] == ("glad", "sad")
    assert everything(found, "text")[0, 0] == 0


def test_arrays_and_idx_files_are_fields(tmp_path: Path) -> None:
    images = np.arange(3 * 4 * 4, dtype=np.uint8).reshape(3, 4, 4)
    header = bytes([0, 0, 8, 3]) + np.array(images.shape, ">u4").tobytes()
    (tmp_path / "images-idx3-ubyte").write_bytes(header + images.tobytes())
    labels = bytes([0, 0, 8, 1, 0, 0, 0, 3, 2, 0, 1])
    (tmp_path / "labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))

    found = opened(
        Arrays(
            path=str(tmp_path / "images-idx3-ubyte"),
            fields=(("image", "images-idx3-ubyte"), ("label", "labels-idx1-ubyte.gz")),
            labels=("label",),
            images=("image",),
        )
    )

    assert (everything(found, "image")[:, 0] == images).all()
    assert everything(found, "label").tolist() == [2, 0, 1]


@pytest.mark.parametrize("suffix", ["npy", "safetensors"])
def test_large_arrays_are_mapped_and_not_read(tmp_path: Path, suffix: str) -> None:
    values = np.random.default_rng(0).normal(size=(20, 8, 8, 3))
    labels = np.arange(20) % 3
    path = tmp_path / f"x.{suffix}"
    if suffix == "npy":
        np.save(path, values)
        fields: tuple[tuple[str, str], ...] = (("image", "x.npy"),)
    else:
        save_file({"label": labels, "pixels": values}, path)
        fields = (("image", "pixels"), ("label", "label"))

    found = opened(Arrays(path=str(path), fields=fields, labels=("label",), images=("image",)))

    held = found._arrays["image"]  # type: ignore[attr-defined]
    assert held.dtype == np.float64 and is_mapped(held)
    feed = open_feed(found, np.arange(20), ["image"], torch.device("cpu"), bytes_in_memory=0)
    batch = next(feed.batches(np.array([3, 1]), 2))["image"]
    assert batch.dtype == torch.float32
    expected = torch.from_numpy(values[[3, 1]].transpose(0, 3, 1, 2)).float()
    assert torch.equal(batch, expected)


def is_mapped(array: npt.NDArray[np.generic] | None) -> bool:
    """Say whether an array is a view of a file."""
    while array is not None and not isinstance(array, np.memmap):
        array = array.base  # type: ignore[assignment]
    return array is not None


def test_a_damaged_safetensors_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"\xff" * 40)

    assert [one.weight for one in inspect_path(path).findings] == ["stop"]
    with pytest.raises(DataError, match="array cannot be read"):
        opened(Arrays(path=str(path), fields=(("x", "x"),)))


def test_objects_in_arrays_are_never_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "o.npy", np.array([{"a": 1}], object), allow_pickle=True)

    with pytest.raises(DataError, match="array cannot be read"):
        opened(Arrays(path=str(tmp_path / "o.npy"), fields=(("x", ""),)))


def test_data_that_was_moved_is_asked_for_again(tmp_path: Path) -> None:
    a_folder_of_pictures(tmp_path)
    source = Images(path=str(tmp_path / "cat"), height=4, width=4)
    shutil.rmtree(tmp_path / "cat")

    with pytest.raises(DataError, match="not where it was"):
        opened(source)
