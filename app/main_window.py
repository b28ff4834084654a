"""The main window: it makes the panels, introduces them to each other, and arranges them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QCloseEvent, QPaintEvent, QShowEvent

from app.announcing import Announcer
from app.beginning import Beginning, project_in
from app.canvas.view import CanvasView
from app.command_window import CommandWindow
from app.data_drops import DataDrops
from app.data_pictures import DataPictures
from app.dialogs.questions import fate_of_run
from app.document import Document
from app.drops import FileDrops
from app.figures import brief
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
from app.weights_drop import WeightsDrop
from app.window_menus import fill_menus, make_rail, make_right_rail, overlay_docks
from engine.project.project import Project
from engine.training.config import Device
from engine.training.costs import LayersMeasured
from nodes.errors import LoomError

_log = logging.getLogger("layerloom")

# The rest of the window is painted in the turns after the first frame. A thread that reads then
# takes Python's lock half of the time, and makes them twice as long.
_SETTLE_MS = 200


class MainWindow(CommandWindow):
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
        FileDrops(self, project_in, lambda path, _: self.beginning.open_dropped(path))
        self.weights_drop = WeightsDrop(self.canvas)
        self.data_drops = DataDrops(self)
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
        theme_manager().dress(self)
        self._arrange()
        Introductions(self).introduce()

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
        # A timer of zero is a posted event, and Qt sends all of those in the same turn.
        QTimer.singleShot(1, self.hints.welcome)
        QTimer.singleShot(_SETTLE_MS, self._read_the_rest)

    def _read_the_rest(self) -> None:
        """Read what no first look needs, one after another: each thread slows this one down."""
        if self.isVisible():
            self.own.looked.connect(self.late.begin)
            self.own.begin()

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
