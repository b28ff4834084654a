"""The Evaluation dock: figures, confusion, worst samples and classes after each epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from app.evaluation.class_table import ClassTable
from app.evaluation.figure_boxes import FigureBoxes, Named
from app.evaluation.forecast import ForecastPlot
from app.evaluation.ranking import RankingCurves
from app.evaluation.reliability import ReliabilityPlot
from app.evaluation.sample_bar import SampleBar
from app.evaluation.scatter import AgreementPlot
from app.evaluation.worst import WorstSamples
from app.figures import count, figure, percent
from app.plots.confusion import ConfusionMatrix
from app.plots.histogram import Histogram
from app.plots.images import sample_image
from app.plots.masks import mask_image, veiled
from app.plots.tables import table_button
from app.redraws import Redraw
from app.theme import current_theme, theme_manager
from app.waiting import WaitRow
from app.widgets import EmptyState, Label, SectionTitle, SegmentedControl, stacked
from engine.training.events import (
    EpochEnded,
    ProbeTaken,
    RunEnded,
    RunLeft,
    RunStarted,
    SamplesChosen,
    TrainingEvent,
)
from engine.training.insight import Evaluated
from engine.training.questions import MomentShown, NotAnswered, RunOpened

_WIDE_PX = 680
_TITLE_PX = 24
"""With or without a button at its end."""

_RESIDUAL_BINS = 24


class EvaluationPanel(QWidget):
    """Shows the newest evaluation while a run goes on, then that of the weights it ended with."""

    sample_chosen = Signal(int)
    """The place of a sample among those kept aside, to be looked at."""

    train_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Evaluation"))
        self.setMinimumSize(360, 200)
        self._shown: Evaluated | None = None
        self._newest: Evaluated | None = None
        self._best: Evaluated | None = None
        self._can_look = True
        self._is_past = False
        self._has_ended_best = self._has_epoch = False
        self._build()
        self._news = Redraw(self, self._redraw)
        theme_manager().changed.connect(self._redraw)

    @property
    def shown(self) -> Evaluated | None:
        """What is shown now."""
        return self._shown

    def show_events(self, events: Sequence[TrainingEvent], *, can_look: bool = True) -> None:
        """Take what a run says.

        Args:
            can_look: Whether the engine still holds the model, so that its layers can be shown.
        """
        self._can_look = can_look
        found = None
        for event in events:
            self.wait.take(event)
            match event:
                case SamplesChosen():
                    self.sample_bar.show_classes(event.classes)
                case ProbeTaken():
                    self.sample_bar.show_probe(event)
                case RunOpened():
                    self._can_look = True
                    self.wait.end()
                case NotAnswered(question="show_moment"):
                    self.wait.end()
                case MomentShown():
                    self._is_past = not event.is_now
                    if event.evaluated or event.is_now:
                        self.wait.end()
                    if event.evaluation is not None:
                        self._show(event.evaluation)
                    elif event.is_now:
                        found = self._best if self._has_ended_best else self._newest
                case RunLeft():
                    self.wait.end()
                    self._empty.set_words(self._before_a_run(), self.tr("Train"))
                    self._is_past = self._can_look = False
                    self._shown = self._newest = self._best = found = None
                    self._stack.setCurrentWidget(self._empty)
                case RunStarted():
                    self.wait.end()
                    self._empty.set_words(
                        self.tr("Results on data kept aside come after an epoch.")
                    )
                    self._is_past = self._has_ended_best = self._has_epoch = False
                    self._newest = self._best = found = None
                    self._stack.setCurrentWidget(self._empty)
                case EpochEnded():
                    self._has_epoch = True
                    self._empty.set_words(self._why_no_results(event))
                case Evaluated():
                    self._newest = found = event
                    self._best = event if event.is_best else self._best
                case RunEnded():
                    self._has_ended_best = event.has_best_weights
                    if not self._has_epoch:
                        words = self.tr("The run ended within its first epoch: no results yet.")
                        self._empty.set_words(words)
                    found = self._best if event.has_best_weights else self._newest
                case _:
                    pass
        if found is not None and not self._is_past:
            self._show(found)

    def show_coming(self, words: str, again: Callable[[], None] | None = None) -> None:
        """Say what is under way where there is nothing to show; empty words for no longer."""
        self._empty.show_coming(words, again)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        is_wide = self.width() >= _WIDE_PX
        self._columns.setDirection(
            QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        )

    def _before_a_run(self) -> str:
        return self.tr("Train once to see how good the model is on data kept aside.")

    def _why_no_results(self, event: EpochEnded) -> str:
        """Say why an epoch ended without results; nobody reads it where there are some."""
        if event.validation_loss is None:
            return self.tr("No samples are kept aside. Hold some out in the Data panel.")
        return self.tr(
            "This model's answers are not compared with labels one by one. "
            "Training shows its loss on data kept aside."
        )

    def _show(self, found: Evaluated) -> None:
        self._shown = found
        self._stack.setCurrentWidget(self._page)
        self._news.ask()

    def _redraw(self) -> None:
        found = self._shown
        if found is None:
            return
        numbers = found.kind == "numbers"
        self._boxes.show_figures(self._figures(found))
        for widget in (self._confusion_box, self._classes_box):
            widget.setVisible(not numbers)
        self._agreement_box.setVisible(numbers)
        if numbers:
            self._show_agreement(found)
        else:
            self._show_classes(found)
        self._show_worst(found)

    def _show_classes(self, found: Evaluated) -> None:
        self.confusion.setVisible(bool(found.confusion))
        self._too_many.setVisible(not found.confusion)
        if found.confusion:
            self.confusion.show_counts(found.confusion, [each.name for each in found.classes])
        self.classes.show_classes(found.classes)
        self.reliability.show_bins(found.reliability)
        self.ranking.show_curves(found.curves, len(found.classes))
        for widget in (self.reliability, self._sureness):
            widget.setVisible(bool(found.reliability))

    def _show_agreement(self, found: Evaluated) -> None:
        self.agreement.show_points(found.truths, found.predictions, found.places)
        self._forecast_box.setVisible(bool(found.lows))
        if found.lows:
            self.forecast.show_forecast(found.truths, found.predictions, found.lows, found.highs)
        residuals = np.asarray(found.predictions) - np.asarray(found.truths)
        residuals = residuals[np.isfinite(residuals)]
        if residuals.size:
            reach = float(np.abs(residuals).max()) or 1.0
            counts, _ = np.histogram(residuals, _RESIDUAL_BINS, (-reach, reach))
            self.residuals.show_counts(counts.tolist(), -reach, reach)

    def _show_worst(self, found: Evaluated) -> None:
        self._order.setVisible(bool(found.surest))
        order = self._order.current if found.surest else "loss"
        pictures, first = _pictures(found), 0
        for key, samples in (
            ("loss", found.worst),
            ("sure", found.surest),
            ("labels", found.suspects),
        ):
            if key == order:
                own = slice(first, first + len(samples))
                self.worst.show_samples(samples, pictures[own], found.texts[own])
                self._no_worst.setVisible(not samples)
            first += len(samples)
        self._no_worst.setText(
            self.tr("No label looks wrong.") if order == "labels" else self.tr("Not one is wrong.")
        )
        errors = found.samples - round((found.accuracy or 0) * found.samples)
        text = self.tr("{0} of {1} errors at 90\u202f% or surer")
        self._sure.setText(text.format(count(found.sure_errors), count(errors)))
        self._sure.setVisible(found.kind in ("classes", "yes_no") and bool(found.worst))

    def _figures(self, found: Evaluated) -> list[Named]:
        match found.kind:
            case "numbers":
                return self._numbers(found)
            case "masks":
                return self._areas(found)
            case _:
                return self._shares(found)

    def _areas(self, found: Evaluated) -> list[Named]:
        known = [each for each in found.classes if each.iou is not None]
        least = min(known, key=lambda each: each.iou or 0.0, default=None)
        return [
            (self.tr("Mean IoU"), percent(found.mean_iou), self.tr("area shared")),
            (self.tr("Right pixels"), percent(found.accuracy), ""),
            (self.tr("Log loss"), figure(found.loss), self.tr("epoch {0}").format(found.epoch)),
            (
                self.tr("Weakest IoU"),
                percent(least.iou) if least else "–",
                least.name if least else "",
            ),
            (self.tr("Samples"), count(found.samples), ""),
        ]

    def _shares(self, found: Evaluated) -> list[Named]:
        right = round((found.accuracy or 0) * found.samples)
        weakest = self._weakest(found)
        return [
            (
                self.tr("Accuracy"),
                percent(found.accuracy),
                self.tr("{0} of {1}").format(count(right), count(found.samples)),
            ),
            (self.tr("Macro F1"), percent(found.macro_f1), ""),
            (self.tr("Log loss"), figure(found.loss), self.tr("epoch {0}").format(found.epoch)),
            weakest,
            (self.tr("Calibration error"), percent(found.calibration_error), ""),
        ]

    def _weakest(self, found: Evaluated) -> Named:
        known = [each for each in found.classes if each.f1 is not None]
        if not known:
            return self.tr("Weakest F1"), "–", ""
        least = min(known, key=lambda each: each.f1 or 0.0)
        return self.tr("Weakest F1"), percent(least.f1), least.name

    def _numbers(self, found: Evaluated) -> list[Named]:
        return [
            (
                self.tr("Mean absolute error"),
                figure(found.mean_absolute_error),
                self.tr("epoch {0}").format(found.epoch),
            ),
            (self.tr("Root mean square"), figure(found.root_mean_square_error), ""),
            (self.tr("R²"), figure(found.r_squared), ""),
            *self._inside(found),
            (self.tr("Samples"), count(found.samples), ""),
        ]

    def _inside(self, found: Evaluated) -> list[Named]:
        """Say how often the truth lies within the band, where there is one."""
        if found.inside is None:
            return []
        wanted = self.tr("{0} foreseen").format(percent(found.coverage))
        return [(self.tr("Within the band"), percent(found.inside), wanted)]

    def _on_cell(self, row: int, column: int) -> None:
        if self._shown is not None and self._can_look:
            self.sample_chosen.emit(self._shown.examples[row][column])

    def _on_sample(self, place: int) -> None:
        if self._can_look:
            self.sample_chosen.emit(place)

    # Building

    def _build(self) -> None:
        self._empty = EmptyState("chart", self._before_a_run(), self.tr("Train"))
        self._empty.acted.connect(self.train_requested)
        self._boxes = FigureBoxes()
        self.confusion = ConfusionMatrix()
        self.confusion.cell_chosen.connect(self._on_cell)
        self._too_many = Label(
            self.tr("There are too many classes for a matrix."), "small", "text2"
        )
        self.worst = WorstSamples()
        self.worst.sample_chosen.connect(self._on_sample)
        self._order = SegmentedControl(
            self.tr("Order of the samples"),
            (
                ("loss", self.tr("By loss")),
                ("sure", self.tr("Surest")),
                ("labels", self.tr("Doubted")),
            ),
        )
        self._order.segment("labels").setToolTip(self.tr("Samples whose label the model doubts"))
        self._order.chosen.connect(lambda _key: self._redraw())
        self.ranking = RankingCurves()
        self.sample_bar = SampleBar()
        self._no_worst = Label(self.tr("Not one is wrong."), "small", "text2")
        self._sure = Label("", "small", "text2")
        self.classes = ClassTable()
        self.reliability = ReliabilityPlot()
        self.agreement = AgreementPlot()
        self.agreement.sample_chosen.connect(self._on_sample)
        self.forecast = ForecastPlot()
        self.residuals = Histogram("loss")
        self.residuals.setAccessibleName(self.tr("Residuals"))
        self.residuals.setFixedHeight(120)
        self.wait = WaitRow("evaluate", self.tr("Measuring this moment"))
        self._lay_out()
        self._stack.setCurrentWidget(self._empty)

    def _lay_out(self) -> None:
        confusion = SectionTitle(self.tr("Confusion"), self.tr("label down, said across"))
        confusion.add_trailing(table_button(self.confusion, self.confusion.table))
        self._confusion_box = stacked(confusion, self.confusion, self._too_many)
        agreement = SectionTitle(self.tr("Predicted against true"))
        agreement.add_trailing(table_button(self.agreement, self.agreement.table))
        self._forecast_box = stacked(SectionTitle(self.tr("Forecast")), self.forecast)
        self._agreement_box = stacked(
            self._forecast_box,
            agreement,
            self.agreement,
            SectionTitle(self.tr("Residuals")),
            self.residuals,
        )
        worst = SectionTitle(self.tr("Worst samples"))
        worst_box = stacked(worst, self._order, self.worst, self._no_worst, self._sure)
        classes = SectionTitle(self.tr("Per class"), "%")
        self._sureness = SectionTitle(self.tr("Sureness"), self.tr("said across, right up"))
        self._sureness.add_trailing(table_button(self.reliability, self.reliability.table))
        self._classes_box = stacked(
            classes, self.classes, self.ranking, self._sureness, self.reliability
        )
        for title in (confusion, agreement, worst, classes):
            title.setMinimumHeight(_TITLE_PX)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(18)
        self._columns.addWidget(self._confusion_box, stretch=10)
        self._columns.addWidget(self._agreement_box, stretch=12)
        self._columns.addWidget(worst_box, stretch=8)
        self._columns.addWidget(self._classes_box, stretch=10)
        self._page = QScrollArea()
        content = QWidget(self._page.viewport())
        content.setAccessibleName(self.tr("Evaluation"))
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(14)
        column.addWidget(self.wait)
        column.addWidget(self._boxes)
        column.addWidget(self.sample_bar)
        column.addLayout(self._columns)
        column.addStretch(1)
        self._page.setWidget(content)
        content.setAutoFillBackground(False)
        self._page.setWidgetResizable(True)
        self._page.setFrameShape(QFrame.Shape.NoFrame)
        self._page.setAccessibleName(self.tr("Evaluation"))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._page)


def _pictures(found: Evaluated) -> list[QImage]:
    """Return a picture of each of the worst samples that can be shown as one."""
    shape = found.sample_shape
    if not found.pixels or not shape:
        return []
    theme = current_theme()
    pixels = np.frombuffer(found.pixels, np.uint8).reshape(-1, *shape)
    pictures = [sample_image(sample, theme) for sample in pixels]
    if not found.masks:
        return pictures
    masks = np.frombuffer(found.masks, np.uint8).reshape(len(pictures), *shape[-2:])
    veils = [mask_image(mask, len(found.classes), theme) for mask in masks]
    return [veiled(picture, veil) for picture, veil in zip(pictures, veils, strict=True)]
