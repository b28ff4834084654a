"""Properties while nothing is selected: the project, its figures and how it is trained."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.document import Document
from app.figures import count, millions
from app.inspector.form import LABEL_PX, add_divider
from app.theme import current_theme, font, line_height_px
from app.widgets import Label, SectionTitle
from app.widgets.growing import follow_height

_FIELDS = 2
"""Name and notes; the figures below them are lines of text."""

_NOTES_LINES = 4
_NOTES_INSET_PX = 8


class ProjectView(QWidget):
    """Name, notes and figures of the project, and below them the recipe."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._name = QLineEdit()
        self._name.setAccessibleName(self.tr("Name"))
        self._name.setFont(font())
        self._name.editingFinished.connect(self._on_name_finished)
        self._notes = _Notes()
        self._notes.setAccessibleName(self.tr("Notes"))
        self._notes.finished.connect(self._on_notes_finished)
        self._figures = {key: Label() for key in ("layers", "parameters", "work")}
        self._recipe = QWidget()
        self._recipe.hide()
        self._build()

    def set_form(self, form: QWidget) -> None:
        """Put the form of the recipe into its place, hidden."""
        column = QVBoxLayout(self._recipe)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        add_divider(column)
        column.addWidget(SectionTitle(self.tr("Recipe")))
        column.addWidget(form)

    def show_form(self) -> None:
        """Show the form of the recipe."""
        self._recipe.show()

    def refresh(self) -> None:
        """Show what the document says now; what is being typed stays."""
        project = self._document.project
        if not self._name.hasFocus() or not self._name.isModified():
            self._name.setText(project.name)
            # Of a name too long for the field its beginning is seen.
            self._name.setCursorPosition(0)
        if not self._notes.hasFocus() and self._notes.toPlainText() != project.notes:
            self._notes.setPlainText(project.notes)
        totals = self._document.model_report.totals
        self._figures["layers"].setText(count(totals.layers))
        self._figures["parameters"].setText(count(totals.parameters))
        known = totals.complete or totals.multiply_adds
        self._figures["work"].setText(millions(totals.multiply_adds) if known else "–")

    def focus_name(self) -> None:
        """Put the keyboard into the name, its text selected."""
        self._name.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._name.selectAll()

    def set_editable(self, *, editable: bool) -> None:
        """Let name and notes be changed, or only read."""
        self._name.setReadOnly(not editable)
        self._notes.setReadOnly(not editable)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Label(self.tr("Project"), "heading"))
        column.addSpacing(4)
        column.addLayout(self._fields())
        column.addWidget(self._recipe)

    def _fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, LABEL_PX)
        grid.setColumnStretch(1, 1)
        named = [
            (self.tr("Name"), self._name),
            (self.tr("Notes"), self._notes),
            (self.tr("Layers"), self._figures["layers"]),
            (self.tr("Parameters"), self._figures["parameters"]),
            (self.tr("Multiply-adds"), self._figures["work"]),
        ]
        for place, (word, widget) in enumerate(named):
            caption = Label(word, tone="text2")
            caption.setBuddy(widget)
            is_field = place < _FIELDS
            follow_height(caption, _caption_px if is_field else _line_px)
            grid.addWidget(caption, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(widget, place, 1)
        return grid

    def _on_name_finished(self) -> None:
        name = self._name.text().strip()
        if name:
            self._document.set_about(name=name)
        self._name.setModified(False)
        self._name.setText(self._document.project.name)

    def _on_notes_finished(self) -> None:
        self._document.set_about(notes=self._notes.toPlainText())


def _caption_px() -> int:
    """As high as a field, so that the word stands at its middle."""
    return current_theme().size.field


def _line_px() -> int:
    return line_height_px("body")


class _Notes(QPlainTextEdit):
    """A few lines of text that are taken when the focus leaves."""

    finished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFont(font())
        self.setTabChangesFocus(True)
        follow_height(self, lambda: _NOTES_LINES * line_height_px("body") + 2 * _NOTES_INSET_PX)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        super().focusOutEvent(event)
        self.finished.emit()
