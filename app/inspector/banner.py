"""A message above the form, with the buttons that mend what it says."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.fix_choices import FixChoices, fixes_beside
from app.widgets import Button, FlowText, Glyph, Label
from app.widgets.pointing import Pointing
from engine.analysis.report import Problem

_SHOWN_FIXES = 2


class ProblemBanner(QFrame):
    """What is wrong with the selected layer, and how to mend it."""

    fix_chosen = Signal(object)
    """A ``Fix`` is to be carried out."""

    fix_pointed_at = Signal(object)
    """The change of a ``Fix`` is to be shown; None where that of no fix is."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "banner")
        self._glyph = Glyph("error", "err")
        self._title = Label("", weight=600)
        self._title.setWordWrap(True)
        self._text = FlowText("", "small", "text2")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._glyph)
        head.addWidget(self._title, stretch=1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 10)
        self._column.setSpacing(6)
        self._column.addLayout(head)
        self._column.addWidget(self._text)
        self._buttons: list[Button] = []
        self.hide()

    def show_problem(self, problem: Problem | None) -> None:
        """Show a problem; the banner is hidden without one."""
        self.setVisible(problem is not None)
        self._clear()
        if problem is None:
            return
        tone = "err" if problem.severity == "error" else "warn"
        self.setProperty("state", tone)
        self.style().polish(self)
        self._glyph.set_glyph("error" if tone == "err" else "warning", tone)
        self._title.setText(problem.title)
        self._text.set_words(problem.text)
        self._text.setVisible(bool(problem.text))
        self.setAccessibleName(f"{problem.title}. {problem.text}")
        beside, further = fixes_beside(problem, _SHOWN_FIXES)
        for fix in beside:
            button = Button(fix.label, icon_name="wand", extent="small")
            button.clicked.connect(lambda _checked=False, fix=fix: self.fix_chosen.emit(fix))
            Pointing(button).changed.connect(
                lambda on, fix=fix: self.fix_pointed_at.emit(fix if on else None)
            )
            self._add(button)
        if further:
            choices = FixChoices(further, "small")
            choices.chosen.connect(self.fix_chosen)
            choices.pointed_at.connect(self.fix_pointed_at)
            self._add(choices)

    def _clear(self) -> None:
        if self._buttons:
            self.fix_pointed_at.emit(None)
        for button in self._buttons:
            button.deleteLater()
        self._buttons.clear()

    def _add(self, button: Button) -> None:
        self._buttons.append(button)
        self._column.addWidget(button)


class LockBanner(QFrame):
    """Says why nothing can be changed at the moment."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "banner")
        self._text = FlowText("", tone="text")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(Glyph("lock", "accent"))
        row.addWidget(self._text, stretch=1)
        self.hide()

    def set_reason(self, reason: str) -> None:
        """Show a reason; none hides the banner."""
        self._text.set_words(reason)
        self.setAccessibleName(reason)
        self.setVisible(bool(reason))
