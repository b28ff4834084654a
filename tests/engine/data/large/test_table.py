"""Large tables against the same tables read whole: the in-memory reader is the judge."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import polars
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.large import constants, files, pages, table
from engine.data.large.table import read_large_table
from engine.data.loading import MemoryFeed, StreamFeed, open_feed
from engine.data.opening import own_spec
from engine.data.shuffling import WINDOW_BLOCKS, windowed_order
from engine.data.spec import DataSet, DataSpec
from engine.data.tables import read_table
from nodes.errors import DataError
from nodes.sources import Column, Table

COLUMNS = (
    Column(name="age"),
    Column(name="job", kind="category"),
    Column(name="words", kind="text"),
    Column(name="user", kind="category", role="port"),
    Column(name="team", kind="category", role="group"),
    Column(name="set", kind="category", role="part"),
    Column(name="note", kind="text", role="ignore"),
    Column(name="good", kind="category", role="target"),
)
HEAD = "age,job,words,user,team,set,note,good\n"


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BLOCK_ROWS", 7)
    monkeypatch.setattr(files, "_PIECE_LETTERS", 300)


def a_row(number: int) -> str:
    age = "" if number % 5 == 2 else f"{20 + number * 3 % 17}.5"
    job = ("baker", "smith", "NA", "café")[number % 4]
    part = ("train", "val", "test")[number % 3]
    good = "yes" if number % 2 else "no"
    return f'{age},{job},"one, two\n{number % 3}",u{number % 6},t{9 - number % 9},{part},,{good}\n'


def a_table(folder: Path, rows: int = 60, name: str = "t.csv", more: str = "") -> Table:
    (folder / name).write_text(HEAD + "".join(map(a_row, range(rows))) + more, encoding="utf-8")
    return Table(path=str(folder / name), columns=COLUMNS, length=4, words=20)


def both(source: Table, training: npt.NDArray[np.int64]) -> tuple[DataSet, DataSet]:
    spec = own_spec("mine", source)
    return read_table(source).fitted(spec, training), read_large_table(source).fitted(
        spec, training
    )


def alike(one: DataSpec, other: DataSpec) -> None:
    assert one.fields == other.fields and one.class_names == other.class_names
    plain, streamed = (msgspec.to_builtins(spec.preparations) for spec in (one, other))
    assert streamed == _approximately(plain)


def _approximately(value: object) -> object:
    match value:
        case dict():
            return {key: _approximately(inner) for key, inner in value.items()}
        case list() | tuple():
            return type(value)(_approximately(inner) for inner in value)
        case float():
            return pytest.approx(value, rel=1e-9)
        case _:
            return value


def same_samples(whole: DataSet, streamed: DataSet, order: npt.NDArray[np.int64]) -> None:
    for field in whole.spec.fields:
        read = streamed.read(field.name, order)
        expected = whole.read(field.name, order)
        assert read.shape == expected.shape
        assert np.allclose(read.astype(float), expected.astype(float), atol=1e-5), field.name


def test_a_large_table_gives_the_samples_that_reading_it_whole_gives(tmp_path: Path) -> None:
    source = a_table(tmp_path)

    whole, streamed = both(source, np.arange(0, 60, 2))

    alike(whole.spec, streamed.spec)
    same_samples(whole, streamed, np.random.default_rng(0).permutation(60))
    for side, values in whole.sides.items():
        assert streamed.sides[side].tolist() == values.tolist()
    assert streamed.columns["age"][:9].tolist() == pytest.approx(
        whole.columns["age"][:9].tolist(), nan_ok=True
    )
    assert streamed.columns["job"][3] == "café"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)
@given(
    values=st.lists(st.sampled_from(["1", "2.5", "-3", "", "NA", "1,200", "7 %"]), min_size=20),
    seed=st.integers(0, 99),
)
def test_any_numbers_are_read_alike(tmp_path: Path, values: list[str], seed: int) -> None:
    lines = "".join(f'"{value}",{place % 3}\n' for place, value in enumerate(values))
    path = tmp_path / f"t{abs(hash(lines)) % 10**9}.csv"
    path.write_text("x,y\n" + lines)
    columns = (Column(name="x"), Column(name="y", kind="category", role="target"))
    training = np.sort(np.random.default_rng(seed).permutation(len(values))[: len(values) // 2])

    whole, streamed = both(Table(path=str(path), columns=columns), training)

    alike(whole.spec, streamed.spec)
    same_samples(whole, streamed, np.arange(len(values)))


@pytest.mark.parametrize("form", ["parquet", "jsonl", "tsv", "csv.gz", "cp1252", "folder"])
def test_every_form_of_table_is_read_in_blocks(tmp_path: Path, form: str) -> None:
    source = a_table(tmp_path)
    text = (tmp_path / "t.csv").read_text(encoding="utf-8")
    frame = polars.read_csv(text.encode(), infer_schema=False)
    path = tmp_path / f"other.{form}"
    match form:
        case "parquet":
            frame.with_columns(polars.col("age").cast(polars.Float64)).write_parquet(path)
        case "jsonl":
            frame.write_ndjson(path)
        case "tsv":
            frame.write_csv(path, separator="\t")
        case "csv.gz":
            path.write_bytes(gzip.compress(text.encode()))
        case "cp1252":
            path = tmp_path / "other.csv"
            path.write_text(text, encoding="cp1252")
        case _:
            path.mkdir()
            frame[:30].write_parquet(path / "a.parquet")
            frame[30:].write_parquet(path / "b.parquet")

    whole = read_table(source).fitted(own_spec("mine", source), np.arange(40))
    other = msgspec.structs.replace(source, path=str(path))
    streamed = read_large_table(other).fitted(own_spec("mine", other), np.arange(40))

    alike(whole.spec, streamed.spec)
    same_samples(whole, streamed, np.arange(60))


def test_rows_that_are_not_whole_are_refused_or_left_out_and_told(tmp_path: Path) -> None:
    more = "old,smith,a,u1,t1,val,,yes\n30,smith,a,u1,t1,val,,\n31,smith\n40,new,b,u1,t1,val,,no\n"
    source = a_table(tmp_path, more=more)

    with pytest.raises(DataError, match="1 rows of the table have another length") as caught:
        read_large_table(source)
    assert "Row 63" in caught.value.why

    skipping = msgspec.structs.replace(source, skip_problems=True)
    whole, streamed = both(skipping, np.arange(50))
    assert streamed.spec.samples == whole.spec.samples == 61
    assert {*whole.spec.notes} <= {*streamed.spec.notes}
    same_samples(whole, streamed, np.arange(61))


def test_an_epoch_decodes_every_block_once_in_whatever_order_it_is_dealt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamed = both(a_table(tmp_path, rows=400), np.arange(400))[1]
    decoded: list[files.Block] = []

    def read_block(block: files.Block, columns: Sequence[str]) -> object:
        decoded.append(block)
        return files.read_block(block, columns)

    monkeypatch.setattr(table, "read_block", read_block)
    order = windowed_order(streamed.blocks, seed=1, epoch=2)
    for begin in range(0, 400, 16):
        streamed.read("features", order[begin : begin + 16])

    assert len(decoded) == len({*decoded}) == len(streamed.blocks) - 1 > WINDOW_BLOCKS * 2


def test_a_stream_that_is_taken_up_in_the_middle_goes_on_with_the_same_batches(
    tmp_path: Path,
) -> None:
    streamed = both(a_table(tmp_path, rows=300), np.arange(300))[1]
    training = np.setdiff1d(np.arange(300), np.arange(0, 300, 7))
    names, cpu = ["features", "good"], torch.device("cpu")
    in_memory = open_feed(streamed, training, names, cpu, bytes_in_memory=10**9)
    on_disk = open_feed(streamed, training, names, cpu, bytes_in_memory=0)

    order = on_disk.order(seed=3, epoch=5)

    assert isinstance(on_disk, StreamFeed) and isinstance(in_memory, MemoryFeed)
    assert order.tolist() == in_memory.order(seed=3, epoch=5).tolist()
    whole = list(in_memory.batches(order, 16))
    rest = list(on_disk.batches(order[5 * 16 :], 16))
    assert len(rest) == len(whole) - 5
    for expected, found in zip(whole[5:], rest, strict=True):
        assert all(torch.equal(expected[name], found[name]) for name in names)


def test_a_table_that_changed_meanwhile_is_told(tmp_path: Path) -> None:
    frame = polars.DataFrame({"x": np.arange(30.0), "y": np.arange(30) % 2})
    frame.write_parquet(tmp_path / "t.parquet")
    columns = (Column(name="x"), Column(name="y", kind="category", role="target"))
    source = Table(path=str(tmp_path / "t.parquet"), columns=columns)
    streamed = both(source, np.arange(30))[1]

    frame[:3].write_parquet(tmp_path / "t.parquet")

    with pytest.raises(DataError, match="cannot be read"):
        streamed.read("features", np.array([25]))


@pytest.mark.parametrize(("rows", "large"), [(10, False), (4000, True)])
def test_only_what_would_not_fit_is_read_in_blocks(tmp_path: Path, rows: int, large: bool) -> None:
    polars.DataFrame({"x": np.arange(float(rows))}).write_parquet(tmp_path / "t.parquet")

    assert files.is_large(tmp_path / "t.parquet", largest_bytes=8000) is large


def test_text_taken_as_missing_is_filled_as_in_memory(tmp_path: Path) -> None:
    plain = a_table(tmp_path, more="old,baker,one,u1,t1,train,,yes\n")
    source = msgspec.structs.replace(plain, text_is_missing=True, words=20, unit="subword")

    whole, streamed = both(source, np.arange(0, 61, 2))

    assert whole.spec.samples == streamed.spec.samples == 61
    assert "The column age holds no number in row 61: taken as missing." in streamed.spec.notes
    alike(whole.spec, streamed.spec)
    same_samples(whole, streamed, np.arange(61))


def test_a_large_saved_data_set_is_read_as_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part, rows in (("train", range(150)), ("test", range(150, 200))):
        (tmp_path / part).mkdir()
        frame = polars.DataFrame({"x": [n * 0.5 for n in rows], "good": [n % 2 for n in rows]})
        frame.write_ipc_stream(tmp_path / part / "data.arrow")
        (tmp_path / part / "state.json").write_text('{"_data_files": [{"filename": "data.arrow"}]}')
        info = '{"features": {"good": {"names": ["no", "yes"], "_type": "ClassLabel"}}}'
        (tmp_path / part / "dataset_info.json").write_text(info)
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    columns = (
        Column(name="x"),
        Column(name="good", kind="category", role="target"),
        Column(name="split", kind="category", role="part"),
    )
    source = Table(path=str(tmp_path), columns=columns)
    monkeypatch.setattr(files, "BLOCK_ROWS", 64)

    read, streamed = read_table(source), read_large_table(source)

    assert streamed.samples == 200 and (streamed.sides["part"] == read.sides["part"]).all()
    training, spec = np.flatnonzero(read.sides["part"] == 0), own_spec("t", source)
    whole, blocks = read.fitted(spec, training), streamed.fitted(spec, training)
    assert whole.spec.class_names == blocks.spec.class_names == {"good": ("no", "yes")}
    order = np.random.default_rng(0).permutation(200)
    for field in ("features", "good"):
        assert np.allclose(whole.read(field, order), blocks.read(field, order), atol=1e-5)


def test_a_table_of_one_large_row_group_is_read_as_one_of_small_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = a_table(tmp_path, rows=80)
    frame = polars.read_csv(text.path, infer_schema_length=None)
    plain, packed = (
        msgspec.structs.replace(text, path=str(tmp_path / n)) for n in ("p.parquet", "q.parquet")
    )
    frame.write_parquet(plain.path, row_group_size=10)
    frame.write_parquet(packed.path, data_page_size=100)
    training = np.arange(0, 80, 2)
    one = read_large_table(plain).fitted(own_spec("mine", plain), training)

    monkeypatch.setattr(pages, "LARGEST_GROUP", 0)
    other = read_large_table(packed).fitted(own_spec("mine", packed), training)

    assert one.spec.fields == other.spec.fields and one.spec.preparations == other.spec.preparations
    for field in one.spec.fields:
        every = np.arange(80)[::-1]
        assert np.array_equal(one.read(field.name, every), other.read(field.name, every))


def test_the_classes_of_a_table_are_told_without_taking_constants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = a_table(tmp_path)
    spec = own_spec("mine", source)
    whole = read_large_table(source).fitted(spec, np.arange(60))

    monkeypatch.setattr(constants, "frames", None)
    classes = read_large_table(source).classified(spec)

    assert [field.name for field in classes.spec.fields] == ["user", "good"]
    for field in classes.spec.fields:
        every = np.arange(60)
        assert np.array_equal(classes.read(field.name, every), whole.read(field.name, every))
