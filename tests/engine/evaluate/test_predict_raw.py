"""What a person has at hand is answered as the same sample of the data set."""

import csv
import gzip
import json
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import polars
import pytest
import soundfile
from small_runs import Drawing, a_plain_run, save_run

from engine.data.builtin import open_data_set
from engine.data.inspect import inspect_path
from engine.data.meaning import describe
from engine.data.opening import open_data
from engine.data.preparation import Windows
from engine.data.starting import data_params, starting_graph
from engine.evaluate.loading import LoadedRun, load_run
from engine.evaluate.predict import Prediction, predict_files
from engine.evaluate.reading import InputError, read_samples
from engine.evaluate.results import evaluate_run
from engine.project.project import Project
from nodes.errors import DataError
from nodes.io import Data
from resources import path


def same(one: Prediction, other: Prediction) -> bool:
    return bool(np.allclose(one.outputs[0], other.outputs[0], atol=1e-4))


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> LoadedRun:
    return a_plain_run(tmp_path_factory.mktemp("runs"), "bank_credit")


def bank_rows(count: int) -> list[dict[str, str]]:
    with path("datasets", "bank_credit.csv").open(encoding="utf-8") as file:
        return [row for row, _ in zip(csv.DictReader(file), range(count), strict=False)]


def test_rows_of_a_table_are_answered_as_the_samples_they_are(
    bank: LoadedRun, tmp_path: Path
) -> None:
    lines = path("datasets", "bank_credit.csv").read_text().splitlines()[:13]
    (tmp_path / "rows.csv").write_text("\n".join(lines))

    found = predict_files(bank, [str(tmp_path / "rows.csv")])
    samples = predict_files(bank, [f"sample:{number}" for number in range(12)])

    assert all(same(a, b) for a, b in zip(found, samples, strict=True))
    assert found[0].label in ("good", "bad") and samples[0].truth == "good"


def test_rows_of_parquet_are_answered_where_polars_is_at_hand(
    bank: LoadedRun, tmp_path: Path
) -> None:
    polars.read_csv(path("datasets", "bank_credit.csv")).head(3).write_parquet(
        tmp_path / "rows.parquet"
    )
    rows = str(tmp_path / "rows.parquet")

    found = predict_files(bank, [rows])
    samples = predict_files(bank, [f"sample:{number}" for number in range(3)])

    assert all(same(a, b) for a, b in zip(found, samples, strict=True))
    with pytest.raises(InputError, match="Save it as CSV"):
        read_samples(rows, describe(bank.plan, bank.spec)["inputs"])


def test_a_record_is_answered_as_its_row(bank: LoadedRun) -> None:
    (row,) = bank_rows(1)

    found, sample = predict_files(bank, [json.dumps(row), "sample:0"])

    assert same(found, sample)


def test_a_missing_value_is_filled_as_in_training(bank: LoadedRun) -> None:
    (row,) = bank_rows(1)
    del row["Status"]

    filled, marked = predict_files(
        bank, [json.dumps({**row, "Income": ""}), json.dumps({**row, "Income": "?"})]
    )

    assert same(filled, marked)


def test_a_record_without_a_column_is_told_with_its_name(bank: LoadedRun) -> None:
    with pytest.raises(DataError) as caught:
        predict_files(bank, [json.dumps({"Age": 30})])

    assert (
        caught.value.why.startswith("It has no column called")
        and "a record as JSON" in caught.value.hint
    )


def test_a_category_that_is_not_known_is_answered_and_told(bank: LoadedRun, tmp_path: Path) -> None:
    known, other = bank_rows(2)
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(known) + "\n" + json.dumps({**other, "Job": "juggler"}) + "\n")

    first, second, typed = predict_files(bank, [str(rows), json.dumps({**other, "Job": "juggler"})])

    assert first.notes == ()
    assert second.notes == ("“juggler” is no known value of Job: it is taken as none of them.",)
    assert typed.notes == second.notes


def test_a_number_that_is_text_is_told(bank: LoadedRun) -> None:
    (row,) = bank_rows(1)

    with pytest.raises(DataError, match="“often” is no number"):
        predict_files(bank, [json.dumps({**row, "Income": "often"})])


@pytest.fixture(scope="module")
def moons(tmp_path_factory: pytest.TempPathFactory) -> LoadedRun:
    return a_plain_run(tmp_path_factory.mktemp("runs"), "two_moons")


