"""New: choose a built-in project to begin with, or an empty one."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.figures import count
from app.widgets import Button, FlowText, SectionTitle
from app.widgets.choice_row import ChoiceRow
from engine.analysis.shapes import infer_shapes
from engine.graph.edits import add_node, connect, make_node
from engine.graph.elements import EMPTY, End
from engine.project.project import Project
from engine.project.templates import Template, open_template, templates

_EMPTY = "empty"
_LOSS_Y = 470.0


def choose_template(parent: QWidget) -> Project | None:
    """Ask what to begin with; None where the person stays with what is open."""
    dialog = _TemplateDialog(parent)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return None
    return empty_project() if dialog.chosen == _EMPTY else open_template(dialog.chosen)


def empty_project() -> Project:
    """Return a project with a data node and a loss node, already placed."""
    data = make_node(EMPTY, "Data", position=(0.0, 0.0))
    graph = add_node(EMPTY, data)
    loss = make_node(graph, "CrossEntropyLoss", position=(0.0, _LOSS_Y))
    graph = connect(add_node(graph, loss), End(data.id, "label"), End(loss.id, "target"))
    return Project(name="Untitled", graph=graph)


class _TemplateDialog(QDialog):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.chosen = templates()[0].key
        self.setWindowTitle(self.tr("New project"))
        self.setMinimumWidth(520)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(4)
        column.addWidget(SectionTitle(self.tr("Begin with"), self.tr("data included")))
        column.addSpacing(6)
        for template in templates():
            column.addWidget(self._row(template.key, template.title, _note(template)))
        empty = self.tr("A data set and a loss, nothing between them")
        column.addWidget(self._row(_EMPTY, self.tr("Empty project"), empty))
        column.addSpacing(10)
        column.addWidget(FlowText(self.tr("What is open now is kept if you saved it."), "small"))
        column.addLayout(self._buttons())

    def _row(self, key: str, title: str, note: str) -> ChoiceRow:
        row = ChoiceRow(title, note, parent=self)
        row.setChecked(key == self.chosen)
        row.clicked.connect(lambda _checked=False: self._choose(key))
        return row

    def _choose(self, key: str) -> None:
        self.chosen = key

    def _buttons(self) -> QHBoxLayout:
        cancel = Button(self.tr("Cancel"), "ghost")
        make = Button(self.tr("Open"), "primary")
        make.setDefault(True)
        cancel.clicked.connect(self.reject)
        make.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(make)
        return row


def _note(template: Template) -> str:
    parameters = infer_shapes(open_template(template.key).graph).totals.parameters
    return f"{template.summary} {count(parameters)} parameters."
