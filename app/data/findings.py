"""What an inspection found, from what stops to what is good to know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.widgets import FlowText, Glyph
from engine.data.inspect import Finding

_GLYPHS: Final = {
    "stop": ("error", "err"),
    "choice": ("warning", "warn"),
    "note": ("info", "text3"),
}
_ORDER: Final = ("stop", "choice", "note")


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


def _row(finding: Finding) -> QWidget:
    row = QWidget()
    row.setAccessibleName(f"{finding.title}. {finding.why}")
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    glyph, tone = _GLYPHS[finding.weight]
    line.addWidget(Glyph(glyph, tone), alignment=Qt.AlignmentFlag.AlignTop)
    words = f"**{finding.title}.**" + (f" {finding.why}" if finding.why else "")
    line.addWidget(FlowText(words, "small", "text2"), stretch=1)
    return row
