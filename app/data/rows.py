"""The samples in words, one a line; only those in sight are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.theme import ThemeManager, font
from engine.data.showing import class_field, label_of, words_of
from engine.data.spec import DataSet

ROW_PX = 26
_LABEL_PX = 96

_Index = QModelIndex | QPersistentModelIndex


class SampleWords(QAbstractListModel):
    """Samples of a data set as words and an answer."""

    def __init__(self) -> None:
        super().__init__()
        self._data: DataSet | None = None
        self._places: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def show_data(self, data: DataSet | None, only_class: int | None = None) -> None:
        """Show the samples of a data set, of one class where that is given."""
        self.beginResetModel()
        self._data = data
        self._places = places_of(data, only_class)
        self.endResetModel()

    def show_places(self, data: DataSet, places: Sequence[int]) -> None:
        """Show these samples of a data set."""
        self.show_data(data)
        self.beginResetModel()
        self._places = np.array(places, np.int64)
        self.endResetModel()

    def sample_at(self, row: int) -> int:
        """Return the number of the sample of a row."""
        return int(self._places[row])

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt override
        return 0 if parent is not None and parent.isValid() else len(self._places)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self._data is None or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.UserRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        sample = self.sample_at(index.row())
        answer = label_of(self._data, sample)
        if role == Qt.ItemDataRole.UserRole:
            return answer
        words = words_of(self._data, sample)
        return words if role == Qt.ItemDataRole.DisplayRole else f"{sample}: {words}\n{answer}"


class SampleRows(QListView):
    """A virtual list of samples in words."""

    sample_chosen = Signal(int)
    """A sample was clicked, or the arrow keys led to it: its number in the data set."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.samples = SampleWords()
        self.setModel(self.samples)
        self.setAccessibleName(self.tr("Samples"))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Row(theme, self))
        self.selectionModel().currentChanged.connect(self._on_current)

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.sample_chosen.emit(self.samples.sample_at(index.row()))


class _Row(QStyledItemDelegate):
    def __init__(self, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802 - Qt override
        del option, index
        return QSize(120, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        colours = self._theme.theme.colours
        box = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, colours.pressed)
        answer = str(index.data(Qt.ItemDataRole.UserRole) or "")
        face = font("small", weight=600)
        wide = min(QFontMetrics(face).horizontalAdvance(answer) + 2, _LABEL_PX) if answer else 0
        painter.setFont(face)
        painter.setPen(colours.text)
        right = QRect(box.right() - wide - 2, box.top(), wide, box.height())
        _write(painter, right, answer)
        painter.setFont(font("small"))
        painter.setPen(colours.text2)
        left = QRect(box.left() + 2, box.top(), box.width() - wide - 14, box.height())
        _write(painter, left, " ".join(str(index.data()).split()))


def _write(painter: QPainter, box: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)


def places_of(data: DataSet | None, only_class: int | None) -> npt.NDArray[np.int64]:
    """Return the samples of a data set, or those of one class."""
    if data is None:
        return np.empty(0, np.int64)
    places = np.arange(data.spec.samples, dtype=np.int64)
    field = class_field(data.spec)
    if only_class is None or field is None:
        return places
    chosen: npt.NDArray[np.int64] = places[data.read(field.name, places) == only_class]
    return chosen
