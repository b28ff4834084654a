"""A trained run's answers for files and for samples of its data set."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from torch import Tensor

from engine.data import prepare
from engine.data.meaning import describe, deviation_of, main_meaning, mean_of
from engine.data.tables import read_columns
from engine.data.workbooks import SUFFIXES as WORKBOOKS
from engine.evaluate.loading import LoadedRun, load_run
from engine.evaluate.reading import InputError, MissingError, Sample, read_rows, read_samples
from engine.evaluate.samples import read_batch
from engine.evaluate.standalone import read_outputs, run, write
from engine.training.texts import Writing
from nodes.errors import DataError, UsageError

SAMPLE = "sample:"
_TABLES = (".parquet", *WORKBOOKS)
"""Those that an exported folder cannot read by itself."""


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """What the model says of one sample."""

    input: str
    """As it was asked for: the name of a file, or ``sample:12``."""

    sample: int = 0
    """Its place in the file."""

    label: str | None = None
    """The likeliest class, where the model predicts classes."""

    probability: float | None = None
    probabilities: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    """The class that each of ``probabilities`` is of."""

    text: str | None = None
    """What the model writes, where it writes."""

    areas: dict[str, float] = {}
    """Where every pixel has a class: the share of the picture that each class has."""

    values: tuple[float, ...] = ()
    """The numbers that the model predicts, on the scale of the data set."""

    band: tuple[float, ...] = ()
    """The ends between which the number should lie, where the model says so."""

    notes: tuple[str, ...] = ()
    """What of the input the model does not know."""

    truth: str | None = None
    """The right answer, where the data set knows it."""

    outputs: tuple[Any, ...] = ()
    """What the model puts out, as nested lists."""

    names: tuple[str, ...] = ()
    """What each of ``outputs`` is called: its own name, else that of its layer."""


def predict_files(
    source: Path | LoadedRun, inputs: Sequence[str], writing: Writing | None = None
) -> list[Prediction]:
    """Answer for files, texts and records as the model takes them, and for ``sample:N``.

    Args:
        writing: Go on with each text.

    Raises:
        DataError: An input cannot be read; nothing is answered then.
        UsageError: One is no file, and nothing else that the model reads.
        LoomError: The run cannot be opened.
    """
    loaded = source if isinstance(source, LoadedRun) else load_run(source)
    description = describe(loaded.plan, loaded.spec)
    asked = [(name, *_read(loaded, name, description["inputs"])) for name in inputs]
    return [
        prediction
        for name, samples, truth in asked
        for prediction in _answers(loaded, name, samples, truth, description, writing)
    ]


def _read(
    loaded: LoadedRun, name: str, inputs: Sequence[dict[str, Any]]
) -> tuple[list[Sample], str | None]:
    if name.startswith(SAMPLE):
        return _read_sample(loaded, name)
    try:
        if name.lower().endswith(_TABLES) and Path(name).is_file():
            return read_rows(read_columns(Path(name)), inputs, name), None
        return read_samples(name, inputs), None
    except InputError as error:
        kind = UsageError if isinstance(error, MissingError) else DataError
        raise kind(
            "An input cannot be read",
            why=_sentence(str(error).removeprefix(f"{name}: ")),
            where=name,
            hint=f"Give {_accepted(inputs)}, a .npy or .npz file, or sample:N.",
        ) from error


def _sentence(words: str) -> str:
    """Write what is said behind the name of a file as a sentence."""
    return f"It {words}" if words.startswith(("cannot ", "has ", "is ")) else words


def _unknown(name: str, inputs: Sequence[dict[str, Any]]) -> dict[int, tuple[str, ...]]:
    """Return what each row holds that is none of the categories that were learned from."""
    known = {
        column["name"]: {*column["values"], ""}
        for field in inputs
        for column in (field.get("prepare") or {}).get("columns", ())
        if isinstance(column, dict) and column["type"] == "category"
    }
    columns = _columns(name) if known else {}
    found = dict[int, tuple[str, ...]]()
    for column, values in known.items():
        for row, value in enumerate(columns.get(column, ())):
            if (text := prepare.text_of(value)) not in values:
                note = f"“{text[:40]}” is no known value of {column}: it is taken as none of them."
                found[row] = (*found.get(row, ()), note)
    return found


def _columns(name: str) -> Mapping[str, Sequence[Any]]:
    """Return the columns of what was read as rows already; none where it is nothing of rows."""
    if name.lstrip().startswith("{"):
        return prepare.columns_of([json.loads(name)])
    path = Path(name)
    if name.lower().endswith(_TABLES) and path.is_file():
        return {column: values.tolist() for column, values in read_columns(path).items()}
    return prepare.rows(path) if path.suffix.lower() in prepare.TABLES else {}


def _run(
    loaded: LoadedRun, name: str, samples: Sequence[Sample], description: dict[str, Any]
) -> Iterator[tuple[Tensor, ...]]:
    try:
        yield from run(loaded.compiled.module, samples, description)
    except InputError as error:
        raise DataError(
            "The model has no answer for this size",
            why=f"{str(error).capitalize()}",
            where=name,
            hint="Give larger samples, or samples as large as those of training.",
        ) from error


def _accepted(inputs: Sequence[dict[str, Any]]) -> str:
    """Say what a person may give, by the first input of the model."""
    first = inputs[0]
    how = (first.get("prepare") or {}).get("type", "")
    if not how and first["kind"] != "image":
        return f'a record as JSON, {{"{first["name"]}": [numbers]}}'
    words = {
        "tokens": "a text, a .txt file, a table",
        "waveform": "a recording",
        "windows": "a table of the latest rows",
    }
    return words.get(how, "a table, a record as JSON" if how else "an image")


def _read_sample(loaded: LoadedRun, name: str) -> tuple[list[Sample], str | None]:
    number = name.removeprefix(SAMPLE)
    count = loaded.spec.samples
    if not number.isdecimal() or int(number) >= count:
        raise DataError(
            "There is no such sample",
            why=f"“{loaded.spec.title}” has samples 0 to {count - 1}.",
            where=name,
            hint=f"Give {SAMPLE}0 to {SAMPLE}{count - 1}.",
        )
    batch = read_batch(loaded.data_set, loaded.plan, np.array([int(number)]))
    sample = {field: batch[field][0].numpy() for field in loaded.plan.inputs}
    return [sample], _truth(loaded, batch)


def _truth(loaded: LoadedRun, batch: dict[str, Tensor]) -> str | None:
    meaning = main_meaning(loaded.plan)
    if meaning is None or meaning.target not in batch or batch[meaning.target].numel() != 1:
        return None
    value = batch[meaning.target].item()
    names = loaded.spec.class_names.get(meaning.target, ())
    if isinstance(value, int):
        return names[value] if value < len(names) else str(value)
    return f"{value * deviation_of(loaded.spec, meaning) + mean_of(loaded.spec, meaning):g}"


def _answers(
    loaded: LoadedRun,
    name: str,
    samples: Sequence[Sample],
    truth: str | None,
    description: dict[str, Any],
    writing: Writing | None,
) -> Iterator[Prediction]:
    answers = zip(samples, _run(loaded, name, samples, description), strict=True)
    notes = {} if name.startswith(SAMPLE) else _unknown(name, description["inputs"])
    names = [output["name"] for output in description["outputs"]]
    for place, (sample, outputs) in enumerate(answers):
        answer = read_outputs(outputs, description, sample)
        if writing is not None:
            answer["text"] = _written(loaded, sample, description, writing)
        yield msgspec.convert(
            {
                "input": name,
                "sample": place,
                "truth": truth,
                "names": names,
                "notes": notes.get(place, ()),
                **answer,
            },
            Prediction,
        )


def _written(
    loaded: LoadedRun, sample: Sample, description: dict[str, Any], writing: Writing
) -> str:
    try:
        return write(
            loaded.compiled.module,
            sample,
            description,
            writing.tokens,
            temperature=writing.temperature,
            seed=writing.seed,
        )
    except InputError as error:
        raise DataError(
            "This model does not write",
            why=f"It is asked to go on with a text, but {error}",
            where=str(loaded.folder),
            hint="Ask without --write, or train a language model: “layerloom templates” has some.",
        ) from error
