"""What a person can ask a window for; menus and keys come here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from app.beginning import Beginning
from app.heat import Heat
from app.inspector import PropertiesPanel
from app.layer_editor.control import OwnLayers
from app.lessons import Guide
from app.own_templates import OwnTemplates
from app.pictures import Pictures
from app.problems import ProblemsPanel
from app.project_files import ProjectFiles
from app.search import WindowSearch
from app.shell.focus_tip import show_focus_tip
from app.shell.keymap import Keymap
from app.shell.panes import Panes
from app.shell.preferences import Preferences
from app.training_window import TrainingWindow
from engine.analysis.report import Problem
from engine.project.templates import Template
from nodes.own_layer import OWN_LAYER


class CommandWindow(TrainingWindow):
    """A window that carries out what it is asked for, by the parts that can."""

    files: ProjectFiles
    beginning: Beginning
    own_templates: OwnTemplates
    search: WindowSearch
    drawn: Pictures
    preferences: Preferences
    keymap: Keymap
    actions_by_key: dict[str, QAction]
    panes: Panes
    heat: Heat
    own: OwnLayers
    lessons: Guide
    properties: PropertiesPanel
    problems: ProblemsPanel

    def new_project(self) -> None:
        """Open the start page to choose what to begin with."""
        self.beginning.open_page()

    def begin_with(self, template: Template) -> None:
        """Open a built-in project as a new one."""
        self.beginning.open_template(template)

    def open_run(self) -> None:
        """Ask for the folder of a run and open it."""
        self.beginning.ask_for_run()

    def import_code(self) -> None:
        """Ask for a Python file and open the layers that it makes."""
        self.beginning.ask_for_source()

    def open_project(self) -> None:
        self.files.open_dialog()

    def save_template(self) -> None:
        """Keep the project as a template of one's own."""
        self.own_templates.ask_to_save()

    def save_project(self) -> None:
        self.files.save()

    def save_project_as(self) -> None:
        self.files.save_as()

    def revert(self) -> None:
        """Go back to what the project's file holds."""
        if not self.files.revert():
            self.canvas.tell(self.tr("Nothing has changed since the project was saved."))

    def export_model(self) -> None:
        """Take the trained model of the last run away."""
        from app.dialogs.export import ExportDialog

        dialog = ExportDialog(self.control.run, running=self.control.is_running, parent=self)
        dialog.replacing_requested.connect(self._fit_to_onnx)
        dialog.exec()

    def _fit_to_onnx(self) -> None:
        """Put layers that ONNX has in the places of those that it lacks."""
        from engine.export.lacking import fitted_to_onnx

        changed = self.document.edit_model(self.tr("Replace for ONNX"), fitted_to_onnx)
        self.canvas.tell(
            self.tr("Replaced. Train again, then export.")
            if changed
            else self.tr("The drawing has no such layer any more. Train again, then export.")
        )

    def export_picture(self) -> None:
        """Ask for a file and draw the canvas into it."""
        self.drawn.export()

    def export_selection(self) -> None:
        """Ask for a file and draw the selected layers into it."""
        if self.document.selection:
            self.drawn.export(self.document.selection)
        else:
            self.canvas.tell(self.tr("Select the layers first."))

    def copy_picture(self) -> None:
        """Put a picture of the selected layers, or of all, into the clipboard."""
        self.drawn.copy()

    def open_project_settings(self) -> None:
        """Open the project's name, notes and recipe, from wherever one is in the drawing."""
        self.document.show_level(())
        self.document.select(())
        self.open_panel("properties")
        self.properties.focus_name()

    def open_preferences(self, page: str = "general") -> None:
        """Open what the person can choose, on a page: ``general`` or ``keys``."""
        from app.dialogs.preferences import PreferencesDialog

        dialog = PreferencesDialog(self.preferences, self.keymap, self.actions_by_key, self)
        dialog.show_page(page)
        dialog.trusted.forgotten.connect(lambda: dialog.finished.connect(self.own.ask_again))
        dialog.exec()

    def quit(self) -> None:
        self.close()

    def undo(self) -> None:
        self.document.undo()

    def redo(self) -> None:
        self.document.redo()

    def open_history(self) -> None:
        """List the steps of the history."""
        self.search.open_history()

    def open_find(self) -> None:
        """Open the field that finds layers on the canvas."""
        self.search.open_find()

    def open_commands(self) -> None:
        """Open the command palette."""
        self.search.open_palette()

    def show_layout(self, name: str) -> None:
        self.arrangement.show_layout(name)

    def toggle_panel(self, name: str) -> None:
        self.arrangement.toggle(name)

    def reset_layout(self) -> None:
        self.arrangement.reset()

    def hide_docks(self) -> None:
        self.arrangement.hide_docks()

    def toggle_ports(self) -> None:
        self.preferences.flip("ports")

    def show_overlay(self, key: str) -> None:
        """Colour the canvas by a measure; an empty key takes the colours away."""
        self.heat.show(key)

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def next_pane(self) -> None:
        self.panes.step(1)

    def previous_pane(self) -> None:
        self.panes.step(-1)

    def new_layer(self) -> None:
        """Add a layer to be written in Python."""
        self.canvas.add_layer(OWN_LAYER)

    def edit_parameters(self) -> None:
        """Put the keyboard into the first parameter of the selected layer."""
        self.open_panel("properties")
        self.properties.focus_first()

    def initialise(self) -> None:
        """Put the keyboard into how the weights of the selected layers begin."""
        if not self.document.selection:
            self.canvas.tell(self.tr("Select the layers first."))
            return
        self.open_panel("properties")
        if not self.properties.focus_learning():
            self.canvas.tell(self.tr("What is selected has no weights."))

    def look(self, act: str) -> None:
        """Do something in Activations: ``pin``, ``next_sample``, ``previous_sample``."""
        self.open_panel("activations")
        getattr(self.run_view.pinning, act)()

    def edit_code(self) -> None:
        """Open the code of the selected layer."""
        self.own.edit_selected()

    def check_now(self) -> None:
        """Look the whole drawing through anew, and say what was found."""
        self.document.report_changed.connect(
            self._tell_checked, Qt.ConnectionType.SingleShotConnection
        )
        self.document.look_again()

    def _tell_checked(self) -> None:
        problems = self.document.problems
        if problems:
            self.open_panel("problems")
        self.canvas.tell(self.tr("Checked: {0}.").format(_in_words(problems)))

    def next_problem(self) -> None:
        self.open_panel("problems")
        self.problems.next()

    def previous_problem(self) -> None:
        self.open_panel("problems")
        self.problems.previous()

    def quick_fix(self) -> None:
        """Open the card of the problem of the selected layer, else of the first problem."""
        document = self.document
        own = [p for node in document.selection for p in document.problems_of(node)]
        for problem in (*own, *document.problems_on_show)[:1]:
            self.canvas.show_problem(problem)
            return
        for problem in self.document.model_report.problems[:1]:
            self.canvas.go_to_problem(problem)

    def show_docs(self) -> None:
        """Open the page of the selected layer."""
        self.open_panel("docs")

    def report_problem(self) -> None:
        """Open what to copy into a report."""
        from app.dialogs.report import ReportDialog

        ReportDialog(self).exec()

    def show_about(self) -> None:
        from app.dialogs.about import AboutDialog

        AboutDialog(self).exec()

    def begin_lesson(self, key: str) -> None:
        self.lessons.begin(key)

    def show_tip(self) -> None:
        """Show the tooltip of what has the keyboard."""
        if not show_focus_tip(self):
            self.canvas.tell(self.tr("There is nothing more to say of this."))

    def show_keys(self) -> None:
        from app.dialogs.keys import KeysDialog

        dialog = KeysDialog(list(self.actions_by_key.values()), self)
        if dialog.exec() == KeysDialog.DialogCode.Accepted:
            self.open_preferences("keys")


def _in_words(problems: Sequence[Problem]) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    counts = ((errors, "error"), (len(problems) - errors, "hint"))
    told = [f"{many} {word}{'s' if many > 1 else ''}" for many, word in counts if many]
    return " and ".join(told) or "no problems"
