"""The question whether a paused run takes the drawing on screen, and what becomes of its layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtWidgets import QMessageBox, QWidget

from engine.training.changes import Outlook

Answer = Literal["take", "leave", "cancel"]
_MOST = 6


def ask_about_changes(found: Outlook, window: QWidget, *, has_errors: bool) -> Answer:
    """Ask how a run goes on whose drawing or recipe was changed while it was paused."""
    box = QMessageBox(window)
    box.setWindowTitle(window.tr("The drawing or the recipe has changed"))
    box.setText(window.tr("Go on with the changes?"))
    box.setInformativeText(_words(found, window))
    take = box.addButton(window.tr("Take the changes"), QMessageBox.ButtonRole.AcceptRole)
    leave = box.addButton(window.tr("Go on as before"), QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(window.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    if has_errors:
        take.setEnabled(False)
        take.setToolTip(window.tr("The drawing has errors."))
        box.setInformativeText(window.tr("The drawing has errors, so the run cannot take it yet."))
    box.exec()
    if box.clickedButton() is take:
        return "take"
    return "leave" if box.clickedButton() is leave else "cancel"


def _words(found: Outlook, window: QWidget) -> str:
    lines = [
        (window.tr("Keep what they learned: {0}"), found.kept),
        (window.tr("Grow, or begin anew: {0}"), found.new),
        (window.tr("Are dropped: {0}"), found.dropped),
    ]
    return "\n".join(line.format(_list(titles)) for line, titles in lines if titles)


def _list(titles: Sequence[str]) -> str:
    shown = ", ".join(titles[:_MOST])
    return f"{shown} and {len(titles) - _MOST} more" if len(titles) > _MOST else shown
