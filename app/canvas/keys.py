"""What the keys do while the canvas has the focus.

The window's menus carry the same keys and come first; these let the canvas stand alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from app.canvas.geometry import SNAP

if TYPE_CHECKING:
    from app.canvas.view import CanvasView
    from app.canvas.walking import Direction

_ARROWS: dict[int, tuple[Direction, float, float]] = {
    Qt.Key.Key_Up: ("up", 0, -1),
    Qt.Key.Key_Down: ("down", 0, 1),
    Qt.Key.Key_Left: ("left", -1, 0),
    Qt.Key.Key_Right: ("right", 1, 0),
}
_Modifier = Qt.KeyboardModifier


def act_on_key(view: CanvasView, event: QKeyEvent) -> bool:
    """Do what a key means; say whether it means anything."""
    if event.key() in _ARROWS:
        return _act_on_arrow(view, event) or _act_on_table(view, event)
    if event.key() == Qt.Key.Key_Escape:
        return view.cancel()
    if event.key() == Qt.Key.Key_Space:
        if not event.isAutoRepeat():
            view.hold_space(held=True)
        return True
    return _act_on_standard(view, event) or _act_on_plain(view, event) or _act_on_table(view, event)


def _act_on_table(view: CanvasView, event: QKeyEvent) -> bool:
    pressed = QKeySequence(event.keyCombination())
    for action in view.own_actions():
        if any(pressed == QKeySequence(keys) for keys in action.keys):
            action.run()
            return True
    return False


def _act_on_arrow(view: CanvasView, event: QKeyEvent) -> bool:
    direction, dx, dy = _ARROWS[event.key()]
    held = event.modifiers() & ~_Modifier.KeypadModifier
    if held & _Modifier.ControlModifier:
        return False
    if held & _Modifier.AltModifier:
        step = 1.0 if held & _Modifier.ShiftModifier else SNAP
        view.editing.nudge(dx * step, dy * step)
    else:
        view.editing.end_nudge()
        view.walker.walk(direction, extend=bool(held & _Modifier.ShiftModifier))
    return True


def _act_on_standard(view: CanvasView, event: QKeyEvent) -> bool:
    keys = QKeySequence.StandardKey
    acts = (
        (keys.SelectAll, view.select_all),
        (keys.Copy, view.copy),
        (keys.Cut, view.cut),
        (keys.Paste, view.paste),
        (keys.ZoomIn, view.zoom_in),
        (keys.ZoomOut, view.zoom_out),
        (keys.Undo, view.document.undo),
        (keys.Redo, view.document.redo),
    )
    for key, act in acts:
        if event.matches(key):
            act()
            return True
    return False


def _act_on_plain(view: CanvasView, event: QKeyEvent) -> bool:
    control = bool(event.modifiers() & _Modifier.ControlModifier)
    shift = bool(event.modifiers() & _Modifier.ShiftModifier)
    acts = {
        (Qt.Key.Key_Delete, False, False): view.delete_selected,
        (Qt.Key.Key_Backspace, False, False): view.delete_selected,
        (Qt.Key.Key_Delete, True, False): view.delete_and_rejoin,
        (Qt.Key.Key_D, True, False): view.duplicate,
        (Qt.Key.Key_0, True, False): view.zoom_to_100,
        (Qt.Key.Key_Equal, True, False): view.zoom_in,
        (Qt.Key.Key_A, True, True): view.arrange,
        (Qt.Key.Key_A, False, True): view.open_quick_add,
        (Qt.Key.Key_Home, False, False): view.fit_all,
        (Qt.Key.Key_A, False, False): view.fit_all,
        (Qt.Key.Key_F, False, False): view.fit_selection,
        (Qt.Key.Key_M, False, False): view.toggle_bypass,
        (Qt.Key.Key_L, False, False): view.toggle_freeze,
        (Qt.Key.Key_F2, False, False): view.rename_selected,
        (Qt.Key.Key_Return, False, False): view.levels.open_selected,
        (Qt.Key.Key_Enter, False, False): view.levels.open_selected,
    }
    act = acts.get((Qt.Key(event.key()), control, shift))
    if act is None or event.modifiers() & _Modifier.AltModifier:
        return False
    act()
    return True
