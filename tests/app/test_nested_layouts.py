from collections.abc import Callable

import pytest
from builders import a_project, a_residual_cnn
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken
from window_hands import Windows


def kept_items() -> list[QLayoutItem]:
    """Return the items, other than layouts, that Python has an object of."""
    every = Shiboken.getAllValidWrappers()
    return [it for it in every if isinstance(it, QLayoutItem) and not isinstance(it, QLayout)]


@pytest.mark.parametrize(
    ("kind", "add"),
    [
        (QVBoxLayout, QBoxLayout.addLayout),
        (QVBoxLayout, lambda whole, row: whole.insertLayout(0, row, stretch=1)),
        (QGridLayout, lambda whole, row: whole.addLayout(row, 0, 0)),
    ],
    ids=["box", "into box", "grid"],
)
def test_of_a_layout_that_is_added_filled_no_item_stays_with_python(
    qtbot: QtBot, kind: type[QLayout], add: Callable[[QLayout, QLayout], None]
) -> None:
    window, first, second = QWidget(), QLabel("first"), QLabel("second")
    qtbot.addWidget(window)
    row, inner = QHBoxLayout(), QVBoxLayout()
    row.addWidget(first)
    row.addStretch(1)
    inner.addWidget(second)
    row.addLayout(inner)

    add(kind(window), row)

    assert kept_items() == []
    assert first.parentWidget() is second.parentWidget() is window
    assert row.count() == 3 and row.indexOf(first) == 0 and inner.indexOf(second) == 0


def test_of_a_whole_window_no_item_stays_with_python(windows: Windows) -> None:
    window = windows(a_project(a_residual_cnn()))
    for node in window.document.graph.nodes:
        window.document.select([node])

    assert kept_items() == []
