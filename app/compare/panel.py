"""The Comparison panel: two or more runs beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QScrollArea, QStackedLayout, QWidget

from app.plots.files import save_csv
from app.widgets import Button, EmptyState

if TYPE_CHECKING:
    from app.compare.page import ComparisonPage
    from app.compare.shown import ShownRun


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
        self._page: ComparisonPage | None = None
        self.actions_bar = self._make_actions()
        self._empty = EmptyState("runs", "")
        self._empty.acted.connect(self.choice_requested)
        self.set_choosing(on=False)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)

    @property
    def page(self) -> ComparisonPage:
        """What shows the runs; made when there are first two to compare."""
        if self._page is None:
            self._page = self._make_page()
        return self._page

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
        is_enough = len(self._chosen) > 1
        self.actions_bar.setVisible(is_enough)
        if is_enough:
            self.page.show_runs(runs, lost)
            self._restore.setText(self.tr("Restore {0}").format(self._chosen[0].label))
        self._stack.setCurrentIndex(1 if is_enough else 0)

    def save_table(self, path: Path) -> None:
        """Write what differs and what the runs came to as CSV.

        Raises:
            RunError: The file cannot be written.
        """
        heads, *rows = self.page.rows()
        save_csv(path, heads, rows)

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

    def _make_page(self) -> ComparisonPage:
        # It comes with pyqtgraph, which the window does not wait for when it opens.
        from app.compare.page import ComparisonPage

        made, scroll = ComparisonPage(), QScrollArea()
        scroll.setWidget(made)
        made.setAutoFillBackground(False)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setAccessibleName(self.tr("Comparison"))
        self._stack.addWidget(scroll)
        return made
