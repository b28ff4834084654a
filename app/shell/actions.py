"""The actions of the window as a table: words, keys and what they do.

Menus, the header, context menus and the keyboard map are all made from these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One thing a person can ask for."""

    key: str
    text: str
    run: Callable[[], object]
    keys: tuple[str | QKeySequence.StandardKey, ...] = ()
    on_canvas: bool = False
    """Its keys act only while the canvas has the focus: single letters, Delete."""

    checkable: bool = False


SEPARATOR = ""


def make_actions(
    owner: QWidget, canvas: QWidget, specs: Sequence[ActionSpec]
) -> dict[str, QAction]:
    """Make a QAction of each spec; its keys work in the window, or on the canvas alone."""
    actions: dict[str, QAction] = {}
    for spec in specs:
        action = QAction(spec.text, owner)
        action.setShortcuts([sequence for key in spec.keys for sequence in _sequences(key)])
        action.setCheckable(spec.checkable)
        # Qt gives up QAction.triggered's argument only to slots that take none.
        action.triggered.connect(lambda _checked=False, run=spec.run: run())
        if spec.on_canvas:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            canvas.addAction(action)
        else:
            owner.addAction(action)
        actions[spec.key] = action
    return actions


def fill_menu_bar(
    bar: QMenuBar,
    menus: Mapping[str, Sequence[str]],
    actions: Mapping[str, QAction],
    submenus: Mapping[str, QMenu],
) -> None:
    """Fill a menu bar from lists of action keys; a key of ``submenus`` opens that menu.

    Alt and the first letter of its title open a menu.
    """
    for title, keys in menus.items():
        menu = bar.addMenu(title)
        fill_menu(menu, keys, actions, submenus)
        # An ampersand in the title would do it too, and underline the letter at all times.
        letter = QKeySequence(f"Alt+{title[0]}")
        QShortcut(letter, bar, partial(bar.setActiveAction, menu.menuAction()))


def fill_menu(
    menu: QMenu,
    keys: Sequence[str],
    actions: Mapping[str, QAction],
    submenus: Mapping[str, QMenu],
) -> None:
    """Fill a menu from a list of action keys."""
    for key in keys:
        if key == SEPARATOR:
            menu.addSeparator()
        elif key in submenus:
            menu.addMenu(submenus[key])
        else:
            menu.addAction(actions[key])


def _sequences(key: str | QKeySequence.StandardKey) -> list[QKeySequence]:
    if isinstance(key, str):
        return [QKeySequence(key)]
    # Some keyboards have a key "New" or "Cut" of its own; those are no use in a list of keys.
    return [
        sequence
        for sequence in QKeySequence.keyBindings(key)
        if "+" in sequence.toString(QKeySequence.SequenceFormat.PortableText)
    ]
