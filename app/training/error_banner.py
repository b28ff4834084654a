"""What stopped a run: what, where, why and what would mend it, with the traceback folded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.theme import font
from app.widgets import Button, FlowText, Glyph, Label
from engine.training.events import HealthAct, RunFailed

_DETAILS_PX = 140


class ErrorBanner(QFrame):
    """A banner on the error surface; the curves below it stay."""

    node_requested = Signal(str)
    """Id of the node the person wants to be shown."""

    act_requested = Signal(object)
    """A ``HealthAct`` that the person wants done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "banner")
        self.setProperty("state", "err")
        self._node = ""
        self._words = ""
        self._title = Label("", tone="err", weight=600)
        self._title.setWordWrap(True)
        self._text = FlowText("", "small", "text")
        self._details = _details_view()
        self._where = Button(self.tr("Show the layer"), extent="small")
        self._where.clicked.connect(lambda: self.node_requested.emit(self._node))
        self._more = Button(self.tr("Details"), "ghost", extent="small")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._on_details_toggled)
        self._copy = Button(self.tr("Copy"), "ghost", icon_name="copy", extent="small")
        self._copy.clicked.connect(self._on_copy)
        self._acts: list[Button] = []
        self._lay_out()
        self.hide()

    def show_problem(self, problem: RunFailed, node_name: str = "") -> None:
        """Show a problem; ``node_name`` is what the person calls the layer."""
        self._node = problem.node or ""
        self._title.setText(problem.title)
        place = self.tr("In {0}.").format(node_name or self._node) if self._node else ""
        self._words = " ".join(part for part in (place, problem.why, problem.hint) if part)
        self._text.set_words(self._words)
        self._text.setVisible(bool(self._words))
        code = f"{problem.code}\n" if problem.code else ""
        self._details.setPlainText(code + problem.details)
        self._more.setChecked(False)
        self._more.setVisible(bool(problem.details))
        self._where.setVisible(bool(self._node))
        self._show_acts(problem.acts)
        self.setAccessibleName(f"{problem.title}. {self._words}")
        self.show()

    def _show_acts(self, acts: Sequence[HealthAct]) -> None:
        for button in self._acts:
            button.deleteLater()
        self._acts = []
        for place, act in enumerate(acts):
            button = Button(act.label, "plain" if place else "primary", extent="small", parent=self)
            button.setAccessibleName(act.label)
            button.clicked.connect(partial(self._on_act, act))
            self._act_row.insertWidget(place, button)
            self._acts.append(button)

    def _on_act(self, act: HealthAct) -> None:
        """Have it done once; what stopped the run stays told."""
        for button in self._acts:
            button.hide()
        self.act_requested.emit(act)

    def _lay_out(self) -> None:
        self._act_row, buttons = QHBoxLayout(), QHBoxLayout()
        for row in (self._act_row, buttons):
            row.setSpacing(6)
        self._act_row.addStretch(1)
        for button in (self._where, self._more, self._copy):
            button.setAccessibleName(button.text())
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(4)
        for line in (self._title, self._text):
            column.addWidget(line)
        column.addLayout(self._act_row)
        column.addLayout(buttons)
        column.addWidget(self._details)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        glyph = Glyph("error", "err", size_px=18)
        glyph.setAccessibleName(self.tr("Error"))
        mark = QVBoxLayout()
        mark.addWidget(glyph)
        mark.addStretch(1)
        row.addLayout(mark)
        row.addLayout(column, stretch=1)
        self._copy.hide()
        self._details.hide()

    def _on_details_toggled(self, is_open: bool) -> None:
        self._details.setVisible(is_open)
        self._copy.setVisible(is_open)

    def _on_copy(self) -> None:
        text = f"{self._title.text()}\n{self._words}\n\n{self._details.toPlainText()}"
        QGuiApplication.clipboard().setText(text)


def _details_view() -> QPlainTextEdit:
    view = QPlainTextEdit()
    view.setReadOnly(True)
    view.setFont(font("code"))
    view.setFixedHeight(_DETAILS_PX)
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    view.setAccessibleName(view.tr("Details"))
    return view
