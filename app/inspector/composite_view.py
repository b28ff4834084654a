"""Properties inside of a composite while nothing is selected: its name and its parameters."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from app.document import Document
from app.theme import font
from app.widgets import Button, FlowText, IconButton, Label, SectionTitle
from engine.graph.composites import at
from engine.graph.definitions import (
    add_parameter,
    remove_parameter,
    rename_definition,
    rename_parameter,
)
from engine.graph.elements import Formula, Graph, Value
from engine.graph.names import unique

_NEW = "size"
_GAP_PX = 8


class CompositeView(QWidget):
    """What all uses of the composite on show have in common."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._key = ""
        self._shown: list[tuple[str, str]] = []
        self._rows: list[tuple[QLineEdit, QLineEdit]] = []
        self._name = self._field(self.tr("Name of the composite"))
        self._name.editingFinished.connect(self._on_name)
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP_PX)
        self._add = Button(self.tr("Add parameter"), icon_name="plus", extent="small")
        self._add.clicked.connect(self._on_add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP_PX)
        column.addWidget(Label(self.tr("Composite"), "heading"))
        column.addWidget(self._name)
        column.addSpacing(4)
        column.addWidget(SectionTitle(self.tr("Parameters")))
        words = self.tr(
            "Each use can set them; number fields inside take them in formulas: width * 2."
        )
        column.addWidget(FlowText(words, "small", "text2"))
        column.addLayout(self._grid)
        column.addWidget(self._add)

    def refresh(self) -> None:
        """Show what the document says now; what is being typed stays."""
        definition = self._document.definition
        if definition is None:
            return
        around = at(self._document.project.graph, self._document.path[:-1])
        self._key = around.nodes[self._document.path[-1]].definition
        if not self._name.isModified():
            self._name.setText(definition.name)
            self._name.setCursorPosition(0)
        shown = [(name, _written(value)) for name, value in definition.parameters.items()]
        if shown != self._shown:
            self._shown = shown
            self._fill()

    def set_editable(self, *, editable: bool) -> None:
        """Let name and parameters be changed, or only read."""
        self.setEnabled(editable)

    def _fill(self) -> None:
        focused = self._focused()
        while (item := self._grid.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        self._rows.clear()
        for row, (name, default) in enumerate(self._shown):
            self._add_row(row, name, default)
        if focused is not None and focused[0] < len(self._rows):
            field = self._rows[focused[0]][focused[1]]
            field.setFocus()
            field.selectAll()

    def _focused(self) -> tuple[int, int] | None:
        """Return the row and the column of the field that the keyboard is in, if any."""
        fields = ((row, column) for row in range(len(self._rows)) for column in range(2))
        return next((at for at in fields if self._rows[at[0]][at[1]].hasFocus()), None)

    def _add_row(self, row: int, name: str, default: str) -> None:
        called, value = (
            self._field(self.tr("Name of {0}").format(name)),
            self._field(self.tr("Default of {0}").format(name)),
        )
        called.setText(name)
        value.setText(default)
        remove = IconButton("close", self.tr("Remove {0}").format(name))
        called.editingFinished.connect(lambda: self._on_renamed(name, called))
        value.editingFinished.connect(lambda: self._on_default(name, default, value))
        remove.clicked.connect(
            lambda: self._edit(
                self.tr("Remove {0}").format(name),
                lambda graph: remove_parameter(graph, self._key, name),
            )
        )
        for column, part in enumerate((called, value, remove)):
            self._grid.addWidget(part, row, column)
        self._rows.append((called, value))

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.setFont(font())
        return field

    def _on_name(self) -> None:
        if not self._name.isModified():
            return
        name = self._name.text()
        self._name.setModified(False)
        self._edit(
            self.tr("Rename composite"), lambda graph: rename_definition(graph, self._key, name)
        )
        self.refresh()

    def _on_add(self) -> None:
        name = unique(_NEW, {name for name, _ in self._shown})
        label = self.tr("Add parameter {0}").format(name)
        if self._edit(label, lambda graph: add_parameter(graph, self._key, name, 1)):
            self._rows[-1][0].setFocus()
            self._rows[-1][0].selectAll()

    def _on_renamed(self, name: str, field: QLineEdit) -> None:
        new = field.text().strip()
        if new == name or not field.isModified():
            return
        field.setModified(False)
        label = self.tr("Rename {0}").format(name)
        if not self._edit(label, lambda graph: rename_parameter(graph, self._key, name, new)):
            field.setText(name)

    def _on_default(self, name: str, default: str, field: QLineEdit) -> None:
        text = field.text().strip()
        if text == default or not text or not field.isModified():
            field.setText(default)
            return
        field.setModified(False)
        label = self.tr("Set default of {0}").format(name)
        self._edit(label, lambda graph: add_parameter(graph, self._key, name, _read(text)))

    def _edit(self, label: str, change: Callable[[Graph], Graph]) -> bool:
        return self._document.edit_model(label, change)


def _written(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Formula():
            return value.formula
        case list() | tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)


def _read(text: str) -> Value:
    """Return the value that a text stands for: a number, true or false, else the text."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"[+-]?\d{1,15}", text, re.ASCII):
        return int(text)
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text, re.ASCII | re.IGNORECASE):
        return float(text)
    return text
