"""Every action of the window, with its words and its keys."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from app.another_window import open_another_window
from app.heat.measures import MEASURES
from app.lessons.guide import HERE
from app.lessons.lessons import LESSONS
from app.shell.actions import ActionSpec
from app.shell.asked import CanvasActions, WindowActions
from app.shell.menus import OTHER_PANELS, OVERLAYS, PANELS

_Keys = QKeySequence.StandardKey

_LOOKS = (
    ("pin", "Pin in Activations", "P"),
    ("next_sample", "Next Sample", "]"),
    ("previous_sample", "Previous Sample", "["),
)
"""What the Activations panel can be asked for from the canvas."""


def window_actions(window: WindowActions, canvas: CanvasActions) -> list[ActionSpec]:
    """Return every action; menus name them by key."""
    return [
        *_file_actions(window),
        *_edit_actions(window, canvas),
        *_view_actions(window, canvas),
        *_model_actions(window, canvas),
        *_own_actions(canvas),
        *_train_actions(window),
        *_stepping_actions(window),
        ActionSpec(key="reference", text="Layer Reference", run=window.show_docs, keys=("F1",)),
        *(
            ActionSpec(
                key=f"lesson_{lesson.key}",
                text=f"{lesson.title} ({lesson.minutes} min)",
                run=lambda key=lesson.key: window.begin_lesson(key),  # type: ignore[misc]
            )
            for lesson in LESSONS
        ),
        ActionSpec(
            key="lesson_here",
            text="Lesson of This Project",
            run=lambda: window.begin_lesson(HERE),
        ),
        ActionSpec(key="tip", text="What Is This", run=window.show_tip, keys=("Ctrl+F1",)),
        ActionSpec(key="start_page", text="Start Page", run=window.new_project),
        ActionSpec(key="keys", text="Keyboard Map", run=window.show_keys),
        ActionSpec(key="report", text="Report a Problem…", run=window.report_problem),
        ActionSpec(key="about", text="About Layerloom", run=window.show_about),
    ]


def _file_actions(window: WindowActions) -> list[ActionSpec]:
    return [
        ActionSpec(key="new", text="New…", run=window.new_project, keys=(_Keys.New,)),
        ActionSpec(key="open", text="Open…", run=window.open_project, keys=(_Keys.Open,)),
        ActionSpec(key="open_run", text="Open Run…", run=window.open_run),
        ActionSpec(key="import_code", text="Import PyTorch Code…", run=window.import_code),
        ActionSpec(key="save", text="Save", run=window.save_project, keys=(_Keys.Save,)),
        ActionSpec(
            key="save_as", text="Save As…", run=window.save_project_as, keys=("Ctrl+Shift+S",)
        ),
        ActionSpec(key="save_template", text="Save as Template…", run=window.save_template),
        ActionSpec(key="revert", text="Revert", run=window.revert),
        ActionSpec(key="export", text="Export…", run=window.export_model, keys=("Ctrl+E",)),
        ActionSpec(key="picture", text="Export Picture (SVG, PNG)…", run=window.export_picture),
        ActionSpec(
            key="picture_selection",
            text="Export Picture of Selection…",
            run=window.export_selection,
        ),
        ActionSpec(
            key="project_settings", text="Project Settings", run=window.open_project_settings
        ),
        ActionSpec(
            key="preferences", text="Preferences…", run=window.open_preferences, keys=("Ctrl+,",)
        ),
        ActionSpec(key="quit", text="Quit", run=window.quit, keys=("Ctrl+Q",)),
    ]


def _edit_actions(window: WindowActions, canvas: CanvasActions) -> list[ActionSpec]:
    return [
        ActionSpec(key="undo", text="Undo", run=window.undo, keys=("Ctrl+Z",)),
        ActionSpec(key="redo", text="Redo", run=window.redo, keys=("Ctrl+Shift+Z", "Ctrl+Y")),
        ActionSpec(key="cut", text="Cut", run=canvas.cut, keys=(_Keys.Cut,), on_canvas=True),
        ActionSpec(key="copy", text="Copy", run=canvas.copy, keys=(_Keys.Copy,), on_canvas=True),
        ActionSpec(
            key="copy_code",
            text="Copy as Code",
            run=canvas.copy_code,
            keys=("Ctrl+Alt+C",),
            on_canvas=True,
        ),
        ActionSpec(key="copy_picture", text="Copy as Picture", run=window.copy_picture),
        ActionSpec(
            key="paste", text="Paste", run=canvas.paste, keys=(_Keys.Paste,), on_canvas=True
        ),
        ActionSpec(
            key="paste_connected",
            text="Paste Connected",
            run=canvas.paste_connected,
            keys=("Ctrl+Shift+V",),
            on_canvas=True,
        ),
        ActionSpec(
            key="duplicate",
            text="Duplicate",
            run=canvas.duplicate,
            keys=("Ctrl+D",),
            on_canvas=True,
        ),
        ActionSpec(
            key="delete",
            text="Delete",
            run=canvas.delete_selected,
            keys=("Del", "Backspace"),
            on_canvas=True,
        ),
        ActionSpec(
            key="rejoin",
            text="Delete and Rejoin",
            run=canvas.delete_and_rejoin,
            keys=("Ctrl+Del",),
            on_canvas=True,
        ),
        ActionSpec(
            key="select_all",
            text="Select All",
            run=canvas.select_all,
            keys=(_Keys.SelectAll,),
            on_canvas=True,
        ),
        ActionSpec(key="history", text="History…", run=window.open_history, keys=("Ctrl+Alt+Z",)),
        ActionSpec(key="find", text="Find…", run=window.open_find, keys=(_Keys.Find,)),
        ActionSpec(
            key="commands",
            text="Command Palette…",
            run=window.open_commands,
            keys=("Ctrl+K", "Ctrl+Shift+P"),
        ),
    ]


def _view_actions(window: WindowActions, canvas: CanvasActions) -> list[ActionSpec]:
    panels = [(key, name, keys) for key, _, name, keys in PANELS] + list(OTHER_PANELS)
    return [
        ActionSpec(
            key="build", text="Build", run=lambda: window.show_layout("build"), keys=("Ctrl+1",)
        ),
        ActionSpec(
            key="train_layout",
            text="Train",
            run=lambda: window.show_layout("train"),
            keys=("Ctrl+2",),
        ),
        ActionSpec(
            key="try_layout", text="Try", run=lambda: window.show_layout("try"), keys=("Ctrl+3",)
        ),
        ActionSpec(
            key="compare_layout",
            text="Compare",
            run=lambda: window.show_layout("compare"),
            keys=("Ctrl+4",),
        ),
        *(
            ActionSpec(
                key=f"panel_{key}",
                text=name,
                run=lambda key=key: window.toggle_panel(key),  # type: ignore[misc]
                keys=(keys,) if keys else (),
            )
            for key, name, keys in panels
        ),
        ActionSpec(key="zoom_in", text="Zoom In", run=canvas.zoom_in, keys=("Ctrl++", "Ctrl+=")),
        ActionSpec(key="zoom_out", text="Zoom Out", run=canvas.zoom_out, keys=("Ctrl+-",)),
        ActionSpec(
            key="zoom_100",
            text="100\u202f%",
            run=canvas.zoom_to_100,
            keys=("Ctrl+0", "1"),
            on_canvas=True,
        ),
        ActionSpec(key="fit", text="Fit", run=canvas.fit_all, keys=("Home", "A"), on_canvas=True),
        ActionSpec(
            key="fit_selection",
            text="Fit Selection",
            run=canvas.fit_selection,
            keys=("F",),
            on_canvas=True,
        ),
        *(
            ActionSpec(
                key=action,
                text=MEASURES[key].title if key else "None",
                run=lambda key=key: window.show_overlay(key),  # type: ignore[misc]
                checkable=True,
            )
            for key, action in OVERLAYS.items()
        ),
        ActionSpec(
            key="unused_ports",
            text="Hide Unused Ports",
            run=window.toggle_ports,
            keys=("Ctrl+H",),
            checkable=True,
        ),
        ActionSpec(
            key="full_screen", text="Full Screen", run=window.toggle_full_screen, keys=("F11",)
        ),
        ActionSpec(
            key="hide_docks", text="Hide All Docks", run=window.hide_docks, keys=("Ctrl+\\",)
        ),
        ActionSpec(key="minimise", text="Minimise", run=window.showMinimized),
        ActionSpec(
            key="new_window",
            text="New Window",
            run=open_another_window,
            keys=("Ctrl+Alt+N",),
        ),
        ActionSpec(key="next_pane", text="Next Pane", run=window.next_pane, keys=("F6",)),
        ActionSpec(
            key="previous_pane", text="Previous Pane", run=window.previous_pane, keys=("Shift+F6",)
        ),
        ActionSpec(key="reset_layout", text="Reset Layout", run=window.reset_layout),
    ]


def _model_actions(window: WindowActions, canvas: CanvasActions) -> list[ActionSpec]:
    return [
        ActionSpec(
            key="add_layer",
            text="Add Layer…",
            run=canvas.open_quick_add,
            keys=("Shift+A",),
            on_canvas=True,
        ),
        ActionSpec(key="new_layer", text="New Python Layer…", run=window.new_layer),
        ActionSpec(key="edit_code", text="Edit Code…", run=window.edit_code, keys=("Ctrl+Alt+E",)),
        ActionSpec(
            key="rename", text="Rename", run=canvas.rename_selected, keys=("F2",), on_canvas=True
        ),
        ActionSpec(
            key="bypass", text="Bypass", run=canvas.toggle_bypass, keys=("M",), on_canvas=True
        ),
        ActionSpec(
            key="edit_params",
            text="Edit Parameters",
            run=window.edit_parameters,
            keys=("E",),
            on_canvas=True,
        ),
        *(
            ActionSpec(
                key=act,
                text=text,
                run=lambda act=act: window.look(act),  # type: ignore[misc]
                keys=(keys,),
                on_canvas=True,
            )
            for act, text, keys in _LOOKS
        ),
        ActionSpec(
            key="freeze", text="Freeze", run=canvas.toggle_freeze, keys=("L",), on_canvas=True
        ),
        ActionSpec(key="arrange", text="Arrange", run=canvas.arrange, keys=("Ctrl+Shift+A",)),
        ActionSpec(key="initialise", text="Initialise Weights…", run=window.initialise),
        ActionSpec(key="check", text="Check Now", run=window.check_now),
    ]


def _own_actions(canvas: CanvasActions) -> list[ActionSpec]:
    return [
        ActionSpec(key=own.key, text=own.text, run=own.run, keys=own.keys, on_canvas=True)
        for own in canvas.own_actions()
    ]


def _train_actions(window: WindowActions) -> list[ActionSpec]:
    return [
        ActionSpec(key="train", text="Train", run=window.train, keys=("F5", "Ctrl+Return")),
        ActionSpec(key="go_on", text="Go On From Checkpoint", run=window.go_on),
        ActionSpec(key="pause", text="Pause", run=window.pause, keys=("F7",)),
        ActionSpec(key="stop", text="Stop", run=window.stop, keys=("Shift+F5",)),
        ActionSpec(key="step", text="Step Once", run=window.step, keys=("F9",)),
        ActionSpec(key="step_ten", text="Step 10 Times", run=window.step_ten, keys=("Shift+F9",)),
        ActionSpec(key="step_some", text="Run Steps and Hold…", run=window.step_some),
        ActionSpec(key="finish_epoch", text="Go to End of Epoch", run=window.finish_epoch),
        ActionSpec(key="finish", text="Finish Now", run=window.finish),
        ActionSpec(key="find_rate", text="Find a Learning Rate…", run=window.find_rate),
        ActionSpec(key="measure_gains", text="What Is Fastest Here…", run=window.measure_gains),
        ActionSpec(key="profile", text="Profile", run=window.profile),
        ActionSpec(key="reset_layer", text="Begin Layer Anew", run=window.reset_layer),
        ActionSpec(key="next_problem", text="Next Problem", run=window.next_problem, keys=("F8",)),
        ActionSpec(
            key="previous_problem",
            text="Previous Problem",
            run=window.previous_problem,
            keys=("Shift+F8",),
        ),
        ActionSpec(key="quick_fix", text="Quick Fix", run=window.quick_fix, keys=("Ctrl+.",)),
    ]


def _stepping_actions(window: WindowActions) -> list[ActionSpec]:
    """The keys of a debugger; F10 itself opens the menu bar."""
    acts = (
        ("take", "Take a Sample Through", ""),
        ("next", "Next Layer", "F12"),
        ("back", "Previous Layer", "Shift+F12"),
        ("run", "Run to the Next Stop", "Ctrl+F12"),
    )
    return [
        ActionSpec(
            key=f"pass_{act}",
            text=text,
            run=lambda act=act: window.step_through(act),  # type: ignore[misc]
            keys=(keys,) if keys else (),
        )
        for act, text, keys in acts
    ]