@pytest.mark.parametrize("name", ["typed", "rows.csv", "rows.jsonl"])
def test_numbers_with_names_are_answered_as_the_sample_they_are(
    moons: LoadedRun, tmp_path: Path, name: str
) -> None:
    x, y = moons.data_set.read("point", np.array([3]))[0].tolist()
    record = json.dumps({"y": y, "x": x})
    (tmp_path / "rows.csv").write_text(f"y,x\n{y!r},{x!r}\n")
    (tmp_path / "rows.jsonl").write_text(f"{record}\n")

    found, sample = predict_files(
        moons, [record if name == "typed" else str(tmp_path / name), "sample:3"]
    )

    assert found.outputs == sample.outputs


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ('{"x": 0.5}', "no column called 'y'"),
        ('{"x": 0.5, "y": null}', "a value of y is missing"),
        ('{"x": 0.5, "y": "up"}', "“up” is no number"),
    ],
)
def test_a_row_that_lacks_a_number_is_told_with_its_name(
    moons: LoadedRun, record: str, said: str
) -> None:
    with pytest.raises(DataError) as caught:
        predict_files(moons, [record])

    assert said in caught.value.why and "a record as JSON" in caught.value.hint


@pytest.fixture(scope="module")
def nameless(tmp_path_factory: pytest.TempPathFactory) -> LoadedRun:
    """Return a run on numbers of one's own, of which only their place is known."""
    folder = tmp_path_factory.mktemp("own")
    random = np.random.default_rng(0)
    np.savez(folder / "own.npz", gauge=random.normal(size=(40, 3)), label=np.arange(40) % 2)
    found = inspect_path(folder / "own.npz")
    assert found.source is not None
    spec = open_data(Data(dataset=found.name, source=found.source)).spec
    graph = starting_graph(data_params(found.name, spec, found.source, "random"), spec.fields)
    return load_run(save_run(folder / "run", Project(name="Own", graph=graph)))


def test_numbers_without_names_are_answered_as_a_list(nameless: LoadedRun, tmp_path: Path) -> None:
    rows = nameless.data_set.read("gauge", np.arange(2)).tolist()
    (tmp_path / "rows.json").write_text(json.dumps([{"gauge": row} for row in rows]))

    *found, first, second = predict_files(
        nameless, [str(tmp_path / "rows.json"), "sample:0", "sample:1"]
    )

    assert all(same(a, b) for a, b in zip(found, (first, second), strict=True))


@pytest.mark.parametrize("row", ["[1, 2]", "[1, 2, null]", '"much"', '[1, 2, "x"]', "[[1], 2, 3]"])
def test_a_list_that_is_no_such_row_is_told_with_what_it_is_to_hold(
    nameless: LoadedRun, row: str
) -> None:
    with pytest.raises(DataError, match="gauge is to hold 3 numbers") as caught:
        predict_files(nameless, [f'{{"gauge": {row}}}'])

    assert '{"gauge": [numbers]}' in caught.value.hint


def test_a_recording_is_answered_as_the_sample_it_is(tmp_path: Path) -> None:
    loaded = a_plain_run(tmp_path, "spoken_words")
    with zipfile.ZipFile(path("datasets", "spoken_words.zip")) as archive:
        name = min(name for name in archive.namelist() if name.endswith(".opus"))
        (tmp_path / "word.opus").write_bytes(archive.read(name))
    sound, rate = soundfile.read(tmp_path / "word.opus")
    soundfile.write(tmp_path / "word.wav", np.stack([sound, sound], axis=1), rate)

    files = [str(tmp_path / "word.opus"), str(tmp_path / "word.wav"), "sample:0"]
    opus, wav, sample = predict_files(loaded, files)

    assert np.allclose(opus.outputs[0], sample.outputs[0], atol=2e-2)
    assert np.allclose(opus.outputs[0], wav.outputs[0], atol=2e-2)


