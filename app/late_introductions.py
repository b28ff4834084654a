"""Introduces the panels that were made after the window stood to those that stood before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.late_panels import RunPanels
from app.run_acts import RunActs
from app.window_menus import give_menus
from engine.project.recipe import LIVE
from engine.training.background import left_behind
from engine.training.changes import is_same_training
from engine.training.keeping import Keeping
from nodes.errors import LoomError

if TYPE_CHECKING:
    from app.main_window import MainWindow


class LateIntroductions(QObject):
    """Connects what the late panels ask for with who can do it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def introduce(self) -> None:
        """Connect all of them, and make in turns of their own what they stand beside."""
        window, panels = self._window, self._window.late.panels()
        window.search.runs = panels.runs
        window.library.show_blocks()
        panels.training.resume_requested.connect(window.go_on)
        panels.training.export_requested.connect(window.export_model)
        panels.training.rate_requested.connect(window.find_rate)
        panels.runs.run_chosen.connect(window.show_run)
        panels.outline.node_opened.connect(window.canvas.open_or_centre)
        panels.summary.refused.connect(window.tell_refused)
        panels.summary.profile_asked.connect(window.profile)
        panels.summary.show_costs(window.costs)
        window.costs.measured.connect(window.tell_measured)
        window.run_view.lock_changed.connect(panels.data.set_locked)
        for asker in (window.library.help_requested, window.canvas.quick_help_requested):
            asker.connect(panels.docs.show_kind)
            asker.connect(lambda _kind: window.open_panel("docs"))
        for asked in panels.train_requests:
            asked.connect(window.train)
        RunActs(window, panels)
        self._compare_runs(panels)
        self._keep_moments(panels)
        self._place_notes(panels)
        window.data_drops.serve(panels.data)
        window.files.opened.connect(panels.tryout.let_go)
        window.late.also_make(lambda: give_menus(window, panels.outline))
        window.late.also_make_in_parts(self._add_recipe_form())
        window.late.also_make(lambda: window.run_view.attach(panels))
        QTimer.singleShot(0, self._attach_to_background)

    def _keep_moments(self, panels: RunPanels) -> None:
        """Let the person choose what is kept of the next run, and remember it."""
        settings, control = self._window.settings, self._window.control

        def choose(keeping: Keeping) -> None:
            settings.keeping = control.keeping = keeping

        control.keeping = settings.keeping
        panels.training.record.show_keeping(settings.keeping)
        panels.training.record.changed.connect(choose)

    def _place_notes(self, panels: RunPanels) -> None:
        """Put at the ends of the rows of tabs what belongs to the panel in front."""
        docks = self._window.docks
        docks["training"].tabs.add_trailing(panels.training.caption)
        inspection = docks["inspection"]
        for note in (panels.activations.pin, panels.tryout.weights):
            inspection.tabs.add_trailing(note)
        inspection.panel_shown.connect(self._on_inspected)
        # Another layout may bring the dock into sight; nothing else asks where nothing trains.
        inspection.visibilityChanged.connect(lambda _: self._window.run_view.watching.watch())
        self._on_inspected(inspection.current)

    def _on_inspected(self, key: str) -> None:
        panels = self._window.late.panels()
        panels.tryout.weights.setVisible(key == "try")
        panels.activations.pin.setVisible(key not in ("try", "gradients"))
        self._window.run_view.watching.watch()

    def _compare_runs(self, panels: RunPanels) -> None:
        """Show beside each other the runs that the list chooses."""
        # It comes with numpy, which the window does not wait for when it opens.
        from app.comparing import Comparing

        comparing = Comparing(self._window, panels)
        panels.training.compare_requested.connect(comparing.compare_shown)

    def _add_recipe_form(self) -> Iterator[object]:
        """Put the recipe below the project's name and notes."""
        from app.training.recipe_form import RecipeForm

        window = self._window
        yield (form := RecipeForm(says_why=False))
        window.properties.set_project_form(form)
        window.run_view.recipes.serve(form)
        window.run_view.lock_changed.connect(lambda why: form.set_locked(why, LIVE))
        yield form
        window.properties.show_project_form()

    def _attach_to_background(self) -> None:
        """Show the run that an earlier window left behind, where it still goes on."""
        window, run = self._window, left_behind()
        if run is None or window.control.is_running:
            return
        with suppress(LoomError):
            window.control.attach(run)
            trained, document = window.control.trained, window.document
            # A file that is open and holds the same stays open.
            is_open = trained is None or is_same_training(trained, document.project)
            if trained is not None and not is_open and document.history.is_saved:
                window.files.show(trained)
            window.canvas.tell(window.tr("This run went on in the background."))
