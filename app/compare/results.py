"""What each run came to, side by side: its figures, the better ones ticked, and its confusions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.compare.figures import FigureLine, figure_lines
from app.compare.shown import ShownRun
from app.plots.confusion import ConfusionMatrix
from app.plots.run_keys import RunKey
from app.widgets import Glyph, Label
from app.widgets.elided_label import ElidedLabel

_COLUMN_PX = 400
_BETWEEN_PX = 24
_GLYPH_PX = 14
_NARROWEST_MATRIX_PX = 190


class ResultsRow(QWidget):
    """A box for each run, as many beside each other as have room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Results"))
        self._boxes: list[RunBox] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(_BETWEEN_PX)
        self._grid.setVerticalSpacing(16)

    @property
    def boxes(self) -> tuple[RunBox, ...]:
        """What is shown, a box for each run."""
        return tuple(self._boxes)

    def show_runs(self, runs: Sequence[ShownRun]) -> None:
        """Show what these came to."""
        lines = figure_lines([shown.run for shown in runs])
        for box in self._boxes:
            self._grid.removeWidget(box)
            box.deleteLater()
        self._boxes = [RunBox(shown, lines, place) for place, shown in enumerate(runs)]
        self._columns = 0
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, min(len(self._boxes), (self.width() + _BETWEEN_PX) // _COLUMN_PX))
        if columns == self._columns:
            return
        for column in range(max(columns, self._grid.columnCount())):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns
        for place, box in enumerate(self._boxes):
            self._grid.addWidget(box, place // columns, place % columns)


class RunBox(QWidget):
    """The figures of one run beside its confusion matrix."""

    def __init__(self, shown: ShownRun, lines: Sequence[FigureLine], place: int) -> None:
        super().__init__()
        self.setAccessibleName(shown.label)
        # All boxes are equally wide, whatever stands in them.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.figures = {line.name: line.values[place] for line in lines}
        """What is shown, by name."""

        self.better = {line.name for line in lines if place in line.best}
        """The names of the figures in which no other run is better."""

        left = QVBoxLayout()
        left.setSpacing(0)
        left.addLayout(_title(shown))
        left.addSpacing(4)
        table = QGridLayout()
        table.setHorizontalSpacing(8)
        table.setVerticalSpacing(6)
        table.setColumnStretch(0, 1)
        for row, line in enumerate(lines):
            self._add(table, row, line, is_better=line.name in self.better)
        left.addLayout(table)
        left.addStretch(1)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(16)
        across.addLayout(left, stretch=1)
        self.matrix = ConfusionMatrix(self)
        self.matrix.hide()
        evaluated = shown.run.evaluated
        if evaluated is not None and evaluated.confusion:
            names = [each.name for each in evaluated.classes]
            self.matrix.show_counts(evaluated.confusion, names)
            self.matrix.setMinimumWidth(_NARROWEST_MATRIX_PX)
            across.addWidget(self.matrix, stretch=1, alignment=Qt.AlignmentFlag.AlignTop)
            self.matrix.show()

    def _add(self, table: QGridLayout, row: int, line: FigureLine, *, is_better: bool) -> None:
        value = Label(self.figures[line.name], weight=600 if is_better else 400)
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        words = f"{line.name} {value.text()}"
        value.setAccessibleName(self.tr("{0}, better").format(words) if is_better else words)
        table.addWidget(Label(line.name, tone="text2"), row, 0)
        if is_better:
            table.addWidget(Glyph("check", "ok", size_px=_GLYPH_PX), row, 1)
        table.addWidget(value, row, 2)


def _title(shown: ShownRun) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(RunKey(shown.place))
    row.addWidget(Label(shown.label, weight=600))
    row.addWidget(ElidedLabel(shown.note, "small", "text2"), stretch=1)
    return row