def test_the_latest_rows_forecast_on_the_scale_of_the_data(tmp_path: Path) -> None:
    loaded = a_plain_run(tmp_path, "sunspots")
    lines = path("datasets", "sunspots.csv").read_text().splitlines()
    (tmp_path / "rows.csv").write_text("\n".join([lines[0], *lines[1:25]]))
    # A flat array is the one column as it was measured.
    np.save(tmp_path / "flat.npy", [float(line.split(",")[1]) for line in lines[1:25]])
    files = [str(tmp_path / name) for name in ("rows.csv", "flat.npy")]

    found, flat, sample = predict_files(loaded, [*files, "sample:0"])

    assert found.values == pytest.approx(sample.values, abs=1e-3)
    assert flat.values == pytest.approx(sample.values, abs=1e-3)
    how = loaded.spec.preparations["next"]
    scaled = found.outputs[0][0] * how.deviation[0] + how.mean[0]  # type: ignore[union-attr]
    assert found.values[0] == pytest.approx(scaled, abs=1e-3)
    assert float(sample.truth or 0) == pytest.approx(float(lines[25].split(",")[1]), abs=0.1)


@pytest.mark.parametrize("name", ["chicago_rides", "sunspots"])
def test_a_typed_series_is_answered_as_the_rows_of_a_table(tmp_path: Path, name: str) -> None:
    loaded = a_plain_run(tmp_path, name)
    how = loaded.spec.preparations["window"]
    assert isinstance(how, Windows)
    raw = loaded.data_set.read("window", np.array([0]))[0] * how.deviation + how.mean
    record = dict(zip(how.columns, raw.T.tolist(), strict=True))

    typed, sample = predict_files(loaded, [json.dumps(record), "sample:0"])

    assert typed.values == pytest.approx(sample.values, abs=1e-3)
    short = json.dumps({column: values[1:] for column, values in record.items()})
    with pytest.raises(DataError, match=f"the model reads the latest {how.length}"):
        predict_files(loaded, [short])


def test_frames_of_an_utterance_are_answered_as_the_sample_they_are(tmp_path: Path) -> None:
    loaded = a_plain_run(tmp_path, "japanese_vowels")
    with np.load(path("datasets", "japanese_vowels.npz")) as archive:
        frames = archive["x_train"][0].T[: archive["len_train"][0]]
    np.save(tmp_path / "frames.npy", frames)
    names = ",".join(f"c{number}" for number in range(1, 13))
    np.savetxt(tmp_path / "frames.csv", frames, delimiter=",", header=names, comments="")

    files = [str(tmp_path / "frames.npy"), str(tmp_path / "frames.csv")]
    array, rows, sample = predict_files(loaded, [*files, "sample:0"])

    assert len(frames) < 29 and same(array, sample) and same(rows, sample)


def test_a_forecast_is_told_with_its_band_on_the_scale_of_the_data(tmp_path: Path) -> None:
    spec = open_data_set("sunspots").spec
    drawing = Drawing()
    fields = msgspec.to_builtins(spec.fields)
    drawing.put("Data", "data", dataset="sunspots", fields=fields, split_by="order")
    drawing.put("Flatten", "flatten", "data.window")
    drawing.put("Linear", "ends", "flatten", out_features=2)
    drawing.put("QuantileLoss", "held", "ends", "data.next", coverage=0.9)
    drawing.put("Linear", "middle", "flatten", out_features=1)
    drawing.put("MSELoss", "loss", "middle", "data.next")
    loaded = load_run(save_run(tmp_path / "run", drawing.project("Band")))

    (found,) = predict_files(loaded, ["sample:0"])

    description = describe(loaded.plan, loaded.spec)
    place = description["band"]["output"]
    how = loaded.spec.preparations["next"]
    ends = sorted(end * how.deviation[0] + how.mean[0] for end in found.outputs[place])  # type: ignore[union-attr]
    assert description["band"]["coverage"] == 0.9
    assert found.band == pytest.approx(ends, abs=1e-3)
    assert len(found.values) == 1 and len(found.outputs[1 - place]) == 1


def test_the_mean_absolute_error_is_told_on_the_scale_of_the_data(tmp_path: Path) -> None:
    loaded = a_plain_run(tmp_path, "sunspots", test_share=0.2)
    samples = range(285 - 57, 285)

    results = evaluate_run(loaded)

    found = predict_files(loaded, [f"sample:{number}" for number in samples])
    errors = [abs(one.values[0] - float(one.truth or 0)) for one in found]
    assert (results.samples, results.metric) == (57, "mean absolute error")
    assert results.value == pytest.approx(np.mean(errors), rel=1e-3)


def test_a_compressed_table_is_no_input_and_is_told(bank: LoadedRun, tmp_path: Path) -> None:
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))

    with pytest.raises(DataError, match="a table"):
        predict_files(bank, [str(tmp_path / "rows.csv.gz")])
