"""Questions about the blocks in the library."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.dialogs.asking import agrees, ask_words


def may_replace(name: str, window: QWidget) -> bool:
    """Ask whether a block takes the place of one that has its name."""
    question = window.tr("Replace the block “{0}”?").format(name)
    outcome = window.tr("There is one of this name already. Projects that use it keep their copy.")
    return agrees(window, question, outcome, window.tr("Replace"))


def may_delete(name: str, window: QWidget) -> bool:
    """Ask whether a block is to be deleted."""
    question = window.tr("Delete the block “{0}”?").format(name)
    outcome = window.tr("Projects that use it keep their copy.")
    return agrees(window, question, outcome, window.tr("Delete"))


def new_name(name: str, window: QWidget) -> str:
    """Ask for another name of a block; empty where none was given."""
    title, asked, verb = window.tr("Rename block"), window.tr("Name"), window.tr("Rename")
    return ask_words(window, title, asked, name, verb) or ""
