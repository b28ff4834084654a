"""Emptying models of items without what PySide does beside it."""

from __future__ import annotations

from PySide6.QtGui import QStandardItemModel


def remove_rows(model: QStandardItemModel) -> None:
    """Remove all rows.

    ``QStandardItemModel.clear`` looks up Python's object for the root item by its address. Qt makes
    and deletes root items without telling Python, so that what is found there may be long gone: a
    rare crash, seen in a window whose panels were just made.
    """
    model.removeRows(0, model.rowCount())
