"""The part of Properties that only a data node has: which data set, and what it holds."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.inspector.editors import ChoiceEditor
from app.inspector.form import Row
from app.inspector.free_sizes_part import FreeSizesPart
from app.widgets import Label
from engine.analysis.free_sizes import size_groups
from engine.data.augmentation import kept_steps
from engine.graph.edits import set_params
from engine.graph.elements import Graph, NodeId
from nodes.io import Data, DataField

if TYPE_CHECKING:
    from engine.data.spec import DataSpec


class DataPart(QWidget):
    """The data set of a data node, and the fields that it gives."""

    chosen = Signal(object)
    """Another data set is wanted: its ``DataSpec``."""

    freed = Signal(tuple, int)
    """Sizes are to be any multiples of a number, or with 0 what they are: letters, number."""

    def __init__(self) -> None:
        super().__init__()
        self._holder = QVBoxLayout(self)
        self._holder.setContentsMargins(0, 0, 0, 0)
        self._holder.setSpacing(8)
        self._editor: ChoiceEditor | None = None
        self._unknown = ""
        self._is_own = False
        self._fields = QFrame(self)
        self._fields.setProperty("kind", "well")
        self._lines = QVBoxLayout(self._fields)
        self._lines.setContentsMargins(12, 8, 12, 8)
        self._lines.setSpacing(4)
        self._sizes = FreeSizesPart(self)
        self._sizes.freed.connect(self.freed)

    @cached_property
    def _specs(self) -> dict[str, DataSpec]:
        # It comes with numpy, which the window does not wait for when it opens.
        from engine.data.builtin import data_sets

        return {spec.name: spec for spec in data_sets()}

    def show_data(self, data: Data) -> None:
        """Show the data set of a node; one that is not at hand is named all the same."""
        unknown = "" if data.dataset in self._specs and not data.source else data.dataset
        is_own = data.source is not None
        if self._editor is None or (unknown, is_own) != (self._unknown, self._is_own):
            self._make_editor(unknown, is_own=is_own)
        assert self._editor is not None
        self._editor.set_value(data.dataset)
        while (item := self._lines.takeAt(0)) is not None:
            line = item.widget()
            if line is not None:
                line.deleteLater()
        for field in data.fields:
            self._lines.addWidget(_field_line(field))
        self._sizes.show_groups(size_groups(data))

    def _make_editor(self, unknown: str, *, is_own: bool) -> None:
        while (item := self._holder.takeAt(0)) is not None:
            old = item.widget()
            if old is not None and old not in (self._fields, self._sizes):
                old.setParent(None)
                old.deleteLater()
        self._unknown, self._is_own = unknown, is_own
        choices = [(spec.name, spec.title) for spec in self._specs.values()]
        if unknown:
            words = self.tr("{0}, own files") if is_own else self.tr("{0}, not here")
            choices.append((unknown, words.format(unknown)))
        self._editor = ChoiceEditor(self.tr("Data set"), tuple(choices))
        self._editor.committed.connect(self._on_committed)
        self._holder.addWidget(Row(self.tr("Data set"), self._editor))
        self._holder.addWidget(self._fields)
        self._holder.addWidget(self._sizes)

    def _on_committed(self, name: str) -> None:
        if name in self._specs:
            self.chosen.emit(self._specs[name])


def with_data_set(graph: Graph, node: NodeId, spec: DataSpec) -> Graph:
    """Let a data node read another data set; its fields come with it."""
    default = Data()
    fields = None if spec.fields == default.fields else msgspec.to_builtins(spec.fields)
    name = None if spec.name == default.dataset else spec.name
    split_by = None if spec.split_by == default.split_by else spec.split_by
    params = {"dataset": name, "fields": fields, "split_by": split_by, "source": None}
    kept = kept_steps(graph, node, spec.fields)
    return set_params(graph, node, {**params, "augmentation": kept, "corrections": None})


def _field_line(field: DataField) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(Label(field.name, "code"))
    row.addStretch(1)
    kind = f"{field.classes} classes" if field.classes else field.kind
    row.addWidget(Label(kind, "small", "text3"))
    if field.sizes:
        row.addWidget(Label(str(field.in_letters()), "shape", "text2"))
    line.setAccessibleName(", ".join(label.text() for label in line.findChildren(QLabel)))
    return line
