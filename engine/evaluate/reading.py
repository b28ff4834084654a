"""Files, texts and records, read as the samples that a model takes.

Exported beside ``predict.py``; nothing here needs torch or Layerloom.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from engine.data import prepare

_OTHER_TABLES = (".parquet", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
Sample: TypeAlias = dict[str, Any]
"""One numpy array for each input of the model, without the batch axis."""


class InputError(Exception):
    """A file cannot be read as an input of this model."""


class MissingError(InputError):
    """What was given is neither a file nor anything that this model reads."""


def read_samples(
    name: str,
    inputs: Sequence[Mapping[str, Any]],
    *,
    invert: bool = False,
    resize: bool = False,
) -> list[Sample]:
    """Read a file as samples of the model.

    Args:
        invert: Pictures have their dark and light the other way round.
        resize: Pictures are brought to the size of training, also where the model takes any.

    Raises:
        InputError: It is missing, of another kind, or does not have the right shape.
    """
    path = Path(name)
    try:
        if not _is_file(path):
            return _read_words(name, inputs)
        suffix = path.suffix.lower()
        if suffix in prepare.TABLES:
            return read_rows(prepare.rows(path), inputs, name)
        if suffix in _OTHER_TABLES:
            raise InputError(f"{name}: is no table that is read here. Save it as CSV.")
        if suffix not in (".npy", ".npz"):
            if _asked_in_words(inputs):
                return [_read_text(path.read_text(encoding="utf-8-sig"), inputs)]
            return [_read_file(path, _only(inputs, name), invert=invert, resize=resize)]
        with path.open("rb") as file:
            found = np.load(file, allow_pickle=False)
            if suffix == ".npz":
                arrays = {key: found[key] for key in found.files}
            else:
                arrays = {_only(inputs, name)["name"]: found}
            return _samples_of(arrays, inputs, name)
    except prepare.UNREADABLE as error:
        raise InputError(f"{name}: cannot be read. {error}") from error


def _only(inputs: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    if len(inputs) == 1:
        return inputs[0]
    names = ", ".join(field["name"] for field in inputs)
    raise InputError(f"{name}: the model has {len(inputs)} inputs. Give a .npz with {names}.")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        # A sentence is longer than names of files may be.
        return False


def _read_words(name: str, inputs: Sequence[Mapping[str, Any]]) -> list[Sample]:
    """Take what is no file as a record, or as the text that the model reads."""
    if name.lstrip().startswith("{"):
        return read_rows(_columns_of(json.loads(name), inputs), inputs, name)
    if _asked_in_words(inputs):
        return [_read_text(name, inputs)]
    raise MissingError(f"{name}: there is no such file.")


def _columns_of(
    record: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]
) -> Mapping[str, Sequence[Any]]:
    """Take a record as one row, or as columns of rows where the model takes a window of them."""
    types = {(field.get("prepare") or {}).get("type") for field in inputs}
    if types != {"windows"}:
        return prepare.columns_of([record])
    return {name: one if isinstance(one, list) else [one] for name, one in record.items()}


def _asked_in_words(inputs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a text is all that the model needs; what it answered so far is its own."""
    types = [(field.get("prepare") or {}).get("type") for field in inputs]
    return [name for name in types if name != "answer"] == ["tokens"]


def _read_text(text: str, inputs: Sequence[Mapping[str, Any]]) -> Sample:
    column = next(how["column"] for field in inputs if "column" in (how := field["prepare"]))
    return {
        field["name"]: prepare.prepared({column: [text]}, field["prepare"])[0] for field in inputs
    }


def read_rows(
    columns: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]], name: str
) -> list[Sample]:
    """Prepare every row, or the last rows where the model takes a window of them.

    Raises:
        InputError: The model takes no rows, or they lack a column or a value that it needs.
    """
    try:
        return _rows(columns, inputs, name)
    except KeyError as error:
        raise InputError(f"{name}: has no column called {error}.") from error
    except ValueError as error:
        raise InputError(f"{name}: cannot be read. {error}") from error


def _rows(
    columns: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]], name: str
) -> list[Sample]:
    made = {}
    for field in inputs:
        how = field.get("prepare")
        if field["kind"] == "image" or (how and how["type"] == "waveform"):
            raise InputError(f"{name}: the model takes no table for {field['name']}.")
        if how:
            made[field["name"]] = prepare.prepared(columns, how)
        else:
            made[field["name"]] = _as_they_are(columns[field["name"]], field, name)
    _many(next(iter(made.values())), inputs[0], name)
    return [dict(zip(made, values, strict=True)) for values in zip(*made.values(), strict=True)]


