"""What a person can ask of the canvas by menu and key: words, keys and what they do.

The canvas acts on these keys while it stands alone; the window's menus carry the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasAction:
    """One thing that the canvas can be asked for; its keys act while it has the focus."""

    key: str
    text: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()


def canvas_actions(view: CanvasView) -> list[CanvasAction]:
    """Return what a canvas can be asked for beyond what every editor has."""
    return [*_wire_actions(view)]


def _wire_actions(view: CanvasView) -> list[CanvasAction]:
    connecting = view.connecting
    return [
        CanvasAction(key="connect", text="Connect…", run=connecting.connect, keys=("C",)),
        CanvasAction(key="disconnect", text="Disconnect…", run=connecting.disconnect, keys=("X",)),
        CanvasAction(key="swap", text="Swap Inputs", run=view.editing.swap_inputs, keys=("Alt+S",)),
        CanvasAction(
            key="replace", text="Replace With…", run=view.replace_selected, keys=("Ctrl+R",)
        ),
    ]
