"""Reading a data set beside the window: opened and counted on a thread, newest wins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import msgspec
import numpy as np
from PySide6.QtCore import QObject, QThreadPool, Signal

from app.handover import Handover
from engine.data.corrections import without_left_out
from engine.data.inspect.columns import column_facts
from engine.data.inspect.report import ColumnFacts
from engine.data.opening import open_data
from engine.data.row_sets import first_rows, in_stretches
from engine.data.showing import class_field
from engine.data.spec import DataSet, DataSpec
from engine.data.split_record import SplitRecord
from engine.data.splitting import Leak, leaks, record_of, split_of
from nodes.errors import LoomError
from nodes.io import Data

_MOST_ROWS = 20_000


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """An opened data set and what was counted in it."""

    asked: Data
    data: DataSet | None = None
    counts: tuple[int, ...] = ()
    """Samples of each class of the first field that has classes."""

    split: SplitRecord | None = None
    """Which samples train, validate and test."""

    leaks: tuple[Leak, ...] = ()
    """What passes from one part to another."""

    columns: tuple[ColumnFacts, ...] = ()
    error: LoomError | None = None


@dataclass(slots=True)
class _Wanted:
    data: Data | None = None


class Reading(QObject):
    """Opens the data sets of data nodes."""

    done = Signal(object)
    """The newest data set asked for is there, or could not be read: a ``Content``."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wanted = _Wanted()
        self._arrived = Handover(self, self._on_arrived)

    def read(self, data: Data) -> None:
        """Open a data set; ``done`` follows unless another one is asked for before."""
        self._wanted.data = data
        # The thread holds nothing of Qt: it could be the last to let go of it.
        read = partial(_read, data, self._wanted, self._arrived)
        QThreadPool.globalInstance().start(read)

    def _on_arrived(self, content: Content) -> None:
        if content.asked is self._wanted.data:
            self.done.emit(content)


def _read(data: Data, wanted: _Wanted, arrived: Handover[Content]) -> None:
    if data is wanted.data:
        arrived.give(content_of(data))


def content_of(asked: Data) -> Content:
    """Open a data set and count what it holds."""
    try:
        data = open_data(asked)
    except LoomError as error:
        return Content(asked=asked, error=error)
    try:
        parts = split_of(data, asked)
    except LoomError as error:
        return Content(asked=asked, data=data, counts=_counts(data, asked), error=error)
    return Content(
        asked=asked,
        data=data,
        counts=_counts(data, asked),
        split=record_of(parts, asked, data.spec.notes),
        leaks=leaks(data, asked),
        columns=_columns(data),
    )


def _columns(data: DataSet) -> tuple[ColumnFacts, ...]:
    """Describe the columns of a table; texts and labels by folder are told by the samples."""
    kinds = {field.kind for field in data.spec.fields}
    if not kinds & {"vector", "category", "number"}:
        return ()
    return tuple(column_facts(name, values[:_MOST_ROWS]) for name, values in data.columns.items())


def class_names(spec: DataSpec) -> tuple[str, ...]:
    """Return the names of the classes; numbers where they have none."""
    field = class_field(spec)
    if field is None or field.classes is None:
        return ()
    return spec.class_names.get(field.name) or tuple(str(n) for n in range(field.classes))


def _counts(data: DataSet, asked: Data) -> tuple[int, ...]:
    field = class_field(data.spec)
    if field is None or field.classes is None:
        return ()
    used = without_left_out(first_rows(data.spec.samples), asked.corrections)
    counts = np.zeros(field.classes, np.int64)
    for samples in in_stretches(used):
        labels = data.read(field.name, samples).astype(np.int64)
        counts += np.bincount(labels, minlength=field.classes)
    return tuple(counts.tolist())
