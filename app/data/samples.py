"""The samples as a grid of small pictures; only those in sight are read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.data.rows import places_of
from app.plots.forms import place_in
from app.plots.images import paint_squares, sample_image
from app.theme import ThemeManager
from engine.data.showing import as_picture, label_of, picture_field
from engine.data.spec import DataSet

CELL_PX = 56
_GAP_PX = 4
_KEPT_IMAGES = 800
_LAID_OUT_AT_ONCE = 1_000

Places: TypeAlias = npt.NDArray[np.int64]
_Index: TypeAlias = QModelIndex | QPersistentModelIndex


class Samples(QAbstractListModel):
    """The samples of a data set, or those of one class."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__()
        self._theme = theme
        self._data: DataSet | None = None
        self._places = np.empty(0, np.int64)
        self._images: OrderedDict[int, QImage] = OrderedDict()
        theme.changed.connect(self._on_theme_changed)

    def show_data(self, data: DataSet | None, only_class: int | None = None) -> None:
        """Show the samples of a data set, of one class where that is given."""
        self.beginResetModel()
        if data is not self._data:
            self._images.clear()
        self._data = data
        self._places = places_of(data, only_class)
        self.endResetModel()

    def show_places(self, data: DataSet, places: Sequence[int]) -> None:
        """Show these samples of a data set."""
        self.show_data(data)
        self.beginResetModel()
        self._places = np.array(places, np.int64)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 - Qt override
        return 0 if parent is not None and parent.isValid() else len(self._places)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._words(self.sample_at(index))
        return None

    def sample_at(self, index: _Index) -> int:
        """Which sample of the data set a cell shows."""
        return int(self._places[index.row()])

    def image(self, index: _Index) -> QImage:
        """The picture of a cell, read when it is asked for first."""
        sample = self.sample_at(index)
        if sample not in self._images:
            self._images[sample] = self._read(sample)
            while len(self._images) > _KEPT_IMAGES:
                self._images.popitem(last=False)
        return self._images[sample]

    def _read(self, sample: int) -> QImage:
        assert self._data is not None, "there are no cells without data"
        field = picture_field(self._data.spec)
        if field is None:
            return QImage()
        values = self._data.read(field.name, np.array([sample]))[0]
        return sample_image(as_picture(field, values), self._theme.theme)

    def _words(self, sample: int) -> str:
        assert self._data is not None, "there are no cells without data"
        number = self.tr("sample {0}").format(sample)
        label = label_of(self._data, sample)
        return f"{label}, {number}" if label else number

    def _on_theme_changed(self) -> None:
        self._images.clear()


class SampleGrid(QListView):
    """A virtual grid of 56-px cells."""

    sample_chosen = Signal(int)
    """A sample was clicked, or Enter was pressed on it."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.samples = Samples(theme)
        self.setModel(self.samples)
        self.setAccessibleName(self.tr("Samples"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        # Laid out at once, ten thousand of them would hold up the window.
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(_LAID_OUT_AT_ONCE)
        self.setGridSize(QSize(CELL_PX, CELL_PX))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Cell(theme, self))
        self.clicked.connect(self._on_chosen)
        self.activated.connect(self._on_chosen)

    def _on_chosen(self, index: QModelIndex) -> None:
        self.sample_chosen.emit(self.samples.sample_at(index))


class _Cell(QStyledItemDelegate):
    def __init__(self, theme: ThemeManager, grid: SampleGrid) -> None:
        super().__init__(grid)
        self._theme = theme
        self._grid = grid

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802 - Qt override
        del option, index
        return QSize(CELL_PX, CELL_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        side = CELL_PX - _GAP_PX
        box = QRectF(option.rect.left(), option.rect.top(), side, side)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        image = self._grid.samples.image(index)
        paint_squares(painter, image, box)
        box = place_in(box, image)
        colours = self._theme.theme.colours
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.accent, 2) if is_chosen else QPen(colours.line, 1))
        inset = 1.0 if is_chosen else 0.5
        painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), 5, 5)
