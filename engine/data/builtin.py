"""The data sets that ship with Layerloom, by their names."""

import numpy as np
import numpy.typing as npt

from engine.data.opening import open_data
from engine.data.shipped import SHIPPED, no_such
from engine.data.showing import as_picture, class_field, picture_field
from engine.data.spec import DataSet, DataSpec
from nodes.io import Data

__all__ = ["data_sets", "open_data_set", "thumbnails"]


def data_sets() -> tuple[DataSpec, ...]:
    """Return what is known of each data set, in the order the library lists them."""
    return tuple(shipped.spec for shipped in SHIPPED.values())


def open_data_set(name: str) -> DataSet:
    """Open a data set by the name that a project calls it, split as it should be.

    Raises:
        DataError: There is no such data set, or its file cannot be read.
    """
    if name not in SHIPPED:
        raise no_such(name)
    return open_data(Data(dataset=name, split_by=SHIPPED[name].spec.split_by))


def thumbnails(name: str, count: int = 3) -> npt.NDArray[np.uint8]:
    """Return some samples for the card of a data set, each of another class where there are any.

    Shapes:
        out: (count, C, H, W), (count, H, W) of sequences, or (0, 0, 0, 0) for a data set that
            cannot be drawn

    Raises:
        DataError: There is no such data set, or its file cannot be read.
    """
    if name in SHIPPED and picture_field(SHIPPED[name].spec) is None:
        # Without opening it: a table takes longer to read than a card may wait.
        return np.empty((0, 0, 0, 0), np.uint8)
    return pictures_of(open_data_set(name), count)


def pictures_of(data_set: DataSet, count: int = 3) -> npt.NDArray[np.uint8]:
    """Return some samples of an open data set as pictures.

    Shapes:
        out: (count, C, H, W), (count, H, W) of sequences, or (0, 0, 0, 0) for a data set that
            cannot be drawn
    """
    field = picture_field(data_set.spec)
    if field is None:
        return np.empty((0, 0, 0, 0), np.uint8)
    chosen = _varied(data_set, min(count, data_set.spec.samples))
    values = data_set.read(field.name, chosen)
    return np.stack([as_picture(field, sample) for sample in values])


def _varied(data_set: DataSet, count: int) -> npt.NDArray[np.int64]:
    """Choose samples from the start, of different classes as long as there are new ones."""
    label = class_field(data_set.spec)
    if label is None:
        return np.arange(count)
    values = data_set.read(label.name, np.arange(data_set.spec.samples))
    _, firsts = np.unique(values, return_index=True)
    others = np.setdiff1d(np.arange(count + firsts.size), firsts)
    return np.concatenate([np.sort(firsts), others])[:count]
