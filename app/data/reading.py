"""Reading a data set beside the window: opened and counted on a thread, newest wins."""

from __future__ import annotations

import msgspec
import numpy as np
from PySide6.QtCore import QObject, QThreadPool, Signal
from shiboken6 import isValid

from engine.data.builtin import open_data_set
from engine.data.spec import DataSet, DataSpec
from nodes.errors import LoomError
from nodes.io import DataField


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """An opened data set and what was counted in it."""

    name: str
    data: DataSet | None = None
    counts: tuple[int, ...] = ()
    """Samples of each class of the first field that has classes."""

    error: LoomError | None = None


class Reading(QObject):
    """Opens data sets by name."""

    done = Signal(object)
    """The newest data set asked for is there, or could not be read: a ``Content``."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wanted = ""
        self._arrived.connect(self._on_arrived)

    def read(self, name: str) -> None:
        """Open a data set; ``done`` follows unless another one is asked for before."""
        self._wanted = name
        QThreadPool.globalInstance().start(lambda: self._read(name))

    def _read(self, name: str) -> None:
        content = content_of(name)
        if isValid(self):
            self._arrived.emit(content)

    def _on_arrived(self, content: Content) -> None:
        if content.name == self._wanted:
            self.done.emit(content)


def content_of(name: str) -> Content:
    """Open a data set and count its classes."""
    try:
        data = open_data_set(name)
        field = class_field(data.spec)
        if field is None or field.classes is None:
            return Content(name=name, data=data)
        labels = data.read(field.name, np.arange(data.spec.samples)).astype(np.int64)
    except LoomError as error:
        return Content(name=name, error=error)
    counts = np.bincount(labels, minlength=field.classes)
    return Content(name=name, data=data, counts=tuple(int(count) for count in counts))


def class_field(spec: DataSpec) -> DataField | None:
    """Return the field that says which class a sample belongs to."""
    return next((field for field in spec.fields if field.classes and not field.sizes), None)


def class_names(spec: DataSpec) -> tuple[str, ...]:
    """Return the names of the classes; numbers where they have none."""
    field = class_field(spec)
    if field is None or field.classes is None:
        return ()
    return spec.class_names.get(field.name) or tuple(str(n) for n in range(field.classes))


def image_field(spec: DataSpec) -> DataField | None:
    """Return the field that can be looked at."""
    return next((field for field in spec.fields if field.kind == "image"), None)
