"""A run while it goes on and after it: figures, curves, and what can be done next."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.figures import count, duration, figure
from app.plots.curves import CurvePlot
from app.training.error_banner import ErrorBanner
from app.training.figures_row import FiguresRow
from app.training.health_banner import HealthBanner
from app.training.part_plots import PartPlots
from app.training.run_state import RunState
from app.widgets import Button, Glyph, Label
from engine.runs.replay import Curves
from engine.training.events import (
    EpochEnded,
    HealthNoted,
    RunChanged,
    RunEnded,
    RunFailed,
    RunStarted,
    RunWentBack,
    StepEnded,
)

_SIDE_BY_SIDE_PX = 700
_STACKED_PX = 400
_NARROWEST_PX = 300
_GAPS_PX = 16
_OUTCOMES = {"finished": ("check", "ok"), "stopped_early": ("check", "ok")}


class RunPage(QWidget):
    """The five figures over one plot for each metric, two side by side from 700 px."""

    resume_requested = Signal()
    step_requested = Signal()
    stop_requested = Signal()
    export_requested = Signal()
    compare_requested = Signal()
    recipe_requested = Signal()
    node_requested = Signal(str)
    act_requested = Signal(object)
    """A ``HealthAct`` that the person wants done."""

    def __init__(self, plots: tuple[CurvePlot, CurvePlot] | None = None) -> None:
        """Make the page.

        Args:
            plots: Of loss and metric, where they were made before: they take the most of the time.
        """
        super().__init__()
        self.setAccessibleName(self.tr("Run"))
        self._state: RunState | None = None
        self._failed: RunFailed | None = None
        self._drawn = (0, 0.0)
        """Step and epoch up to which the curves go."""

        self.banner = ErrorBanner()
        self.banner.node_requested.connect(self.node_requested)
        self.banner.act_requested.connect(self.act_requested)
        self.health = HealthBanner()
        self.health.node_requested.connect(self.node_requested)
        self.health.act_requested.connect(self.act_requested)
        self.figures = FiguresRow()
        self.loss_plot, self.metric_plot = plots or (CurvePlot(), CurvePlot())
        self.loss_plot.set_subject(self.tr("Loss"), percent=False)
        self.metric_plot.hide()
        self.loss_plot.hovered.connect(self.metric_plot.point_at)
        self.metric_plot.hovered.connect(self.loss_plot.point_at)
        self.parts = PartPlots()
        self.parts.hovered.connect(self.loss_plot.point_at)
        self.loss_plot.hovered.connect(self.parts.point_at)
        self.strip = _Strip(self)
        self._plots = QGridLayout()
        self._plots.setHorizontalSpacing(16)
        self._plots.setVerticalSpacing(8)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        for widget in (self.banner, self.health, self.figures, self.strip):
            column.addWidget(widget)
        column.addLayout(self._plots, stretch=1)
        column.addWidget(self.parts, stretch=1)
        self._arrange()

    def start(self, state: RunState) -> None:
        """Show a run from its beginning."""
        self._state = state
        self._failed = None
        self._drawn = (0, 0.0)
        self.banner.hide()
        self.health.clear()
        self.loss_plot.start(state.started.epochs, state.started.steps)
        self.parts.start(state.started.epochs, state.started.steps)
        metric = state.metric_name
        title = f"{metric}, %" if state.is_percent else metric
        self.metric_plot.set_subject(title, percent=state.is_percent)
        self.metric_plot.start(state.started.epochs, state.started.steps)
        self.metric_plot.setVisible(bool(metric))
        self._arrange()
        self.show_state()

    def show_cursor(self, epoch: float | None) -> None:
        """Stand at a moment on every curve, or at none."""
        for plot in (self.loss_plot, self.metric_plot):
            plot.set_cursor(epoch)

    def overlay(self, name: str, curves: Curves) -> None:
        """Lay the validation curves of another run behind those of this one."""
        epochs = curves.epochs.astype(np.float64)
        self.loss_plot.show_other(name, epochs, curves.validation_losses)
        if curves.metric == self._known().started.metric:
            self.metric_plot.show_other(name, epochs, curves.validation_metrics)

    def take_steps(self, event: StepEnded) -> None:
        """Add the values of some steps to the curves."""
        epochs = _epochs_of(event, self._known().started, self._drawn)
        self._drawn = event.step, event.epoch
        self.loss_plot.add_training(epochs, event.losses)
        if len(event.metrics) == len(event.losses):
            self.metric_plot.add_training(epochs, event.metrics)
        self.parts.add_training(epochs, event.parts)

    def take_epoch(self, event: EpochEnded) -> None:
        """Add what validation gave."""
        if event.validation_loss is not None:
            self.loss_plot.add_validation(event.epoch, event.validation_loss)
        if event.validation_metric is not None:
            self.metric_plot.add_validation(event.epoch, event.validation_metric)
        self.parts.add_validation(event.epoch, event.validation_figures)

    def take_change(self, event: RunChanged) -> None:
        """Mark where the run was changed; it may be longer or shorter from there."""
        state = self._known()
        state.take_change(event)
        for plot in self._curves:
            plot.mark_event(state.epochs_done, event.title)
            plot.set_length(event.epochs)

    def take_back(self, event: RunWentBack) -> None:
        """Forget what came after the step that the run went back to."""
        self._known().take_back(event)
        self._drawn = event.step, event.epoch
        for plot in self._curves:
            plot.go_back(event.epoch)

    def take_note(self, event: HealthNoted) -> None:
        """Show what is going wrong, where something can be done about it."""
        if event.acts:
            self.health.show_note(event)

    def take_problem(self, event: RunFailed, node_name: str) -> None:
        """Say what stopped the run; the curves stay."""
        self._failed = event
        self.banner.show_problem(event, node_name)

    def take_end(self, event: RunEnded) -> None:
        """Mark the best epoch."""
        self.health.end_run()
        self.loss_plot.mark_best(event.best_epoch)
        self.metric_plot.mark_best(event.best_epoch)

    def show_state(self) -> None:
        """Write the figures, and what can be done next."""
        state = self._known()
        state.loss = self.loss_plot.latest if self.loss_plot.latest is not None else state.loss
        state.metric = (
            self.metric_plot.latest if self.metric_plot.latest is not None else state.metric
        )
        self.figures.show_figures(state.figures())
        for plot in self._curves:
            plot.set_faded(faded=state.phase == "paused")
        if state.phase == "paused":
            self.strip.show_paused(state)
        elif state.ended is not None:
            self.strip.show_ended(state, state.ended, has_failed=self._failed is not None)
        else:
            self.strip.hide()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        height = self._column.totalMinimumSize().height()
        if self._column.hasHeightForWidth():
            # The layout's own answer wraps the banner at its narrowest: far too high.
            height = self._column.totalMinimumHeightForWidth(max(self.width(), _NARROWEST_PX))
        return QSize(_NARROWEST_PX, height)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._arrange()

    @property
    def _curves(self) -> tuple[CurvePlot, ...]:
        return self.loss_plot, self.metric_plot, *self.parts.plots

    def _arrange(self) -> None:
        # Below one another they need room in height, else narrow plots are the lesser evil.
        is_wide = self.width() >= _SIDE_BY_SIDE_PX or self.height() < _STACKED_PX
        row, column = (0, 1) if is_wide else (1, 0)
        self._plots.addWidget(self.loss_plot, 0, 0)
        self._plots.addWidget(self.metric_plot, row, column)
        has_metric = not self.metric_plot.isHidden()
        self._plots.setColumnStretch(0, 1)
        self._plots.setColumnStretch(1, 1 if is_wide and has_metric else 0)

    def _known(self) -> RunState:
        assert self._state is not None, "start comes before anything else of a run"
        return self._state


class _Strip(QWidget):
    """One line on the state of the run, and the buttons that go with it."""

    def __init__(self, page: RunPage) -> None:
        super().__init__(page)
        self._glyph = Glyph("pause", "warn")
        self._text = Label("", tone="text2")
        self._resume = Button(self.tr("Resume"), "primary", icon_name="play", extent="small")
        self._step = Button(self.tr("Step once"), icon_name="step", extent="small")
        self._stop = Button(self.tr("Stop"), "danger", icon_name="stop", extent="small")
        self._export = Button(self.tr("Export…"), icon_name="export", extent="small")
        self._compare = Button(self.tr("Compare"), "ghost", extent="small")
        self._recipe = Button(self.tr("Recipe"), "ghost", extent="small")
        for button, signal in (
            (self._resume, page.resume_requested),
            (self._step, page.step_requested),
            (self._stop, page.stop_requested),
            (self._export, page.export_requested),
            (self._compare, page.compare_requested),
            (self._recipe, page.recipe_requested),
        ):
            button.clicked.connect(signal)
            button.setAccessibleName(button.text())
        said = QHBoxLayout()
        said.setSpacing(8)
        said.addWidget(self._glyph)
        said.addWidget(self._text, stretch=1)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        for button in self._buttons:
            self._row.addWidget(button)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._parts.setContentsMargins(0, 0, 0, 4)
        self._parts.setSpacing(8)
        self._parts.addLayout(said, 1)
        self._parts.addLayout(self._row)
        self._text.setMinimumWidth(40)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._break_line()

    @property
    def _buttons(self) -> tuple[Button, ...]:
        return (
            self._recipe,
            self._compare,
            self._step,
            self._stop,
            self._export,
            self._resume,
        )

    @property
    def text(self) -> str:
        return self._text.text()

    def show_paused(self, state: RunState) -> None:
        text = self.tr("Paused at step {0} of {1}.")
        self._show(
            "pause",
            "warn",
            text.format(count(state.step), count(state.started.steps)),
            self._recipe,
            self._resume,
            self._step,
            self._stop,
        )

    def show_ended(self, state: RunState, ended: RunEnded, *, has_failed: bool) -> None:
        glyph, token = _OUTCOMES.get(ended.outcome, ("stop", "text3"))
        if has_failed or ended.outcome in ("failed", "lost"):
            text = self.tr("Ended at step {0}. The curves are kept.").format(count(ended.step))
            self._resume.set_kind("primary")
            go_on = (self._resume,) if ended.outcome == "lost" else ()
            self._show("error", "err", text, self._recipe, *go_on)
        else:
            go_on = (self._resume,) if ended.outcome == "stopped" else ()
            self._resume.set_kind("plain")
            buttons = (self._recipe, self._compare, self._export, *go_on)
            self._show(glyph, token, _outcome(state, ended), *buttons)

    def _show(self, glyph: str, token: str, text: str, *buttons: Button) -> None:
        self._glyph.set_glyph(glyph, token)
        self._text.setText(text)
        self._text.setToolTip(text)
        self.setAccessibleName(text)
        for button in self._buttons:
            button.setVisible(button in buttons)
        if glyph == "pause":
            self._resume.set_kind("primary")
        self.show()
        self._break_line()

    def _break_line(self) -> None:
        """Give the buttons a line of their own where the words have no room beside them."""
        needed = self._row.sizeHint().width() + self._text.sizeHint().width()
        ways = QBoxLayout.Direction
        fits = needed + self._glyph.sizeHint().width() + _GAPS_PX <= self.width()
        self._parts.setDirection(ways.LeftToRight if fits else ways.TopToBottom)


def _outcome(state: RunState, ended: RunEnded) -> str:
    """How a run ended and what was best, in a sentence or two."""
    time = duration(ended.seconds)
    first = {
        "finished": f"Finished in {time}.",
        "stopped_early": f"Stopped early after {time}: validation got no better.",
    }.get(ended.outcome, f"Stopped at step {count(ended.step)} of {count(state.started.steps)}.")
    if ended.is_unsaved:
        return f"{first} Its last step is not saved."
    if ended.best_epoch is None:
        return first
    best = f"Best epoch {count(ended.best_epoch)}"
    loss = ended.validation_loss
    is_last = ended.best_epoch == round(ended.epoch)
    return f"{first} {best}, validation loss {figure(loss)}." if is_last else f"{first} {best}."


def _epochs_of(event: StepEnded, started: RunStarted, before: tuple[int, float]) -> list[float]:
    """Where each step of a block lies among the epochs; the event has that of the last one.

    Epochs of a run that goes on may have had other lengths: what came before says where it begins.
    """
    per_step = 1 / (started.steps_per_epoch or started.steps / started.epochs or 1)
    steps = len(event.losses)
    if before[0] == event.step - steps and before[1] < event.epoch:
        per_step = (event.epoch - before[1]) / steps
    return [event.epoch - (steps - 1 - index) * per_step for index in range(steps)]