def _as_they_are(values: Sequence[Any], field: Mapping[str, Any], name: str) -> Any:
    """Take numbers to which nothing is done: each row holds a list of them, or the only one."""
    shape = tuple(field["shape"])
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: {field['name']} is to hold {by(shape)} numbers.") from error
    if array.shape == (len(values),) and shape == (1,):
        array = array[:, None]
    if array.shape != (len(values), *shape) or not np.isfinite(array).all():
        raise InputError(f"{name}: {field['name']} is to hold {by(shape)} numbers.")
    return array.astype(np.int64 if field["dtype"] == "int" else np.float32)


def _read_file(path: Path, field: Mapping[str, Any], *, invert: bool, resize: bool) -> Sample:
    how = field.get("prepare") or {}
    if how.get("type") == "waveform":
        return {field["name"]: prepare.recording(path, how)}
    return _read_image(path, field if resize else _as_large(path, field), invert=invert)


def _as_large(path: Path, field: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the field with the sizes of a picture itself, as near as the model takes them."""
    if field["kind"] != "image" or not field.get("free"):
        return field
    own = (*field["shape"][:-2], *prepare.picture_size(path))
    sizes = zip(field["shape"], field["free"], own, strict=True)
    shape = [max(round(size / step), 1) * step if step else fixed for fixed, step, size in sizes]
    return {**field, "shape": shape}


def _read_image(path: Path, field: Mapping[str, Any], *, invert: bool) -> Sample:
    shape = tuple(field["shape"])
    if field["kind"] != "image" or len(shape) != 3 or shape[0] not in (1, 3):
        raise InputError(f"{path}: the model takes arrays of {by(shape)}. Give a .npy file.")
    pixels = prepare.picture(path, shape, invert=invert)
    return {field["name"]: pixels.astype(np.float32) / np.float32(255)}


def _samples_of(
    arrays: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]], name: str
) -> list[Sample]:
    columns = {}
    for field in inputs:
        if field["name"] not in arrays:
            raise InputError(f"{name}: has no array called {field['name']}.")
        array = _filled(np.asarray(arrays[field["name"]]), field)
        columns[field["name"]] = _many(array, field, name)
    counts = {len(column) for column in columns.values()}
    if len(counts) > 1:
        raise InputError(f"{name}: its arrays hold different numbers of samples.")
    return [{key: column[k] for key, column in columns.items()} for k in range(counts.pop())]


def _filled(array: Any, field: Mapping[str, Any]) -> Any:
    """Bring one sample to the length that the model takes, where it takes fewer rows too.

    A flat array is a series as it was measured: the latest values of its one column.
    """
    how = field.get("prepare") or {}
    if how.get("type") == "windows" and array.ndim == 1 and len(how["columns"]) == 1:
        return prepare.prepared({how["columns"][0]: array}, how)
    if how.get("fills") and array.shape[1:] == (len(how["columns"]),):
        return prepare.window(array, how)
    return array


def _many(array: Any, field: Mapping[str, Any], name: str) -> Any:
    """Return samples x shape, in the numbers that the model takes."""
    shape = tuple(field["shape"])
    if field["kind"] == "image" and array.dtype == np.uint8:
        array = array.astype(np.float32) / np.float32(255)
    # Grey images are mostly kept without an axis for their one channel.
    for left_out in range(1 + (shape[:1] == (1,))):
        for sizes in (array.shape, array.shape[1:]):
            if _fits(sizes, field, left_out):
                whole = array.reshape(-1, *shape[:left_out], *sizes)
                return whole.astype(np.int64 if field["dtype"] == "int" else np.float32)
    raise InputError(f"{name}: holds {by(array.shape)}, the model takes {by(shape)}.")


def _fits(sizes: Sequence[int], field: Mapping[str, Any], left_out: int) -> bool:
    """Whether sizes are those of a sample, or others that it may have.

    Args:
        left_out: How many of its first axes are not among them.
    """
    wanted = field["shape"][left_out:]
    steps = (field.get("free") or [0] * len(field["shape"]))[left_out:]
    return len(sizes) == len(wanted) and all(
        size == fixed or (step > 0 and size > 0 and size % step == 0)
        for size, fixed, step in zip(sizes, wanted, steps, strict=True)
    )


def by(shape: Sequence[int]) -> str:
    """Return sizes as people write them: ``3×64×64``."""
    return "×".join(str(size) for size in shape) or "single numbers"
