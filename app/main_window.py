"""The main window: it makes the panels, introduces them to each other, and arranges them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QMainWindow

from app.announcing import Announcer
from app.beginning import Beginning
from app.canvas.view import CanvasView
from app.data_pictures import DataPictures
from app.dialogs.questions import fate_of_run
from app.document import Document
from app.figures import brief
from app.file_drop import FileDrop
from app.heat import Heat
from app.hints import Hints
from app.inspector import PropertiesPanel
from app.introductions import Introductions
from app.late_introductions import LateIntroductions
from app.late_panels import LatePanels
from app.layer_costs import LayerCosts
from app.layer_editor.control import OwnLayers
from app.lessons import Guide
from app.live_changes import LiveChanges
from app.own_templates import OwnTemplates
from app.palette import LibraryPanel
from app.pictures import Pictures
from app.problems import ProblemsPanel
from app.project_files import ProjectFiles, show_error
from app.recovery import Recovery
from app.run_view import RunView
from app.search import WindowSearch
from app.settings import Settings
from app.shell.actions import make_actions
from app.shell.arrangement import Arrangement
from app.shell.focus_tip import show_focus_tip
from app.shell.frame import compose, make_docks
from app.shell.header import Header
from app.shell.keymap import Keymap, native
from app.shell.layouts import Layouts
from app.shell.panel_dock import PanelDock
from app.shell.panes import Panes
from app.shell.preferences import Preferences
from app.shell.status_bar import StatusBar
from app.shell.status_writer import StatusWriter
from app.shell.window_actions import window_actions
from app.theme import theme_manager
from app.training_control import TrainingControl
from app.window_menus import fill_menus, make_rail, make_right_rail, overlay_docks
from engine.project.project import Project
from engine.project.templates import Template
from engine.training.config import Device
from engine.training.costs import LayersMeasured
from nodes.errors import LoomError
from nodes.own_layer import OWN_LAYER

_log = logging.getLogger("layerloom")


class MainWindow(QMainWindow):
    """One open project with everything around it."""

    def __init__(self, project: Project, settings: Settings, *, warm: bool = True) -> None:
        """Open a project.

        Args:
            warm: Start the engine once the window stands; else it starts when it is needed.
        """
        super().__init__()
        self.settings = settings
        self._is_warm = warm
        self.document = Document(project, self)
        self.files = ProjectFiles(self.document, settings, self)
        self.control = TrainingControl(self)
        self.device: Device = "auto"
        self._has_painted = False
        themes = theme_manager()
        self.canvas = CanvasView(self.document, themes)
        self.library = LibraryPanel(self.document, themes)
        self.properties = PropertiesPanel(self.document, themes)
        self.canvas.set_shelf(self.library)
        self.canvas.adding.uses.keep_in(settings)
        self.problems = ProblemsPanel(self.document, themes)
        self.docks = self._make_docks()
        self.layouts = Layouts(self, self.docks, settings)
        self.actions_by_key = make_actions(self, self.canvas, window_actions(self, self.canvas))
        self.keymap = Keymap(self.actions_by_key, self.canvas, settings)
        self.preferences = self._make_preferences()
        self.header = Header(self.actions_by_key["undo"], self.actions_by_key["redo"])
        self.rail = make_rail(self, self.actions_by_key)
        self.right_rail = make_right_rail(self, self.actions_by_key)
        self.bar = StatusBar()
        self.status = StatusWriter(self.bar, self.document, self)
        self.panes = Panes(self)
        self.run_view = RunView(
            self.control, self.document, self.canvas, self.header, self.status, self
        )
        self.preferences.carry_out("previews", self.run_view.choose_pace)
        self.costs = LayerCosts(self.document, self.control, self)
        self.heat = Heat(self.document, self.canvas, self.control, self.costs, self)
        self.live = LiveChanges(self.document, self.control, self)
        self.pictures = DataPictures(self.document, self)
        self.own = OwnLayers(self.document, themes, self)
        self.search = WindowSearch(self)
        self.own_templates = OwnTemplates(self)
        self.beginning = Beginning(self)
        self.lessons = Guide(self)
        self.hints = Hints(self)
        self.recovery = Recovery(self)
        self.announcer = Announcer(
            self.document, self.canvas, self.control, self, clock=time.monotonic
        )
        self.drawn = Pictures(self)
        FileDrop(self, self.beginning.open_dropped)
        self.late = LatePanels(self.document, self.docks, self)
        self.late.done.connect(LateIntroductions(self).introduce)
        compose(
            self,
            header=self.header,
            rail=self.rail,
            right_rail=self.right_rail,
            centre=self.canvas,
            docks=self.docks,
            bar=self.bar,
        )
        self.arrangement = Arrangement(self)
        self.overlaid, self.overlaid_right = overlay_docks(self)
        fill_menus(self)
        self._name_panes()
        self._arrange()
        Introductions(self).introduce()

    # What a person can ask for; menus and keys come here.

    def new_project(self) -> None:
        """Open the start page to choose what to begin with."""
        self.beginning.open_page()

    def begin_with(self, template: Template) -> None:
        """Open a built-in project as a new one."""
        self.beginning.open_template(template)

    def import_code(self) -> None:
        """Ask for a Python file and open the layers that it makes."""
        self.beginning.ask_for_source()

    def open_project(self) -> None:
        self.files.open_dialog()

    def save_template(self) -> None:
        self.own_templates.ask_to_save()

    def save_project(self) -> None:
        self.files.save()

    def save_project_as(self) -> None:
        self.files.save_as()

    def export_model(self) -> None:
        """Take the trained model of the last run away."""
        from app.dialogs.export import ExportDialog

        ExportDialog(self.control.run, running=self.control.is_running, parent=self).exec()

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

    def open_panel(self, name: str) -> None:
        self.arrangement.open(name)

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

    def look(self, act: str) -> None:
        """Do something in Activations: ``pin``, ``next_sample``, ``previous_sample``."""
        self.open_panel("activations")
        getattr(self.run_view.pinning, act)()

    def edit_code(self) -> None:
        """Open the code of the selected layer."""
        self.own.edit_selected()

    def train(self) -> None:
        """Train, go on after a pause, or show what stands in the way."""
        if self.control.phase == "paused":
            self.go_on()
            return
        errors = self.document.model_report.errors
        if errors:
            self.open_panel("problems")
            self.canvas.go_to_problem(errors[0])
            return
        self.control.train(self.document.project, self.device)

    def go_on(self) -> None:
        """Go on after a pause, or with the run shown from its last checkpoint."""
        if self.control.is_running:
            if self.live.settle(self):
                self.control.resume()
        elif self.control.run is not None:
            try:
                self.control.go_on(self.control.run, self.device)
            except LoomError as error:
                show_error(self, error)

    def pause(self) -> None:
        if self.control.phase == "paused":
            self.go_on()
        else:
            self.control.pause()

    def stop(self) -> None:
        self.control.stop()

    def finish(self) -> None:
        self.control.finish()

    def step(self) -> None:
        self.control.step()

    def step_ten(self) -> None:
        self.control.step(10)

    def step_through(self, act: str) -> None:
        """Do something in the Step tab: ``take``, ``next``, ``back``, ``run``."""
        self.open_panel("step")
        getattr(self.late.panels().stepping, act)()

    def finish_epoch(self) -> None:
        self.control.finish_epoch()

    def find_rate(self) -> None:
        """Find a learning rate for the drawing, or show what stands in the way."""
        from app.dialogs.rate import RateDialog

        self._ask_of_drawing(RateDialog)

    def measure_gains(self) -> None:
        """Measure what other ways to compute a step gain, or show what stands in the way."""
        from app.dialogs.gains import GainsDialog

        self._ask_of_drawing(GainsDialog)

    def _ask_of_drawing(self, dialog: Callable[..., QDialog]) -> None:
        errors = self.document.model_report.errors
        if errors:
            self.open_panel("problems")
            self.canvas.go_to_problem(errors[0])
        elif not self.control.is_running:
            dialog(self.document, self.control, self.device, self).exec()

    def profile(self) -> None:
        """Time each layer of the drawing, or show what stands in the way."""
        errors = self.document.model_report.errors
        self.open_panel("problems" if errors else "summary")
        if errors:
            self.canvas.go_to_problem(errors[0])
        elif self.control.is_running:
            self.canvas.tell(self.tr("Stop the run first: both would be timed together."))
        else:
            self.costs.measure(self.device)

    def reset_layer(self) -> None:
        """Give the selected layers new weights while the run goes on."""
        for node in self.document.selection & self.document.project.graph.nodes.keys():
            self.control.reset_layer(node)

    def next_problem(self) -> None:
        self.open_panel("problems")
        self.problems.next()

    def previous_problem(self) -> None:
        self.open_panel("problems")
        self.problems.previous()

    def quick_fix(self) -> None:
        """Open the card of the problem of the selected layer, else of the first problem."""
        report = self.document.report
        own = [p for node in self.document.selection for p in report.of_node(node)]
        for problem in (*own, *report.problems)[:1]:
            self.canvas.show_problem(problem)
            return
        for problem in self.document.model_report.problems[:1]:
            self.canvas.go_to_problem(problem)

    def show_docs(self) -> None:
        """Open the page of the selected layer."""
        self.open_panel("docs")

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

    def choose_device(self, device: Device) -> None:
        """Train on another device from the next run on."""
        self.device = device
        self.run_view.show_device(device)

    # Composition.

    def _make_docks(self) -> dict[str, PanelDock]:
        docks = make_docks(self)
        docks["left"].add_panel("library", self.tr("Library"), self.library)
        docks["right"].add_panel("properties", self.tr("Properties"), self.properties)
        docks["bottom"].add_panel("problems", self.tr("Problems"), self.problems)
        docks["bottom"].add_close_button()
        return docks

    def _make_preferences(self) -> Preferences:
        themes, canvas = theme_manager(), self.canvas
        effects: dict[str, Callable[[str], object]] = {
            "theme": lambda _: themes.choose(self.settings.theme),
            "text_size": lambda _: themes.choose_text_size(self.settings.text_size),
            "motion": lambda value: canvas.set_motion(moves=value != "off"),
            "wheel": lambda value: canvas.set_wheel(scrolls=value == "scroll"),
            "tab": lambda value: canvas.set_tab(adds=value == "add"),
            "shapes": canvas.write_shapes,
            "batch": lambda value: canvas.write_batch(shown=value == "shown"),
            "ports": lambda value: self._hide_ports(hidden=value == "hidden"),
        }
        return Preferences(self.settings, effects, self)

    def _hide_ports(self, *, hidden: bool) -> None:
        self.canvas.hide_ports(hidden=hidden)
        self.actions_by_key["unused_ports"].setChecked(hidden)

    def _name_panes(self) -> None:
        """Say what F6 goes through, in this order."""
        docks = self.docks
        self.panes.set_panes(
            [
                self.header,
                self.rail,
                docks["left"],
                self.canvas,
                self.right_rail,
                docks["right"],
                docks["training"],
                docks["inspection"],
                docks["bottom"],
                self.bar,
            ]
        )

    def _arrange(self) -> None:
        if self.settings.geometry.isEmpty() or not self.restoreGeometry(self.settings.geometry):
            # Room for the desktop's own frame around the window.
            room = self.screen().availableGeometry().size() * 0.94
            self.resize(QSize(1600, 1000).boundedTo(room))
        self.arrangement.begin()

    # What happens.

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        if not self._has_painted:
            self.canvas.fit_all()
            self.header.train.focus_train()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        super().paintEvent(event)
        if not self._has_painted:
            self._has_painted = True
            # After the first frame: the window stands before anything slow is imported.
            QTimer.singleShot(0, self._after_first_frame)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt override
        if not self._may_close():
            event.ignore()
            return
        self.layouts.keep()
        self.settings.geometry = self.saveGeometry()
        self.settings.sync()
        # A run saves a checkpoint before it ends: that is nothing to look at.
        self.hide()
        self.late.stop()
        self.files.close()
        self.beginning.close()
        self.control.close()
        self.own.close()
        self.document.close()
        super().closeEvent(event)

    def _after_first_frame(self) -> None:
        if not self.isVisible():  # closed meanwhile
            return
        if self._is_warm:
            self.control.warm_up()
        self.own.begin()
        self.hints.welcome()
        self.late.begin()

    def show_run(self, run: Path) -> None:
        """Show the curves of an earlier run; what is exported is then that run."""
        try:
            self.run_view.show_earlier(run)
        except LoomError as error:
            show_error(self, error)
            return
        self.open_panel("training")

    def _may_close(self) -> bool:
        fate = fate_of_run(self) if self.control.is_running else "stop"
        if fate == "cancel" or not self.files.may_leave():
            return False
        if fate == "keep":
            self.control.let_go()
        return True

    def keys_of(self, action: str) -> str:
        """Return the first key of an action, as the desktop writes it."""
        return native(self.keymap.keys_of(action)[:1])

    def tell_refused(self, error: LoomError) -> None:
        """Say why something was not done."""
        self.statusBar().setToolTip(str(error))
        self.run_view.note(str(error))
        self.canvas.tell(error.title)

    def tell(self, text: str) -> None:
        """Say something in a line, and keep it in the log."""
        _log.info("%s", text)
        self.run_view.note(text)
        self.canvas.tell(text)

    def tell_measured(self, found: LayersMeasured) -> None:
        """Say in a line what a step takes, or why it could not be timed."""
        took = self.tr("A batch of {0} took {1} forward and back.")
        words = found.problem or took.format(found.samples, brief(found.step_seconds))
        self.tell(words)
        self.status.show_measured("" if found.problem else words)
