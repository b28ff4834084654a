"""The Comparison panel: curves over each other, what differs, and what each run came to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.compare.differing_table import DifferingTable
from app.compare.figures import figure_lines
from app.compare.results import ResultsRow
from app.compare.shown import ShownRun
from app.plots.compared import ComparedPlot
from app.plots.files import save_csv
from app.widgets import Button, Divider, EmptyState, Label, SectionTitle
from engine.data.metric_names import is_share, sentence
from engine.runs.differing import Differing, what_differs

_SIDE_BY_SIDE_PX = 700
_PLOT_PX = 250
_INSET_PX = 16


class ComparisonPanel(QWidget):
    """Shows the runs that were chosen in the list; the others stay quiet behind them."""

    restore_requested = Signal(object)
    """The drawing of a run is wanted as a project: the ``Path`` of its folder."""

    choice_requested = Signal()
    """The layout in which runs are chosen is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Comparison"))
        self._chosen: tuple[ShownRun, ...] = ()
        self.loss_plot = ComparedPlot(self.tr("Loss"))
        self.metric_plot = ComparedPlot("")
        self.loss_plot.hovered.connect(self.metric_plot.point_at)
        self.metric_plot.hovered.connect(self.loss_plot.point_at)
        self.table = DifferingTable()
        self._same = Label(self.tr("They were trained alike."), tone="text2")
        self.results = ResultsRow()
        self.lost = Label("", tone="warn")
        self.lost.hide()
        self.actions_bar = self._make_actions()
        self._empty = EmptyState("runs", "")
        self._empty.acted.connect(self.choice_requested)
        self.set_choosing(on=False)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._page())

    def set_choosing(self, *, on: bool) -> None:
        """Say how runs are chosen: in the list at once, or after a change of the layout."""
        action = "" if on else self.tr("Open the Compare layout")
        self._empty.set_words(self.tr("Choose two or more runs."), action)

    def show_runs(self, runs: Sequence[ShownRun], lost: Sequence[str] = ()) -> None:
        """Compare the chosen runs, oldest first; the others are shown quietly.

        Args:
            lost: What could not be read, in words.
        """
        self._chosen = tuple(shown for shown in runs if shown.is_chosen)
        self.lost.setText("\n".join(lost))
        self.lost.setVisible(bool(lost))
        is_enough = len(self._chosen) > 1
        self.actions_bar.setVisible(is_enough)
        self._stack.setCurrentIndex(1 if is_enough else 0)
        if not is_enough:
            return
        self._show_curves(runs)
        rows = what_differs([shown.run.trained for shown in self._chosen])
        self._show_differing(rows)
        self.results.show_runs(self._chosen)
        self._restore.setText(self.tr("Restore {0}").format(self._chosen[0].label))

    def save_table(self, path: Path) -> None:
        """Write what differs and what the runs came to as CSV.

        Raises:
            RunError: The file cannot be written.
        """
        heads, *rows = self.table.texts()
        lines = figure_lines([shown.run for shown in self._chosen])
        rows += [(self.tr("Result"), line.name, *line.values) for line in lines]
        save_csv(path, heads, rows)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._arrange()

    def _show_curves(self, runs: Sequence[ShownRun]) -> None:
        self.loss_plot.show_curves([curve for run in runs if (curve := run.losses()) is not None])
        metric = next((run.run.metric for run in self._chosen if run.run.metric), "")
        share = is_share(metric)
        self.metric_plot.setVisible(bool(metric))
        self.metric_plot.set_subject(
            f"{sentence(metric)}, %" if share else sentence(metric), percent=share
        )
        curves = [curve for run in runs if (curve := run.metrics(metric)) is not None]
        self.metric_plot.show_curves(curves)

    def _show_differing(self, rows: Sequence[Differing]) -> None:
        self.table.show_rows(rows, self._chosen)
        self.table.setVisible(bool(rows))
        self._same.setVisible(not rows)
        self._differs.set_note(self.tr("all else is equal") if rows else "")

    def _arrange(self) -> None:
        is_wide = self.width() >= _SIDE_BY_SIDE_PX
        side, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._plots.setDirection(side if is_wide else down)

    def _make_actions(self) -> QWidget:
        bar = QWidget(self)
        export = Button(self.tr("Export table"), icon_name="export", extent="small")
        self._restore = Button(self.tr("Restore"), icon_name="undo", extent="small")
        export.clicked.connect(self._ask_export)
        self._restore.clicked.connect(self._ask_restore)
        self._restore.setToolTip(self.tr("Opens its drawing as a new project"))
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(export)
        row.addWidget(self._restore)
        bar.hide()
        return bar

    def _ask_export(self) -> None:
        kinds = "CSV (*.csv)"
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Export table"), "runs.csv", kinds)
        if name:
            self.save_table(Path(name))

    def _ask_restore(self) -> None:
        if self._chosen:
            self.restore_requested.emit(self._chosen[0].run.folder)

    def _page(self) -> QScrollArea:
        self._plots = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._plots.setSpacing(20)
        for plot in (self.loss_plot, self.metric_plot):
            plot.setMinimumHeight(_PLOT_PX)
            self._plots.addWidget(plot, stretch=1)
        self._differs = SectionTitle(self.tr("What differs"))
        results = SectionTitle(self.tr("Results"), self.tr("label down, prediction across"))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(_INSET_PX, 12, _INSET_PX, _INSET_PX)
        column.setSpacing(10)
        column.addWidget(self.lost)
        column.addLayout(self._plots)
        for part in (Divider(), self._differs, self.table, self._same, Divider(), results):
            column.addWidget(part)
        column.addWidget(self.results)
        column.addStretch(1)
        page = QScrollArea()
        page.setWidget(content)
        content.setAutoFillBackground(False)
        page.setWidgetResizable(True)
        page.setFrameShape(QFrame.Shape.NoFrame)
        page.setAccessibleName(self.tr("Comparison"))
        return page
