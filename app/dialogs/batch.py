"""The batch that a step could not be made with: its samples, and what its numbers are."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.figures import count, figure, places, setting
from app.plots.picture_grid import PictureGrid
from app.project_files import show_error
from app.widgets import Button, FlowText, Label, SectionTitle
from engine.runs.kept_batch import KeptBatch, read_batch
from nodes.errors import LoomError

_WIDTH_PX = 560
_GRID_PX = 280


def show_batch(file: Path, window: QWidget) -> None:
    """Show a batch that was kept, or say why it cannot be read."""
    try:
        dialog = BatchDialog(read_batch(file), file, window)
    except LoomError as error:
        show_error(window, error)
        return
    dialog.exec()
    dialog.deleteLater()


class BatchDialog(QDialog):
    """Pictures where the samples are some, and a row for each field."""

    def __init__(self, batch: KeptBatch, file: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("The batch that was kept"))
        self.setMinimumWidth(_WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(FlowText(self._verdict(batch)))
        if batch.pictures:
            column.addWidget(SectionTitle(self.tr("Samples")))
            grid = PictureGrid()
            grid.setAccessibleName(self.tr("Samples of the batch"))
            grid.setMinimumHeight(_GRID_PX)
            grid.show_groups([(picture,) for picture in batch.pictures])
            column.addWidget(grid, stretch=1)
        column.addWidget(SectionTitle(self.tr("Values")))
        column.addLayout(self._table(batch))
        where = FlowText(str(file), "small", "text3")
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(where)
        column.addLayout(self._buttons())
        if not batch.pictures:
            # Nothing in it grows: words alone would be given room that they do not need.
            self.setFixedSize(_WIDTH_PX, column.totalHeightForWidth(_WIDTH_PX))

    def _verdict(self, batch: KeptBatch) -> str:
        lost = {field.name: field.lost for field in batch.fields if field.lost}
        if not lost:
            return self.tr("All of its values are numbers: the data is not what broke the step.")
        told = ", ".join(f"{count(many)} in {name}" for name, many in lost.items())
        return self.tr("Values that are no numbers: {0}. Mend the data.").format(told)

    def _table(self, batch: KeptBatch) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        heads = ("Field", "Shape", "Smallest", "Largest", "No numbers")
        for place, head in enumerate(heads):
            grid.addWidget(Label(self.tr(head), "small", "text3"), 0, place)
        for row, field in enumerate(batch.fields, start=1):
            ends = (figure(end) if end is None else setting(end) for end in (field.low, field.high))
            words = (field.name, places(field.sizes), *ends, count(field.lost))
            for place, word in enumerate(words):
                grid.addWidget(Label(word), row, place)
        grid.setColumnStretch(len(heads), 1)
        return grid

    def _buttons(self) -> QHBoxLayout:
        close = Button(self.tr("Close"))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        return row
