"""What a person can ask of the canvas by menu and key: words, keys and what they do.

The canvas acts on these keys while it stands alone; the window's menus carry the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.graph.alignment import Edge, Way
from engine.graph.framing import COLOURS

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
    return [
        CanvasAction(
            key="minimap", text="Minimap", run=view.toggle_minimap, keys=("Ctrl+Shift+N",)
        ),
        *_selections(view),
        *_wire_actions(view),
        *_frames(view),
        *_levels(view),
        *_arrangements(view),
    ]


def _selections(view: CanvasView) -> list[CanvasAction]:
    choosing = view.choosing
    return [
        CanvasAction(key="upstream", text="Select Upstream", run=choosing.upstream, keys=("U",)),
        CanvasAction(
            key="downstream", text="Select Downstream", run=choosing.downstream, keys=("D",)
        ),
        CanvasAction(key="same_kind", text="Select Same Kind", run=choosing.same_kind, keys=("K",)),
        CanvasAction(
            key="invert", text="Invert Selection", run=choosing.invert, keys=("Ctrl+Shift+I",)
        ),
    ]


def _wire_actions(view: CanvasView) -> list[CanvasAction]:
    connecting = view.connecting
    return [
        CanvasAction(
            key="select_wire", text="Select Wire", run=view.walker.walk_to_wire, keys=("W",)
        ),
        CanvasAction(key="connect", text="Connect…", run=connecting.connect, keys=("C",)),
        CanvasAction(key="disconnect", text="Disconnect…", run=connecting.disconnect, keys=("X",)),
        CanvasAction(key="swap", text="Swap Inputs", run=view.editing.swap_inputs, keys=("Alt+S",)),
        CanvasAction(key="split_activation", text="Split Activation", run=view.split_activation),
        CanvasAction(key="insert", text="Insert on Wire…", run=view.insert_on_wire),
        CanvasAction(key="values", text="Show Values", run=view.toggle_values, keys=("V",)),
        CanvasAction(key="name_output", text="Name This Output…", run=view.name_output),
        CanvasAction(key="bend", text="Add Bend", run=view.add_bend),
        CanvasAction(key="unbend", text="Remove Bends", run=view.editing.remove_bends),
        CanvasAction(
            key="replace", text="Replace With…", run=view.replace_selected, keys=("Ctrl+R",)
        ),
    ]


def _frames(view: CanvasView) -> list[CanvasAction]:
    framing = view.framing
    return [
        CanvasAction(key="frame", text="Frame", run=framing.frame, keys=("Ctrl+G",)),
        CanvasAction(key="dissolve", text="Dissolve", run=view.dissolve, keys=("Ctrl+Alt+G",)),
        CanvasAction(key="fold_frame", text="Fold Frame", run=framing.toggle_fold, keys=("H",)),
        CanvasAction(key="large_title", text="Large Title", run=framing.toggle_large_title),
        *(
            CanvasAction(
                key=f"frame_{colour or 'plain'}",
                text=colour.capitalize() or "None",
                run=lambda colour=colour: framing.colour(colour),  # type: ignore[misc]
            )
            for colour in ("", *COLOURS)
        ),
    ]


def _levels(view: CanvasView) -> list[CanvasAction]:
    levels, composing = view.levels, view.composing
    return [
        CanvasAction(
            key="make_composite",
            text="Make Composite",
            run=composing.make,
            keys=("Ctrl+Shift+G",),
        ),
        CanvasAction(key="save_block", text="Save as Block", run=composing.save_block),
        CanvasAction(key="repeat", text="Repeat…", run=composing.ask_repeat, keys=("R",)),
        CanvasAction(
            key="open_composite", text="Open", run=levels.open_selected, keys=("Ctrl+Down",)
        ),
        CanvasAction(key="leave_composite", text="Go Up", run=levels.leave, keys=("Ctrl+Up",)),
        CanvasAction(
            key="next_round", text="Next Round", run=levels.next_round, keys=("Ctrl+PgDown",)
        ),
        CanvasAction(
            key="previous_round",
            text="Previous Round",
            run=levels.previous_round,
            keys=("Ctrl+PgUp",),
        ),
    ]


def _arrangements(view: CanvasView) -> list[CanvasAction]:
    arranging = view.arranging
    return [
        CanvasAction(key="arrange_down", text="Arrange Down", run=lambda: arranging.run("down")),
        CanvasAction(
            key="arrange_right", text="Arrange to the Right", run=lambda: arranging.run("right")
        ),
        CanvasAction(
            key="fold", text="Fold into Columns", run=arranging.fold, keys=("Ctrl+Alt+A",)
        ),
        *(
            CanvasAction(
                key=f"align_{edge}",
                text=text,
                run=lambda edge=edge: arranging.align(edge),  # type: ignore[misc]
                keys=(keys,),
            )
            for edge, text, keys in _EDGES
        ),
        *(
            CanvasAction(
                key=f"distribute_{way}",
                text=text,
                run=lambda way=way: arranging.distribute(way),  # type: ignore[misc]
                keys=(keys,),
            )
            for way, text, keys in _WAYS
        ),
        CanvasAction(key="straighten", text="Straighten", run=arranging.straighten, keys=("Q",)),
    ]


_EDGES: tuple[tuple[Edge, str, str], ...] = (
    ("left", "Left Edges", "Ctrl+Shift+Left"),
    ("centre", "Centres", "Shift+C"),
    ("right", "Right Edges", "Ctrl+Shift+Right"),
    ("top", "Top Edges", "Ctrl+Shift+Up"),
    ("middle", "Middles", "Shift+M"),
    ("bottom", "Bottom Edges", "Ctrl+Shift+Down"),
)
_WAYS: tuple[tuple[Way, str, str], ...] = (
    ("across", "Distribute Across", "Shift+H"),
    ("down", "Distribute Down", "Shift+V"),
)

FRAME_COLOURS = tuple(f"frame_{colour or 'plain'}" for colour in ("", *COLOURS))
"""The keys of what stands in the menu of the colours of frames."""

ALIGNMENTS = (
    *(f"align_{edge}" for edge, *_ in _EDGES),
    "",
    *(f"distribute_{way}" for way, *_ in _WAYS),
    "",
    "straighten",
)
"""The keys of what stands in the menu of alignments; an empty one is a line between."""
