"""Arrays that lie in files already: ``.npz``, ``.npy``, ``.safetensors`` and IDX.

Those of ``.npy`` and ``.safetensors`` are mapped: what is not looked at takes no memory.
"""

import gzip
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from engine.data.content import Content, Made, Ready
from engine.data.progress import told
from engine.data.spec import Values
from nodes.errors import DataError
from nodes.io import DataField, FieldKind
from nodes.sources import Arrays

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]

_UNREADABLE = (OSError, EOFError, ValueError, KeyError, zlib.error, zipfile.BadZipFile)

SUFFIXES = (".npz", ".npy", ".safetensors", ".idx", "-ubyte", ".idx.gz", "-ubyte.gz")
_IDX_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_MOST_CLASSES = 10_000
_TEST = 2
"""The number of the test part."""

_LOOKED_AT_BYTES = 1 << 26
_COPIED_BYTES = 1 << 28
_SAFE_TYPES = {
    "F16": "<f2",
    "F32": "<f4",
    "F64": "<f8",
    "U8": "u1",
    "I8": "i1",
    "I16": "<i2",
    "I32": "<i4",
    "I64": "<i8",
    "BOOL": "?",
}
_KEPT_AS_THEY_ARE = ("u1", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "b1")
"""What torch takes; it makes of a batch what a model needs."""


def read_arrays(source: Arrays) -> Content:
    """Read arrays as fields of a data set.

    Raises:
        DataError: A file cannot be read, or the arrays have different numbers of samples.
    """
    found, samples = _opened(source.fields, source)
    sides: dict[str, Array] = {}
    if source.test:
        held_out, tests = _opened(source.test, source)
        found = {name: _joined(name, array, held_out, source) for name, array in found.items()}
        sides = {"part": np.repeat([0, _TEST], [samples, tests])}
        samples += tests
    made = [_made(name, array, source) for name, array in found.items()]
    kept, notes = _finite(found, source, samples)
    if len(kept) < samples:
        made = [replace(one, values=_chosen(one.values, kept)) for one in made]
        sides = {name: values[kept] for name, values in sides.items()}
    return Content(len(kept), tuple(map(Ready, made)), sides=sides, notes=notes)


def _opened(fields: Sequence[tuple[str, str]], source: Arrays) -> tuple[dict[str, Array], int]:
    """Open the arrays of one part, and count its samples."""
    found = {name: open_array(Path(source.path), key) for name, key in fields}
    counts = {name: len(array) if array.ndim else 0 for name, array in found.items()}
    if len(set(counts.values())) != 1 or not min(counts.values()):
        each = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise DataError(
            "The arrays hold different numbers of samples",
            why=f"{each}.",
            where=source.path,
            hint="Choose arrays whose first axis counts the same samples.",
        )
    return found, min(counts.values())


def _joined(name: str, array: Array, held_out: Mapping[str, Array], source: Arrays) -> Array:
    """Put the test part of a field behind the others."""
    if name not in held_out or not are_alike(array, held_out[name]):
        raise DataError(
            f"The test part of {name} does not go with the rest",
            why="It has other sizes, or is not there.",
            where=source.path,
            hint="Drop the folder again to see what it holds.",
        )
    return np.concatenate([array, held_out[name]])


