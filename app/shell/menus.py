"""The menus: where each action of the window stands."""

from __future__ import annotations

from collections.abc import Sequence

from app.canvas.actions import ALIGNMENTS, FRAME_COLOURS
from app.heat.measures import MEASURES
from app.lessons.lessons import LESSONS
from app.shell.actions import SEPARATOR

PANELS = (
    ("library", "library", "Library", "Ctrl+Shift+L"),
    ("outline", "outline", "Outline", "Ctrl+Shift+O"),
    ("data", "data", "Data", "Ctrl+Shift+D"),
    ("runs", "runs", "Runs", "Ctrl+Shift+R"),
)
"""Panels of the left dock: key, icon, name, keys."""

OTHER_PANELS = (
    ("properties", "Properties", "Ctrl+Shift+E"),
    ("code", "Code", "Ctrl+Shift+C"),
    ("docs", "Docs", ""),
    ("problems", "Problems", "Ctrl+Shift+M"),
    ("summary", "Summary", ""),
    ("training", "Training", ""),
    ("evaluation", "Evaluation", ""),
    ("activations", "Activations", ""),
    ("weights", "Weights", ""),
    ("gradients", "Gradients", ""),
    ("map", "Map", ""),
    ("step", "Step", ""),
    ("try", "Try It", ""),
    ("log", "Log", ""),
    ("comparison", "Comparison", ""),
)

RIGHT_PANELS = (
    ("properties", "rename", "Properties", "Ctrl+Shift+E"),
    ("code", "code", "Code", "Ctrl+Shift+C"),
    ("docs", "docs", "Docs", ""),
)
"""Panels of the right dock that a narrow window opens from a rail."""

OVERLAYS = {key: f"overlay_{key or 'none'}" for key in ("", *MEASURES)}
"""By what the canvas can be coloured: the key of the measure, and of its action."""


MENUS = {
    "File": (
        "new",
        "open",
        "from_template",
        "recent",
        "open_run",
        "import_code",
        SEPARATOR,
        "save",
        "save_as",
        "save_template",
        "revert",
        SEPARATOR,
        "export",
        "picture",
        "picture_selection",
        SEPARATOR,
        "project_settings",
        "preferences",
        "quit",
    ),
    "Edit": (
        "undo",
        "redo",
        "history",
        SEPARATOR,
        "cut",
        "copy",
        "copy_code",
        "copy_picture",
        "paste",
        "paste_connected",
        "duplicate",
        "delete",
        "rejoin",
        SEPARATOR,
        "select_all",
        "upstream",
        "downstream",
        "same_kind",
        "select_wire",
        "invert",
        SEPARATOR,
        "find",
        "commands",
    ),
    "View": (
        "build",
        "train_layout",
        "try_layout",
        "compare_layout",
        SEPARATOR,
        "panels",
        SEPARATOR,
        "zoom_in",
        "zoom_out",
        "zoom_100",
        "fit",
        "fit_selection",
        "minimap",
        SEPARATOR,
        "previous_sample",
        "next_sample",
        SEPARATOR,
        "overlay",
        "values",
        "shapes",
        "batch",
        "previews",
        "unused_ports",
        "theme",
        "text_size",
        "full_screen",
        "hide_docks",
        "reset_layout",
    ),
    "Model": (
        "add_layer",
        "new_layer",
        "insert",
        "replace",
        "wires",
        SEPARATOR,
        "rename",
        "edit_params",
        "bypass",
        "freeze",
        "repeat",
        "split_activation",
        "initialise",
        "pin",
        SEPARATOR,
        "frame",
        "frames",
        "make_composite",
        "composites",
        "dissolve",
        "save_block",
        "edit_code",
        SEPARATOR,
        "arrange",
        "direction",
        "fold",
        "align",
        SEPARATOR,
        "check",
        "quick_fix",
        "next_problem",
        "previous_problem",
    ),
    "Train": (
        "train",
        "go_on",
        "pause",
        "step",
        "step_ten",
        "step_some",
        "finish_epoch",
        SEPARATOR,
        "finish",
        "stop",
        SEPARATOR,
        "pass_take",
        "pass_next",
        "pass_back",
        "pass_run",
        SEPARATOR,
        "find_rate",
        "measure_gains",
        "profile",
        "reset_layer",
        SEPARATOR,
        "device",
    ),
    "Window": ("minimise", "new_window", SEPARATOR, "float_panel", "next_pane", "previous_pane"),
    "Help": ("reference", "tip", "lessons", "keys", "start_page", SEPARATOR, "report", "about"),
}
"""Menu titles, and the keys of what stands in each; those of ``SUBMENUS`` are menus."""

