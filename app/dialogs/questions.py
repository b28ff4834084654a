"""Questions that the window asks once, and what the person answered."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QMessageBox, QWidget


def fate_of_run(window: QWidget) -> Literal["keep", "stop", "cancel"]:
    """Ask what becomes of a run that is under way when the window closes."""
    box = QMessageBox(window)
    box.setWindowTitle(window.tr("Training is under way"))
    box.setText(window.tr("Close while training is under way?"))
    box.setInformativeText(
        window.tr(
            "In the background it goes on to its end; a window that is opened meanwhile shows it. "
            "Stopped, it saves a checkpoint from which you can go on."
        )
    )
    keep = box.addButton(
        window.tr("Keep training in the background"), QMessageBox.ButtonRole.AcceptRole
    )
    stop = box.addButton(window.tr("Stop and close"), QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(window.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.exec()
    if box.clickedButton() is keep:
        return "keep"
    return "stop" if box.clickedButton() is stop else "cancel"
