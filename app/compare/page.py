"""What the Comparison panel shows of two or more runs, made when there are that many."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from app.compare.differing_table import DifferingTable
from app.compare.figures import figure_lines
from app.compare.results import ResultsRow
from app.compare.shown import ShownRun
from app.plots.compared import ComparedPlot
from app.widgets import Divider, Label, SectionTitle
from engine.data.metric_names import is_share, sentence
from engine.runs.differing import what_differs

_SIDE_BY_SIDE_PX = 700
_PLOT_PX = 250
_INSET_PX = 16


class ComparisonPage(QWidget):
    """Curves over each other, what differs, and what each run came to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: tuple[ShownRun, ...] = ()
        self.loss_plot = ComparedPlot(self.tr("Loss"))
        self.metric_plot = ComparedPlot("")
        self.loss_plot.hovered.connect(self.metric_plot.point_at)
        self.metric_plot.hovered.connect(self.loss_plot.point_at)
        self.table = DifferingTable()
        self.same = Label(self.tr("They were trained alike."), tone="text2")
        self.results = ResultsRow()
        self.lost = Label("", tone="warn")
        self._lay_out()

    def show_runs(self, runs: Sequence[ShownRun], lost: Sequence[str]) -> None:
        """Compare the chosen runs; the others are shown quietly."""
        self._chosen = tuple(shown for shown in runs if shown.is_chosen)
        self.lost.setText("\n".join(lost))
        self.lost.setVisible(bool(lost))
        self._show_curves(runs)
        self._show_differing()
        self.results.show_runs(self._chosen)

    def rows(self) -> list[tuple[str, ...]]:
        """Return what differs and what the runs came to, as words with their heads."""
        lines = figure_lines([shown.run for shown in self._chosen])
        results = [(self.tr("Result"), line.name, *line.values) for line in lines]
        return [*self.table.texts(), *results]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        is_wide = self.width() >= _SIDE_BY_SIDE_PX
        side, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._plots.setDirection(side if is_wide else down)

    def _show_curves(self, runs: Sequence[ShownRun]) -> None:
        self.loss_plot.show_curves([curve for run in runs if (curve := run.losses()) is not None])
        metric = next((run.run.metric for run in self._chosen if run.run.metric), "")
        share, title = is_share(metric), sentence(metric)
        self.metric_plot.setVisible(bool(metric))
        self.metric_plot.set_subject(f"{title}, %" if share else title, percent=share)
        curves = [curve for run in runs if (curve := run.metrics(metric)) is not None]
        self.metric_plot.show_curves(curves)

    def _show_differing(self) -> None:
        rows = what_differs([shown.run.trained for shown in self._chosen])
        self.table.show_rows(rows, self._chosen)
        self.table.setVisible(bool(rows))
        self.same.setVisible(not rows)
        self._differs.set_note(self.tr("all else is equal") if rows else "")

    def _lay_out(self) -> None:
        self._plots = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._plots.setSpacing(20)
        for plot in (self.loss_plot, self.metric_plot):
            plot.setMinimumHeight(_PLOT_PX)
            self._plots.addWidget(plot, stretch=1)
        self._differs = SectionTitle(self.tr("What differs"))
        results = SectionTitle(self.tr("Results"), self.tr("label down, prediction across"))
        column = QVBoxLayout(self)
        column.setContentsMargins(_INSET_PX, 12, _INSET_PX, _INSET_PX)
        column.setSpacing(10)
        column.addWidget(self.lost)
        column.addLayout(self._plots)
        for part in (Divider(), self._differs, self.table, self.same, Divider(), results):
            column.addWidget(part)
        column.addWidget(self.results)
        column.addStretch(1)
