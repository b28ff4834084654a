"""The corrections of a data set as a list, each of which can be taken back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.widgets import Button, SectionTitle
from app.widgets.data_table import DataTable, Row
from nodes.corrections import Correction

_ROW_PX, _MOST_ROWS = 26, 6


class CorrectionList(QWidget):
    """Which samples are read differently from what the files hold; hidden while there are none."""

    taken_back = Signal(int)
    """The number of a sample that is to be read as the files hold it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Corrections"))
        self._corrections: tuple[Correction, ...] = ()
        self._title = SectionTitle(self.tr("Corrections"))
        self.table = DataTable(self.tr("Corrections"))
        self._back = Button(self.tr("Take back"), extent="small")
        self._back.setAccessibleName(self._back.text())
        self._back.clicked.connect(self._on_back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._title, self.table, self._back):
            column.addWidget(widget)
        self.table.row_chosen.connect(lambda _row: self._back.setEnabled(True))
        self.hide()

    def show_corrections(
        self, corrections: Sequence[Correction], names: Sequence[str] = ()
    ) -> None:
        """List corrections.

        Args:
            names: Of the classes; numbers where there are none.
        """
        self._corrections = tuple(corrections)
        self.setVisible(bool(corrections))
        self._title.set_note(str(len(corrections)))
        heads = (self.tr("Sample"), self.tr("label"), self.tr("now"))
        rows = [
            Row((str(one.sample), _name(one.was, names), self._now(one, names)))
            for one in self._corrections
        ]
        self.table.show_rows(heads, rows)
        self.table.setFixedHeight(_ROW_PX * (min(len(rows), _MOST_ROWS) + 1) + 8)
        self._back.setEnabled(self.table.current >= 0)

    def _now(self, one: Correction, names: Sequence[str]) -> str:
        return self.tr("left out") if one.label is None else _name(one.label, names)

    def _on_back(self) -> None:
        if 0 <= self.table.current < len(self._corrections):
            self.taken_back.emit(self._corrections[self.table.current].sample)


def _name(label: int | None, names: Sequence[str]) -> str:
    if label is None:
        return "–"
    return names[label] if label < len(names) else str(label)
