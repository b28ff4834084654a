"""Questions that the window asks once, and what the person answered."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QMessageBox, QWidget

from engine.project.recovery import Recovered


def wants_to_stop(window: QWidget) -> bool:
    """Ask whether a run that is under way is to be stopped so that the window can close."""
    box = QMessageBox(window)
    box.setWindowTitle(window.tr("Training is under way"))
    box.setText(window.tr("Stop training and close?"))
    box.setInformativeText(
        window.tr("A checkpoint is saved first. You can go on from it the next time.")
    )
    stop = box.addButton(window.tr("Stop and close"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(window.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.exec()
    return box.clickedButton() is stop


def fate_of(lost: Recovered, window: QWidget) -> Literal["bring", "drop", "later"]:
    """Ask what becomes of a drawing whose window did not get to close."""
    box = QMessageBox(window)
    box.setWindowTitle(window.tr("Unsaved work was kept"))
    box.setText(window.tr("Bring back “{0}”?").format(lost.project.name))
    box.setInformativeText(
        window.tr("Layerloom did not get to close. This is the drawing as you left it.")
    )
    bring = box.addButton(window.tr("Bring it back"), QMessageBox.ButtonRole.AcceptRole)
    drop = box.addButton(window.tr("Delete the copy"), QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(window.tr("Later"), QMessageBox.ButtonRole.RejectRole)
    box.exec()
    if box.clickedButton() is bring:
        return "bring"
    return "drop" if box.clickedButton() is drop else "later"
