"""What an inspection found, from what stops to what is good to know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.widgets import Button, FlowText, Glyph
from engine.data.inspect import Finding

_GLYPHS: Final = {
    "stop": ("error", "err"),
    "choice": ("warning", "warn"),
    "note": ("info", "text3"),
}
_ORDER: Final = ("stop", "choice", "note")
_TOLD: Final = 3
_FOLD_PAD_PX: Final = 10


class Findings(QWidget):
    """A row for each finding: a sign, what it is, and why it matters."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show these findings, the gravest first."""
        for row in self._rows:
            row.deleteLater()
        ranked = sorted(findings, key=lambda finding: _ORDER.index(finding.weight))
        self._rows = [_row(finding) for finding in ranked]
        for row in self._rows:
            self._column.addWidget(row)


class _Affected(QWidget):
    """The files or rows of a finding, unfolded when somebody wants to see them."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._names = finding.examples
        self._rest = finding.count - len(finding.examples)
        self._list = FlowText(self._words(), "small", "text2")
        self._list.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # In line with the word on the button above.
        self._list.setContentsMargins(_FOLD_PAD_PX, 0, 0, 0)
        self._fold = Button("", "link", extent="small")
        self._fold.clicked.connect(lambda: self._show(unfolded=self._list.isHidden()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._fold, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._list)
        self._show(unfolded=False)

    def _show(self, *, unfolded: bool) -> None:
        self._list.setVisible(unfolded)
        amount = len(self._names) + max(self._rest, 0)
        words = self.tr("Hide them") if unfolded else self.tr("Show all {0}")
        self._fold.setText(words.format(amount))

    def _words(self) -> str:
        if all(name.isdigit() for name in self._names):
            lines = self.tr("Rows {0}").format(", ".join(self._names))
        else:
            lines = "\n".join(self._names)
        more = self.tr("and {0} more").format(self._rest) if self._rest > 0 else ""
        return "\n".join(part for part in (lines, more) if part)


def _row(finding: Finding) -> QWidget:
    row = QWidget()
    row.setAccessibleName(f"{finding.title}. {finding.why}")
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    glyph, tone = _GLYPHS[finding.weight]
    line.addWidget(Glyph(glyph, tone), alignment=Qt.AlignmentFlag.AlignTop)
    words = f"**{finding.title}.**" + (f" {finding.why}" if finding.why else "")
    told = QVBoxLayout()
    told.setSpacing(2)
    told.addWidget(FlowText(words, "small", "text2"))
    # Three of them are in the words already.
    if finding.count > _TOLD and len(finding.examples) > _TOLD:
        told.addWidget(_Affected(finding))
    line.addLayout(told, stretch=1)
    return row
