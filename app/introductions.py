"""Introduces the parts of a new window to each other, and keeps its words in step with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from app.device_change import DeviceChange
from app.folder_change import FolderChange
from app.redraws import step_back
from app.run_actions import RunActions

if TYPE_CHECKING:
    from app.main_window import MainWindow


class Introductions(QObject):
    """Connects what the parts ask for with who can do it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._had_errors = False

    def introduce(self) -> None:
        """Connect all of them, and say once what they will say from now on."""
        self._follow_the_project()
        self._follow_the_run()
        self._answer_the_panels()
        self._name_keys()
        self._on_history_changed()
        self._on_report_changed()

    def _follow_the_project(self) -> None:
        window = self._window
        document, files, canvas = window.document, window.files, window.canvas
        document.history_changed.connect(self._on_history_changed)
        document.report_changed.connect(self._on_report_changed)
        document.recipe_changed.connect(self._on_report_changed)
        document.memory_changed.connect(self._on_report_changed)
        for moved in (canvas.scrolled, canvas.canvas.shifted):
            moved.connect(step_back)
        canvas.cards_came.connect(self._settle_problems)
        document.refused.connect(window.tell_refused)
        document.noted.connect(window.tell)
        files.file_changed.connect(self._name_window)
        files.opened.connect(canvas.fit_all)
        files.opened.connect(window.run_view.leave_run)
        files.opened.connect(window.pictures.show_again)
        files.opened.connect(self._uncover_canvas)
        files.noted.connect(window.tell)
        files.ask_first(window.own.may_close)
        window.late.prepared.connect(window.pictures.follow)
        window.pictures.renewed.connect(window.run_view.forget_samples)
        window.pictures.shown.connect(window.run_view.show_data_set)
        window.pictures.counted.connect(canvas.canvas.set_amount)

    def _follow_the_run(self) -> None:
        window = self._window
        train, run_view = window.header.train, window.run_view
        train.train_asked.connect(window.train)
        train.pause_asked.connect(window.control.pause)
        train.resume_asked.connect(window.go_on)
        train.stop_asked.connect(window.control.stop)
        train.focus_lost.connect(window.canvas.setFocus)
        run_view.lock_changed.connect(self._keep_keyboard)
        run_view.lock_changed.connect(window.properties.set_locked)
        window.live.unlike.connect(window.canvas.tell)
        run_view.redraw_asked.connect(window.live.redraw)
        run_view.began.connect(self._on_run_began)
        run_view.resume_asked.connect(window.go_on)
        DeviceChange(window)
        FolderChange(window)
        run_view.panel_asked.connect(window.open_panel)
        RunActions(window.actions_by_key, window.control, window)
        window.heat.asked.connect(run_view.looking.show_heat)

    def _answer_the_panels(self) -> None:
        window = self._window
        canvas, library = window.canvas, window.library
        window.header.layout_chosen.connect(window.show_layout)
        window.keymap.changed.connect(self._name_keys)
        library.layer_chosen.connect(canvas.add_layer)
        library.refused.connect(window.tell_refused)
        library.new_requested.connect(window.new_layer)
        canvas.blocks_changed.connect(library.show_blocks)
        canvas.parameters_requested.connect(window.edit_parameters)
        library.explain(canvas.adding.list, canvas.adding.list.pointed_at, canvas.adding.list.left)
        window.own.introduce(canvas, window.properties, library)
        window.problems.problem_activated.connect(canvas.go_to_problem)
        window.problems.fix_chosen.connect(canvas.editing.apply_in_model)
        window.properties.fix_chosen.connect(canvas.editing.apply)
        for panel in (window.problems, window.properties):
            # The button goes with the problem; the focus would land on whatever comes next.
            panel.fix_chosen.connect(lambda _fix: canvas.setFocus())
        window.problems.fix_pointed_at.connect(canvas.preview.show_in_model)
        window.properties.fix_pointed_at.connect(canvas.preview.show_on_level)
        window.problems.code_requested.connect(window.own.edit)
        window.rail.asked.connect(self._on_rail)
        window.right_rail.asked.connect(window.toggle_panel)
        window.bar.asked.connect(self._on_status)

    def _uncover_canvas(self) -> None:
        """Leave Compare: what is compared there lies over the drawing that was opened."""
        if self._window.layouts.current == "compare":
            self._window.show_layout("build")

    def _on_history_changed(self) -> None:
        window, history = self._window, self._window.document.history
        _name_action(window.actions_by_key["undo"], self.tr("Undo"), history.undo_label)
        _name_action(window.actions_by_key["redo"], self.tr("Redo"), history.redo_label)
        self._name_window()
        window.setWindowModified(not history.is_saved)
        window.run_view.follow_edits()

    def _on_report_changed(self) -> None:
        window, document = self._window, self._window.document
        errors = document.model_report.errors
        window.rail.set_badge("problems", len(errors))
        window.header.train.set_errors(len(errors))
        window.docks["bottom"].tabs.set_count("problems", len(document.problems))
        if not window.canvas.carries and not window.canvas.is_pasting:
            self._settle_problems()

    def _settle_problems(self) -> None:
        has_errors = bool(self._window.document.model_report.errors)
        self._window.arrangement.settle_problems(is_news=has_errors and not self._had_errors)
        self._had_errors = has_errors

    def _name_window(self) -> None:
        window = self._window
        file = f" · {window.files.path.name}" if window.files.path else ""
        window.setWindowTitle(f"{window.document.project.name}{file}[*] – Layerloom")

    def _name_keys(self) -> None:
        """Name in tooltips the keys that are in force."""
        window = self._window
        shown = {key: window.keys_of(key) for key in ("train", "pause", "stop")}
        window.header.train.name_keys(**shown)
        first = {key: action.shortcut() for key, action in window.actions_by_key.items()}
        window.canvas.overlays.name_keys(first)

    def _on_run_began(self) -> None:
        """Go to the Train layout the first time only, then leave layouts to the person."""
        window = self._window
        if not window.settings.is_done("train-layout"):
            window.settings.set_done("train-layout")
            # Not in this turn: the press of Train has enough to do.
            window.arrangement.show_layout_soon("train")
            keys = window.keys_of("build")
            window.canvas.tell(
                self.tr("This is the Train layout. {0} goes back to Build.").format(keys)
            )

    def _keep_keyboard(self, reason: str) -> None:
        """Give the keyboard to the canvas once what has it is locked.

        Qt would hand it on to the next button that is not, which may be Undo.
        """
        focus, canvas = QApplication.focusWidget(), self._window.canvas
        if reason and focus is not None:
            QTimer.singleShot(0, focus, lambda: focus.isEnabled() or canvas.setFocus())

    def _on_rail(self, key: str) -> None:
        if key == "keys":
            self._window.show_keys()
        elif key == "preferences":
            self._window.open_preferences()
        else:
            self._window.toggle_panel(key)

    def _on_status(self, key: str) -> None:
        places = {"problems": "problems", "state": "problems"}
        if key == "device":
            self._window.header.train.device.showMenu()
        elif key in ("parameters", "flops", "memory"):
            self._window.open_panel("summary")
        else:
            self._window.open_panel(places.get(key, "training"))


def _name_action(action: QAction, verb: str, what: str) -> None:
    action.setText(f"{verb} {what}" if what else verb)
    action.setEnabled(bool(what))