SUBMENUS = {
    "from_template": (),
    "recent": (),
    "lessons": (*(f"lesson_{lesson.key}" for lesson in LESSONS), SEPARATOR, "lesson_here"),
    "shapes": (),
    "batch": (),
    "previews": (),
    "theme": (),
    "text_size": (),
    "device": (),
    "float_panel": (),
    "panels": tuple(f"panel_{key}" for key, *_ in (*PANELS, *OTHER_PANELS)),
    "overlay": tuple(OVERLAYS.values()),
    "align": ALIGNMENTS,
    "frame_colour": FRAME_COLOURS,
    "wires": ("connect", "disconnect", "swap", "name_output", SEPARATOR, "bend", "unbend"),
    "frames": ("fold_frame", "frame_colour", "large_title"),
    "composites": ("open_composite", "leave_composite", SEPARATOR, "next_round", "previous_round"),
    "direction": ("arrange_down", "arrange_right"),
}
"""What stands in a menu inside a menu; one without entries is filled when it opens."""

CONTEXT_MENUS = {
    "node": (
        "rename",
        "edit_params",
        "open_composite",
        "replace",
        SEPARATOR,
        "bypass",
        "freeze",
        "repeat",
        "pin",
        SEPARATOR,
        "copy_code",
        "delete",
    ),
    "nodes": (
        "align",
        "frame",
        "make_composite",
        "dissolve",
        "bypass",
        "freeze",
        SEPARATOR,
        "copy",
        "duplicate",
        "delete",
        "rejoin",
    ),
    "wire": ("insert", "values", "name_output", "bend", "unbend", "disconnect"),
    "frame": (
        "rename",
        "fold_frame",
        "frame_colour",
        "large_title",
        "dissolve",
        "bypass",
        "freeze",
        SEPARATOR,
        "copy",
        "duplicate",
        "delete",
    ),
    "canvas": ("add_layer", "paste", "arrange", "fold", "fit", "select_all", "picture"),
}
"""The context menus of the canvas by what they belong to; at most ten entries each."""


OUTLINE_MENUS = {
    "one": (
        "add_layer",
        "connect",
        "disconnect",
        SEPARATOR,
        "rename",
        "edit_params",
        "open_composite",
        "replace",
        "edit_code",
        SEPARATOR,
        "bypass",
        "freeze",
        "repeat",
        "split_activation",
        "swap",
        "name_output",
        "pin",
        SEPARATOR,
        "frame",
        "make_composite",
        "dissolve",
        "save_block",
        SEPARATOR,
        "cut",
        "copy",
        "copy_code",
        "duplicate",
        "delete",
        "rejoin",
    ),
    "several": (
        "connect",
        "disconnect",
        SEPARATOR,
        "bypass",
        "freeze",
        "repeat",
        "split_activation",
        SEPARATOR,
        "frame",
        "fold_frame",
        "frame_colour",
        "make_composite",
        "dissolve",
        "save_block",
        "align",
        SEPARATOR,
        "cut",
        "copy",
        "copy_code",
        "duplicate",
        "delete",
        "rejoin",
    ),
}
"""The menus of one row of the outline and of several: all that can be done to a layer.

The outline is the canvas for who cannot see it, so these are as long as they must be.
"""

_SUBMENU_TITLES = {
    "panels": "Panels",
    "overlay": "Overlay",
    "align": "Align",
    "frame_colour": "Frame Colour",
    "lessons": "Guided Lessons",
    "wires": "Wires",
    "frames": "Frames",
    "composites": "Composites",
    "direction": "Direction",
}


def places_in_menus() -> dict[str, str]:
    """Return the key of each entry with the menu that it stands in, those of submenus included."""
    places: dict[str, str] = {}
    for menu, entries in MENUS.items():
        _note_places(places, menu, entries)
    return places


def _note_places(places: dict[str, str], menu: str, entries: Sequence[str]) -> None:
    for entry in entries:
        title = _SUBMENU_TITLES.get(entry)
        inside = f"{menu}, {title}" if title else menu
        places[entry] = inside
        _note_places(places, inside, SUBMENUS.get(entry, ()))