def are_alike(array: Array, other: Array) -> bool:
    """Say whether samples of two arrays are of the same size and kind."""
    return array.shape[1:] == other.shape[1:] and array.dtype.kind == other.dtype.kind


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Some samples of an array that is too large to be copied."""

    values: Values
    kept: Indices
    is_complete: bool = True

    def __getitem__(self, indices: Indices) -> Array:
        return self.values[self.kept[indices]]


def _chosen(values: Values, kept: Indices) -> Values:
    is_small = isinstance(values, np.ndarray) and values.nbytes <= _COPIED_BYTES
    return values[kept] if is_small else _Chosen(values, kept)


def _finite(
    found: Mapping[str, Array], source: Arrays, samples: int
) -> tuple[Indices, tuple[str, ...]]:
    """Return the samples that are all numbers, and what was left out.

    Raises:
        DataError: Some are not, and nobody said to leave them out.
    """
    floats = [array for array in found.values() if array.dtype.kind == "f"]
    every = np.arange(samples)
    if not source.skip_problems and sum(array.nbytes for array in floats) > _COPIED_BYTES:
        # The sheet looked through them; here it would take as long as an epoch.
        return every, ()
    broken = [not_finite(array) for array in floats]
    kept = np.setdiff1d(every, np.concatenate([np.empty(0, np.int64), *broken]))
    if len(kept) == samples:
        return every, ()
    words = f"{samples - len(kept)} of {samples} samples"
    if not source.skip_problems or not len(kept):
        raise DataError(
            f"{words} are infinite or not a number",
            why="Training would end at once.",
            where=source.path,
            hint="Leave them out, or mend the file.",
        )
    return kept, (f"{words} were left out: they hold values that are infinite or not a number.",)


def not_finite(array: Array) -> Indices:
    """Return the samples that hold a value which is infinite or not a number."""
    # Some at a time: a mapped array may be larger than memory.
    together = max(_LOOKED_AT_BYTES // max(array[:1].nbytes, 1), 1)
    found = [np.empty(0, np.int64)]
    for first in told(range(0, len(array), together), len(array)):
        part = array[first : first + together]
        is_finite = np.isfinite(part).reshape(len(part), -1).all(axis=1)
        found.append(first + np.flatnonzero(~is_finite))
    return np.concatenate(found)


def open_array(path: Path, key: str) -> Array:
    """Open one array: a key of an ``.npz``, or a file in the folder of ``path``.

    Raises:
        DataError: It cannot be read.
    """
    file = path if path.suffix in (".npz", ".safetensors") or not key else path.parent / key
    try:
        if file.suffix == ".safetensors":
            return _safe(file, key)
        if file.suffix == ".npz":
            with np.load(file, allow_pickle=False) as archive:
                return np.asarray(archive[key])
        if file.suffix == ".npy":
            return np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))
        return _idx(file)
    except (*_UNREADABLE, SafetensorError) as error:
        raise DataError(
            "The array cannot be read",
            why=f"{error}.",
            where=f"{file} {key}".strip(),
            hint="Save it again with numpy.save, without objects.",
        ) from error


def array_keys(path: Path) -> tuple[str, ...]:
    """Return the arrays that a file holds.

    Raises:
        DataError: It cannot be read.
    """
    if path.suffix not in (".npz", ".safetensors"):
        return (path.name,)
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, "numpy") as opened:
                return tuple(opened.keys())
        with zipfile.ZipFile(path) as archive:
            return tuple(name.removesuffix(".npy") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, SafetensorError) as error:
        raise DataError(
            "The arrays cannot be read",
            why=f"{error}.",
            where=str(path),
            hint="Save them again with numpy.savez.",
        ) from error


def _made(name: str, array: Array, source: Arrays) -> Made:
    if name in source.labels:
        labels = array.reshape(len(array), -1)[:, 0].astype(np.int64)
        if labels.min() < 0 or labels.max() >= _MOST_CLASSES:
            raise DataError(
                f"The labels {name} do not count classes",
                why=f"They go from {labels.min()} to {labels.max()}.",
                where=source.path,
                hint="Number the classes from 0, or take the array as numbers.",
            )
        classes = max(int(labels.max()) + 1, 2)
        names = tuple(str(number) for number in range(classes))
        return Made(DataField(name, "label", (), "int", classes), labels, None, names)
    if name in source.images and array.ndim == 3:
        array = array[:, None]
    if name in source.images and array.ndim == 4 and array.shape[1] > array.shape[3]:
        # A view: a copy would read the whole file.
        array = array.transpose(0, 3, 1, 2)
    if array.ndim == 1:
        array = array[:, None]
    kind = _kind(array, is_image=name in source.images)
    is_native = array.dtype.isnative and array.dtype.str[1:] in _KEPT_AS_THEY_ARE
    values = array if is_native else array.astype(np.float32)
    return Made(DataField(name, kind, array.shape[1:]), values)


def _kind(array: Array, *, is_image: bool) -> FieldKind:
    if is_image:
        return "image"
    if array.shape[1:] == (1,):
        return "number"
    return "vector" if array.ndim == 2 else "sequence"


def _safe(file: Path, key: str) -> Array:
    with safe_open(file, "numpy") as opened:
        # Whoever opens it checks the header, so that what it says lies inside of the file.
        found = opened.get_slice(key)
        kind, shape = found.get_dtype(), tuple(found.get_shape())
    if kind not in _SAFE_TYPES:
        raise ValueError(f"Numbers of the kind {kind} are not read")
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        first, _ = json.loads(stream.read(length))[key]["data_offsets"]
    return np.memmap(file, _SAFE_TYPES[kind], "r", 8 + length + first, shape)


def _idx(file: Path) -> Array:
    content = file.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    zero, kind, axes = struct.unpack_from(">HBB", content)
    if zero or kind not in _IDX_TYPES:
        raise ValueError("It does not begin as an IDX file")
    shape = struct.unpack_from(f">{axes}I", content, 4)
    values = np.frombuffer(content, _IDX_TYPES[kind], offset=4 + 4 * axes)
    return values.reshape(shape).astype(values.dtype.newbyteorder("="))
