"""What PySide keeps of a layout that is added to another one.

Of each item of a layout that is added filled it makes a Python object, which stays as long as the
layout does, also where Qt has freed the item. Whatever Qt makes at the same address is then taken
for that item: the line edit that a spin box is asked for is called a ``QWidgetItem``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLayout
from shiboken6 import Shiboken

_ADDING = ((QBoxLayout, "addLayout"), (QBoxLayout, "insertLayout"), (QGridLayout, "addLayout"))


def mend() -> None:
    """Let go of those objects wherever a layout is added, from now on."""
    for kind, name in _ADDING:
        add = getattr(kind, name)
        if not hasattr(add, "__wrapped__"):
            setattr(kind, name, _letting_go(add))


def _letting_go(add: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(add)
    def add_and_let_go(self: QLayout, *given: Any, **named: Any) -> None:
        add(self, *given, **named)
        for layout in (*given, *named.values()):
            if isinstance(layout, QLayout):
                _let_go_of_items(layout)

    return add_and_let_go


def _let_go_of_items(layout: QLayout) -> None:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        assert item is not None, "a layout has as many as it counts"
        nested = item.layout()
        if nested is not None:
            _let_go_of_items(nested)
        elif not Shiboken.createdByPython(item):
            Shiboken.invalidate(item)
