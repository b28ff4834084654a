"""The ground of a plot: title, grid, axis numbers, and one linear map from values to pixels.

pyqtgraph draws the curves in a transparent view in the middle. Everything around and above
them is painted here, pixel by pixel, so that plots look like the rest of the window.
"""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsItem, QSizePolicy, QWidget

from app.figures import tick
from app.plots.series import decade_ticks, round_step, ticks
from app.plots.vector import svg_of
from app.theme import current_theme, faded, font, theme_manager

TITLE_PX = 30
LEFT_PX = 34
RIGHT_PX = 86
BOTTOM_PX = 24
# Points on the border are drawn whole: the view is this much larger than the plot.
_BLEED_PX = 5
_NUMBER_GAP_PX = 9
_PER_TICK_PX = 48
_PER_EPOCH_TICK_PX = 40


class PlotArea(QWidget):
    """Two axes with curves between them; subclasses put the curves in and paint over them."""

    hovered = Signal(object)
    """The value on the horizontal axis under the pointer, or None."""

    zoomed = Signal(float, float)
    """A stretch of the horizontal axis was dragged over."""

    zoom_reset = Signal()

    def __init__(
        self,
        title: str,
        detail: str = "",
        *,
        right_px: int = RIGHT_PX,
        can_zoom: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = title
        self.detail = detail
        self.x_view = (0.0, 1.0)
        self.y_view = (0.0, 1.0)
        self.log_y = False
        self._y_step = 0.0
        self._left_px: float = LEFT_PX
        self._right_px = right_px
        self._can_zoom = can_zoom
        self._drag_from: float | None = None
        self._pointer: QPointF | None = None
        self._pointed_beside: float | None = None
        self._is_faded = False
        # Qt counts the width of cosmetic pens in device pixels.
        self.ratio = self.devicePixelRatioF()
        self._view, self._box = _curve_view(self)
        self._over = _Over(self)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 112)
        self.setAccessibleName(f"{title} {detail}".strip())
        theme_manager().changed.connect(self.refresh_theme)

    # What subclasses use

    def pen(self, colour: QColor, width: float) -> QPen:
        """A pen for curves: the same width on screen, whatever the axes cover."""
        made = QPen(colour, width * self.ratio)
        made.setCosmetic(True)
        return made

    def add(self, item: QGraphicsItem) -> None:
        """Put an item among the curves."""
        self._box.addItem(item)

    def show_range(
        self, x: tuple[float, float], y: tuple[float, float], y_step: float = 0.0
    ) -> None:
        """Set what both axes cover; with ``log_y`` the vertical one in plain values too.

        Args:
            y_step: From one grid line to the next; a round one that fits where left out.
        """
        self.x_view, self.y_view, self._y_step = x, y, y_step
        self._left_px = self._room_for_numbers()
        self._place_view()

    def refresh_theme(self) -> None:
        """Take the pens and brushes of the theme that is on now."""
        self.update()

    def paint_over(self, painter: QPainter) -> None:
        """Paint above the curves."""

    def set_faded(self, *, faded: bool) -> None:
        """Let the whole plot step back, as while a run holds."""
        if faded != self._is_faded:
            self._is_faded = faded
            self.update()

    @property
    def plot_box(self) -> QRectF:
        """Where the curves are, in pixels of this widget."""
        top = TITLE_PX + 2 if self.title else 8
        return QRectF(self.rect()).adjusted(self._left_px, top, -self._right_px, -BOTTOM_PX)

    @property
    def pointer_x(self) -> float | None:
        """The value under the pointer, or that a plot beside this one points at."""
        if self._pointer is None or not self.plot_box.contains(self._pointer):
            return self._pointed_beside
        return self._value_at(self._pointer.x())

    def point_at(self, value: float | None) -> None:
        """Show the crosshair where another plot has it."""
        inside = value is not None and self.x_view[0] <= value <= self.x_view[1]
        self._pointed_beside = value if inside else None
        self._over.update()

    def x_px(self, value: float) -> float:
        (low, high), box = self.x_view, self.plot_box
        return box.left() + (value - low) / (high - low) * box.width()

    def y_px(self, value: float) -> float:
        low, high = self._scaled(self.y_view[0]), self._scaled(self.y_view[1])
        share, box = (self._scaled(value) - low) / (high - low), self.plot_box
        return box.bottom() - share * box.height()

    def y_intervals(self) -> int:
        """How many grid lines fit well."""
        return max(2, min(6, round(self.plot_box.height() / _PER_TICK_PX)))

    # Taking it away

    def redraw(self) -> None:
        """Draw anew; for subclasses whose curves depend on the screen."""

    def picture(self, ratio: float = 2.0) -> QImage:
        """The plot on the colour of a panel, ``ratio`` device pixels to a logical one."""
        before, self.ratio = self.ratio, ratio
        self.refresh_theme()
        self.redraw()
        image = QImage(self.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(current_theme().colours.panel)
        self.render(image, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
        self.ratio = before
        self.refresh_theme()
        return image

    def svg(self) -> bytes:
        """The plot as a drawing that stays sharp at any size."""
        return svg_of(self, self.title)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        painter = QPainter(self)
        self._paint_title(painter)
        self._paint_grid(painter)

    def paint_above(self, painter: QPainter) -> None:
        """Everything that lies over the curves."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_over(painter)
        if self._drag_from is not None and self._pointer is not None:
            self._paint_band(painter, self._drag_from, self._pointer.x())
        if self._is_faded:
            painter.fillRect(self.rect(), faded(current_theme().colours.panel, 0.4))

    def _paint_title(self, painter: QPainter) -> None:
        colours = current_theme().colours
        painter.setFont(font("body", weight=600))
        painter.setPen(colours.text)
        painter.drawText(QPointF(0, 17), self.title)
        width = painter.fontMetrics().horizontalAdvance(self.title)
        painter.setFont(font("small"))
        painter.setPen(colours.text3)
        painter.drawText(QPointF(width + 6 if width else 0, 17), self.detail)

    def _paint_grid(self, painter: QPainter) -> None:
        colours, box = current_theme().colours, self.plot_box
        painter.setFont(font("micro"))
        for value, text in self._y_ticks():
            at = round(self.y_px(value))
            painter.fillRect(QRectF(box.left(), at, box.width(), 1), colours.line)
            painter.setPen(colours.text3)
            label = QRectF(0, at - 8, box.left() - _NUMBER_GAP_PX, 16)
            painter.drawText(
                label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
            )
        for value, text in self._x_ticks():
            label = QRectF(self.x_px(value) - 30, box.bottom() + 6, 60, 16)
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_band(self, painter: QPainter, start_px: float, end_px: float) -> None:
        box = self.plot_box
        band = QRectF(QPointF(start_px, box.top()), QPointF(end_px, box.bottom())).normalized()
        painter.fillRect(band.intersected(box), faded(current_theme().colours.accent, 0.16))

    def _room_for_numbers(self) -> float:
        """Return where the curves begin, so that the numbers beside them are whole."""
        metrics = QFontMetricsF(font("micro"))
        widest = max((metrics.horizontalAdvance(text) for _, text in self._y_ticks()), default=0.0)
        return max(LEFT_PX, round(widest) + _NUMBER_GAP_PX)

    def _y_ticks(self) -> list[tuple[float, str]]:
        low, high = self.y_view
        if self.log_y:
            return [(value, tick(value, value)) for value in decade_ticks(low, high)]
        step = self._y_step or round_step(high - low, self.y_intervals())
        return [(value, tick(value, step)) for value in ticks(low, high, step)]

    def _x_ticks(self) -> list[tuple[float, str]]:
        low, high = self.x_view
        intervals = max(2, int(self.plot_box.width() / _PER_EPOCH_TICK_PX))
        step = round_step(high - low, intervals, of_epochs=True)
        return [(value, tick(value, step)) for value in ticks(low, high, step)]

    # The view in the middle

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._over.setGeometry(self.rect())
        self._place_view()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.Show):
            self.ratio = self.devicePixelRatioF()
            self.refresh_theme()
        return super().event(event)

    def _place_view(self) -> None:
        box = self.plot_box
        if box.width() < 2 or box.height() < 2:
            return
        bleed = (box.adjusted(-_BLEED_PX, -_BLEED_PX, _BLEED_PX, _BLEED_PX)).toAlignedRect()
        self._view.setGeometry(bleed)
        low, high = self._scaled(self.y_view[0]), self._scaled(self.y_view[1])
        x_unit = (self.x_view[1] - self.x_view[0]) / box.width()
        y_unit = (high - low) / box.height()
        self._box.setRange(
            xRange=(
                self.x_view[0] + (bleed.left() - box.left()) * x_unit,
                self.x_view[0] + (bleed.left() + bleed.width() - box.left()) * x_unit,
            ),
            yRange=(
                high - (bleed.top() + bleed.height() - box.top()) * y_unit,
                high - (bleed.top() - box.top()) * y_unit,
            ),
            padding=0,
        )
        # Else the view would find its place while it is painted, and all be painted once more.
        self._box.prepareForPaint()
        self.update()

    def _scaled(self, value: float) -> float:
        return math.log10(max(value, 1e-12)) if self.log_y else value

    def _value_at(self, pixel: float) -> float:
        low, high = self.x_view
        box = self.plot_box
        return low + (pixel - box.left()) / box.width() * (high - low)

    # The pointer

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        self._pointer = event.position()
        self.hovered.emit(self.pointer_x)
        self._over.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt override
        self._pointer = None
        self.hovered.emit(None)
        self._over.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        inside = self.plot_box.contains(event.position())
        if self._can_zoom and inside and event.button() == Qt.MouseButton.LeftButton:
            self._drag_from = event.position().x()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        start, self._drag_from = self._drag_from, None
        if start is not None and abs(event.position().x() - start) >= 5:
            ends = sorted((self._value_at(start), self._value_at(event.position().x())))
            self.zoomed.emit(max(ends[0], self.x_view[0]), min(ends[1], self.x_view[1]))
        self._over.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() == Qt.MouseButton.LeftButton:
            self.zoom_reset.emit()


class _Over(QWidget):
    """A sheet above the curves."""

    def __init__(self, area: PlotArea) -> None:
        super().__init__(area)
        self._area = area
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        self._area.paint_above(QPainter(self))


def _curve_view(parent: QWidget) -> tuple[QWidget, pg.ViewBox]:
    view = pg.GraphicsView(parent, background=None)
    box = pg.ViewBox(enableMenu=False, defaultPadding=0, enableMouse=False)
    box.disableAutoRange()
    view.setCentralItem(box)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setStyleSheet("background: transparent")
    view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    view.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return view, box
