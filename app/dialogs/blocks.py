"""Questions about the blocks in the library."""

from __future__ import annotations

from PySide6.QtWidgets import QInputDialog, QMessageBox, QWidget


def may_replace(name: str, window: QWidget) -> bool:
    """Ask whether a block takes the place of one that has its name."""
    text = window.tr("There is a block “{0}” already. Replace it?").format(name)
    return _agreed(window, text, window.tr("Replace"))


def may_delete(name: str, window: QWidget) -> bool:
    """Ask whether a block is to be deleted."""
    text = window.tr("Delete the block “{0}”? Projects that use it keep their copy.").format(name)
    return _agreed(window, text, window.tr("Delete"))


def new_name(name: str, window: QWidget) -> str:
    """Ask for another name of a block; empty where none was given."""
    text, accepted = QInputDialog.getText(
        window, window.tr("Rename block"), window.tr("Name"), text=name
    )
    return text.strip() if accepted else ""


def _agreed(window: QWidget, text: str, verb: str) -> bool:
    box = QMessageBox(window)
    box.setText(text)
    agree = box.addButton(verb, QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(window.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.exec()
    return box.clickedButton() is agree
