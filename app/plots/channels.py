"""The channels of a layer's output as a grid of maps on one scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.figures import figure
from app.plots.images import CORNER_PX, PixelArray, map_image, paint_squares
from app.theme import current_theme, faded, font, theme_manager

PAGE = 64
_GAP_PX = 7
_LINE_PX = 26
_BAR_PX = 72
_BAR_GAP_PX = 7
_KEYS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_PageUp: -PAGE,
    Qt.Key.Key_PageDown: PAGE,
}


class ChannelGrid(QWidget):
    """4 by 4, 8 by 4 or 8 by 8 maps, then pages; a click or an arrow key selects one."""

    channel_chosen = Signal(int)
    page_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maps: PixelArray = np.empty((0, 1, 1), dtype=np.uint8)
        self._images: list[QImage] = []
        self._dead: frozenset[int] = frozenset()
        self._figures: tuple[tuple[float, float], ...] = ()
        self._range = (0.0, 1.0)
        self._chosen = -1
        self._page = 0
        self._is_large = False
        self._has_focus_ring = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 120)
        self.setAccessibleName(self.tr("Channels"))
        theme_manager().changed.connect(self._colour)

    def show_maps(
        self,
        maps: PixelArray,
        low: float,
        high: float,
        *,
        dead: Sequence[int] = (),
        figures: Sequence[tuple[float, float]] = (),
    ) -> None:
        """Show maps of one scale from ``low`` to ``high``.

        Args:
            figures: Mean and largest value of each channel; taken from the maps when left out.

        Shapes:
            maps: (C, H, W)
        """
        self._maps = maps
        self._dead = frozenset(dead)
        self._figures = tuple(figures)
        self._range = (low, high)
        if self._chosen >= len(maps):
            self._chosen = -1
        self._page = min(self._page, self.pages - 1)
        self._colour()

    @property
    def chosen(self) -> int:
        """The channel that is selected, or −1."""
        return self._chosen

    @property
    def page(self) -> int:
        return self._page

    @property
    def pages(self) -> int:
        return max(1, -(-len(self._maps) // PAGE))

    def choose(self, channel: int) -> None:
        """Select a channel and turn to its page."""
        if not 0 <= channel < len(self._maps):
            return
        self._chosen = channel
        self.show_page(channel // PAGE)
        self.setAccessibleDescription(self.sentence(channel))
        self.update()
        self.channel_chosen.emit(channel)

    def show_page(self, page: int) -> None:
        """Turn to a page, counted from 0."""
        page = min(max(page, 0), self.pages - 1)
        if page != self._page:
            self._page = page
            self._colour()
            self.page_changed.emit(page)

    def set_large(self, *, large: bool) -> None:
        """Show only the selected channel, as large as there is room."""
        self._is_large = large and self._chosen >= 0
        self.setMouseTracking(self._is_large)
        self.update()

    @property
    def is_large(self) -> bool:
        return self._is_large

    def mean_and_largest(self, channel: int) -> tuple[float, float]:
        """The mean and the largest value of a channel."""
        if self._figures:
            return self._figures[channel]
        low, high = self._range
        unit = (high - low) / 255
        pixels = self._maps[channel]
        return low + float(pixels.mean()) * unit, low + float(pixels.max()) * unit

    def sentence(self, channel: int) -> str:
        """What a channel shows, in words."""
        if channel in self._dead:
            return self.tr("Channel {0} is zero for every sample").format(channel)
        mean, largest = self.mean_and_largest(channel)
        text = self.tr("Channel {0} · mean {1} · max {2}")
        return text.format(channel, figure(mean), figure(largest))

    @property
    def line(self) -> str:
        """What stands below the maps: the selected channel in words."""
        if self._chosen < 0:
            return ""
        if self._chosen in self._dead:
            return self.sentence(self._chosen)
        mean, largest = self.mean_and_largest(self._chosen)
        text = self.tr("Channel {0} selected · mean {1} · max {2}")
        return text.format(self._chosen, figure(mean), figure(largest))

    # Where things are

    @property
    def columns_and_rows(self) -> tuple[int, int]:
        many = len(self._maps)
        if many <= 16:
            return min(4, max(1, many)), max(1, -(-min(many, 16) // 4))
        return 8, 4 if many <= 32 else 8

    def cell(self, channel: int) -> QRectF:
        """Where a channel of the present page is painted."""
        height, width = self._maps.shape[1:]
        columns, rows = self.columns_and_rows
        room_x = (self.width() - 4 - _GAP_PX * (columns - 1)) / columns
        room_y = (self.height() - _LINE_PX - _GAP_PX * (rows - 1)) / rows
        scale = min(room_x / width, room_y / height)
        size = QSize(max(1, int(width * scale)), max(1, int(height * scale)))
        row, column = divmod(channel - self._page * PAGE, columns)
        x = 2 + column * (size.width() + _GAP_PX)
        return QRectF(x, 2 + row * (size.height() + _GAP_PX), size.width(), size.height())

    def channel_at(self, position: QPointF) -> int:
        """The channel painted there, or −1."""
        first = self._page * PAGE
        for channel in range(first, first + len(self._images)):
            if self.cell(channel).contains(position):
                return channel
        return -1

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        if not self._images:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._is_large:
            self._paint_large(painter)
            return
        for offset, image in enumerate(self._images):
            self._paint_channel(painter, self._page * PAGE + offset, image)
        self._paint_line(painter, self.cell(self._page * PAGE + len(self._images) - 1).bottom())

    def _paint_channel(self, painter: QPainter, channel: int, image: QImage) -> None:
        box = self.cell(channel)
        paint_squares(painter, image, box)
        colours = current_theme().colours
        if channel in self._dead:
            painter.setFont(font("micro"))
            painter.setPen(colours.text3)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.tr("dead"))
        if channel == self._chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if self._has_focus_ring:
                painter.setPen(QPen(faded(colours.accent, 0.35), 5))
                painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), CORNER_PX + 1, CORNER_PX + 1)
            painter.setPen(QPen(colours.accent, 2))
            painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), CORNER_PX + 1, CORNER_PX + 1)

    def _paint_large(self, painter: QPainter) -> None:
        image = self._images[self._chosen - self._page * PAGE]
        paint_squares(painter, image, self._large_box())
        self._paint_line(painter, self._large_box().bottom())

    def _paint_line(self, painter: QPainter, below_px: float) -> None:
        painter.setFont(font("small"))
        painter.setPen(current_theme().colours.text3)
        painter.drawText(QRectF(2, below_px + 8, self.width(), 16), 0, self.line)

    def _large_box(self) -> QRectF:
        height, width = self._maps.shape[1:]
        scale = min((self.width() - 4) / width, (self.height() - _LINE_PX) / height)
        return QRectF(2, 2, int(width * scale), int(height * scale))

    def _colour(self) -> None:
        theme = current_theme()
        first = self._page * PAGE
        self._images = [map_image(pixels, theme) for pixels in self._maps[first : first + PAGE]]
        self.update()

    # Pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._is_large:
            self.set_large(large=False)
        else:
            self.choose(self.channel_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() == Qt.MouseButton.LeftButton:
            self.set_large(large=self.channel_at(event.position()) >= 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.set_large(large=not self._is_large)
        elif key == Qt.Key.Key_Escape and self._is_large:
            self.set_large(large=False)
        elif (target := self._target(key)) is not None:
            self.choose(min(max(target, 0), len(self._maps) - 1))
        else:
            super().keyPressEvent(event)

    def _target(self, key: Qt.Key) -> int | None:
        columns, _ = self.columns_and_rows
        if key == Qt.Key.Key_Home:
            return 0
        if key == Qt.Key.Key_End:
            return len(self._maps) - 1
        steps = {**_KEYS, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns}
        if key not in steps:
            return None
        if self._chosen < 0:
            return 0
        aim = self._chosen + steps[key]
        return aim if 0 <= aim < len(self._maps) else self._chosen

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        self._has_focus_ring = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt override
        self._has_focus_ring = False
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _tip(self, position: QPointF) -> str:
        if not self._is_large:
            channel = self.channel_at(position)
            return self.sentence(channel) if channel >= 0 else ""
        box = self._large_box()
        if not box.contains(position):
            return ""
        pixels = self._maps[self._chosen]
        row = min(
            int((position.y() - box.top()) / box.height() * pixels.shape[0]), pixels.shape[0] - 1
        )
        column = min(
            int((position.x() - box.left()) / box.width() * pixels.shape[1]), pixels.shape[1] - 1
        )
        low, high = self._range
        value = low + float(pixels[row, column]) / 255 * (high - low)
        return self.tr("Row {0}, column {1}: {2}").format(row, column, figure(value))


class ScaleLegend(QWidget):
    """The colours of the activation map, or of the diverging one, between two numbers."""

    def __init__(self, *, signed: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range = (0.0, 1.0)
        self._is_signed = signed
        self.setFixedHeight(16)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Scale"))

    def show_range(self, low: float, high: float) -> None:
        """Set the numbers at the ends."""
        self._range = (low, high)
        self.setAccessibleDescription(
            self.tr("From {0} to {1}").format(figure(low, 2), figure(high, 2))
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        metrics = QFontMetrics(font("micro"))
        texts = (figure(value, 2) for value in self._range)
        words = sum(metrics.horizontalAdvance(text) for text in texts)
        return QSize(words + _BAR_PX + 2 * _BAR_GAP_PX + 1, 16)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        painter.setFont(font("micro"))
        painter.setPen(theme.colours.text3)
        low, high = (figure(value, 2) for value in self._range)
        metrics = painter.fontMetrics()
        right = QRectF(self.rect())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(right, Qt.AlignmentFlag.AlignRight | middle, high)
        end = self.width() - metrics.horizontalAdvance(high) - 6
        bar = QRectF(end - 72, 5, 72, 6)
        painter.drawText(
            QRectF(0, 0, bar.left() - 6, 16), Qt.AlignmentFlag.AlignRight | middle, low
        )
        painter.setPen(Qt.PenStyle.NoPen)
        stops = theme.diverging_map if self._is_signed else theme.activation_map
        painter.setBrush(_gradient(bar, stops))
        painter.drawRoundedRect(bar, 3, 3)


def _gradient(bar: QRectF, stops: Sequence[QColor]) -> QLinearGradient:
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for index, colour in enumerate(stops):
        gradient.setColorAt(index / (len(stops) - 1), colour)
    return gradient
