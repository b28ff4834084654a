"""Questions that the window asks once, and what the person answered."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QInputDialog, QMessageBox, QWidget

_STEPS = 100
_MOST_STEPS = 10_000_000


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


def number_of_steps(window: QWidget) -> int:
    """Ask after how many steps a run shall hold; 0 where the person thinks better of it."""
    steps, accepted = QInputDialog.getInt(
        window,
        window.tr("Run steps and hold"),
        window.tr("After how many steps?"),
        _STEPS,
        1,
        _MOST_STEPS,
    )
    return steps if accepted else 0
