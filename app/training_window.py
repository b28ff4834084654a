"""What a person can ask of a run: by button, menu and key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QDialog, QMainWindow

from app.canvas.view import CanvasView
from app.document import Document
from app.late_panels import LatePanels
from app.layer_costs import LayerCosts
from app.live_changes import LiveChanges
from app.project_files import show_error
from app.run_view import RunView
from app.shell.arrangement import Arrangement
from app.training_control import TrainingControl
from engine.training.config import Device
from nodes.errors import LoomError


class TrainingWindow(QMainWindow):
    """A window that trains its drawing; what stands in the way is shown instead."""

    document: Document
    control: TrainingControl
    canvas: CanvasView
    run_view: RunView
    live: LiveChanges
    costs: LayerCosts
    late: LatePanels
    arrangement: Arrangement
    device: Device

    def open_panel(self, name: str) -> None:
        self.arrangement.open(name)

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
        self.train_in(None)

    def train_in(self, folder: Path | None) -> None:
        """Train from the beginning and keep the run in a folder; with the others if not given."""
        try:
            self.control.train(self.document.project, self.device, into=folder)
        except LoomError as error:
            show_error(self, error)

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
        else:
            self.open_panel("runs")
            self.canvas.tell(self.tr("Choose a run: it goes on from its last checkpoint."))

    def pause(self) -> None:
        if self.control.phase == "paused":
            self.go_on()
        else:
            self.control.pause()

    def stop(self) -> None:
        self.control.stop()

    def finish(self) -> None:
        self.control.finish()

    def finish_epoch(self) -> None:
        self.control.finish_epoch()

    def step(self) -> None:
        self.control.step()

    def step_ten(self) -> None:
        self.control.step(10)

    def step_some(self) -> None:
        from app.dialogs.steps import number_of_steps

        self.control.step(number_of_steps(self))

    def step_through(self, act: str) -> None:
        """Do something in the Step tab: ``take``, ``next``, ``back``, ``run``."""
        self.open_panel("step")
        getattr(self.late.panels().stepping, act)()

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

    def choose_device(self, device: Device) -> None:
        """Train on another device from the next run on."""
        self.device = device
        self.run_view.devices.show(device)
