"""The values of a plot as a table, for who cannot see curves and for who wants the numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.widgets.data_table import DataTable, Row

_SIZE_PX = (420, 480)
_COLUMN_PX, _WIDEST_PX = 60, 1000


class CurveTable(QWidget):
    """A window of its own beside the plot, which it outlives no longer than the plot itself."""

    def __init__(
        self, title: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]], parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        width, height = _SIZE_PX
        self.resize(min(_WIDEST_PX, max(width, _COLUMN_PX * (len(heads) + 2))), height)
        self.table = DataTable(title)
        self.table.show_rows(heads, [Row(cells) for cells in rows])
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.table)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
