"""Reading a data set with a person's corrections: other labels, samples left out."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from engine.data.places import Origins
from engine.data.row_sets import Rows, RowSet
from engine.data.spec import DataSet, DataSpec, RawColumn
from engine.graph.edits import set_params
from engine.graph.elements import Graph, NodeId, Value
from nodes.corrections import Correction
from nodes.errors import DataError
from nodes.io import Data, DataField

Indices = npt.NDArray[np.int64]


class Corrected:
    """A data set whose labels were corrected.

    Args:
        original: As its files hold it; splits are dealt out by its labels, so that no other
            sample changes sides.
    """

    def __init__(self, original: DataSet, field: str, labels: Mapping[int, int]) -> None:
        self.original = original
        self._field = field
        self._samples = np.array(sorted(labels), np.int64)
        self._labels = np.array([labels[sample] for sample in sorted(labels)], np.int64)

    @property
    def spec(self) -> DataSpec:
        """What it holds."""
        return self.original.spec

    @property
    def sides(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """Groups and given parts, where there are any."""
        return self.original.sides

    @property
    def columns(self) -> Mapping[str, RawColumn]:
        """The values as the files hold them."""
        return self.original.columns

    @property
    def origins(self) -> Mapping[str, Origins]:
        """Where the files lie, of fields that were decoded from some."""
        return self.original.origins

    @property
    def blocks(self) -> npt.NDArray[np.int64]:
        """What is best read as a whole."""
        return self.original.blocks

    @property
    def is_ready(self) -> bool:
        """Whether no sample has to be decoded any more."""
        return self.original.is_ready

    def read(self, field: str, indices: Indices) -> npt.NDArray[np.generic]:
        """Return the values of one field for the given samples, the labels corrected."""
        values = self.original.read(field, indices)
        if field != self._field or not len(self._samples):
            return values
        places = np.searchsorted(self._samples, indices).clip(0, len(self._samples) - 1)
        is_corrected = self._samples[places] == indices
        return np.where(is_corrected, self._labels[places], values).astype(values.dtype)


def corrected(data_set: DataSet, corrections: Iterable[Correction]) -> DataSet:
    """Return a data set as it is read with corrections.

    Raises:
        DataError: A correction is of a sample or a class that is not there.
    """
    labels = {one.sample: one.label for one in corrections if one.label is not None}
    field = label_field(data_set.spec)
    if not labels:
        return data_set
    last = data_set.spec.samples - 1
    if field is None or max(labels) > last or max(labels.values()) >= (field.classes or 0):
        raise DataError(
            "A label was corrected that the data does not have",
            why=f"The data has samples 0 to {last}"
            + (f" and {field.classes} classes." if field else " and no classes."),
            where=data_set.spec.title,
            hint="Take the correction back in the Data panel.",
        )
    return Corrected(data_set, field.name, labels)


def original_of(data_set: DataSet) -> DataSet:
    """Return a data set as its files hold it."""
    return data_set.original if isinstance(data_set, Corrected) else data_set


def without_left_out(rows: Rows, corrections: Iterable[Correction]) -> Rows:
    """Return samples but for those that a person left out."""
    left_out = [one.sample for one in corrections if one.label is None]
    if not left_out:
        return rows
    if isinstance(rows, RowSet):
        return rows.without(np.array(left_out, np.int64))
    return rows[~np.isin(rows, left_out)]


def label_field(spec: DataSpec) -> DataField | None:
    """Return the field whose labels can be corrected: the first that is one class."""
    return next((field for field in spec.fields if field.classes and not field.sizes), None)


def with_correction(graph: Graph, node: NodeId, data: Data, correction: Correction) -> Graph:
    """Correct a sample of a data node; a correction of the same sample goes."""
    return with_corrections(graph, node, data, [correction])


def with_corrections(
    graph: Graph, node: NodeId, data: Data, corrections: Sequence[Correction]
) -> Graph:
    """Correct samples of a data node; corrections of the same samples go."""
    new = {one.sample for one in corrections}
    others = [one for one in data.corrections if one.sample not in new]
    return _with(graph, node, sorted([*others, *corrections], key=lambda one: one.sample))


def without_correction(graph: Graph, node: NodeId, data: Data, sample: int) -> Graph:
    """Read a sample again as the files hold it."""
    return _with(graph, node, [one for one in data.corrections if one.sample != sample])


def _with(graph: Graph, node: NodeId, corrections: list[Correction]) -> Graph:
    plain: list[Value] = [_plain(one) for one in corrections]
    return set_params(graph, node, {"corrections": plain or None})


def _plain(correction: Correction) -> dict[str, Value]:
    fields = {"label": correction.label, "was": correction.was}
    given = {name: value for name, value in fields.items() if value is not None}
    return {"sample": correction.sample, **given}
