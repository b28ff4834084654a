"""Samples as points of a plane, in the colours of their classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import count, figure
from app.plots.class_colours import class_colour
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, faded, font, theme_manager

_DOT_PX, _RING_PX, _NEAR_PX, _INSET_PX = 2.6, 5.0, 14, 22
_STAND_PX = 6.0
_STALE = 0.4
_NAME_PX = 20

# What an arrow key moves by, as a share of the map.
_STRIDE = 1 / 40
_STRIDES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}

Points = NDArray[np.float32]
Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class MapData:
    """What a map shows.

    Shapes:
        points:     (N, 2)
        truths:     (N,), the class of each; empty without classes
        called:     (N,), what it was called; empty where the model names no classes
        neighbours: (N, at most 8), places of the nearest
    """

    points: Points
    truths: Numbers
    called: Numbers
    neighbours: Numbers
    names: tuple[str, ...] = ()
    explained: tuple[float, float] = (0.0, 0.0)


class ClassMap(QWidget):
    """Wrong samples are hollow; the pointer rings the nearest eight of the sample below it."""

    hovered = Signal(int)
    """The sample under the pointer, or −1."""

    chosen = Signal(int)
    """The sample that was clicked."""

    walked = Signal(float, float)
    """The place that the pointer was dragged to, or the arrow keys led to, on the map's axes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: MapData | None = None
        self._hovered = -1
        self._chosen = -1
        self._can_walk = self._is_stale = False
        self._stand: tuple[float, float] | None = None
        self._ground = QPixmap()
        self.setMouseTracking(True)
        self.setMinimumSize(220, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Map of the outputs"))
        offer_plot(self, self.table)
        theme_manager().changed.connect(self._repaint)

    def show_data(self, data: MapData) -> None:
        """Show other points; what was chosen stays where there are as many."""
        if self._data is None or len(data.points) != len(self._data.points):
            self._chosen = -1
            self._stand = None
        self._data, self._hovered = data, -1
        self.setAccessibleDescription(self.tr("{0} samples").format(len(data.points)))
        self._repaint()

    def set_walkable(self, *, walkable: bool) -> None:
        """Let the pointer and the arrow keys walk between the samples, or no longer."""
        self._can_walk = walkable
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if walkable else Qt.FocusPolicy.NoFocus)
        if not walkable:
            self._stand = None
        self.update()

    def set_stale(self, *, stale: bool) -> None:
        """Fade the points: they are of another moment than the one that is looked at."""
        self._is_stale = stale
        self.update()

    @property
    def stand(self) -> tuple[float, float] | None:
        """Where on the map's axes the person walked to."""
        return self._stand

    @property
    def chosen_sample(self) -> int:
        """The sample that was clicked last, or −1."""
        return self._chosen

    def show_chosen(self, sample: int) -> None:
        """Ring a sample and its neighbours."""
        self._chosen = sample
        self.update()

    def point(self, sample: int) -> QPointF:
        """Return where a sample is painted."""
        x, y = self._places()[sample]
        return QPointF(float(x), float(y))

    def is_wrong(self, sample: int) -> bool:
        """Whether a sample was called something else than it is."""
        data = self._data
        if data is None or not data.called.size:
            return False
        return bool(data.truths[sample] != data.called[sample])

    def table(self) -> PlotTable:
        """Each sample: where it lies, what it is and what it was called."""
        heads = (self.tr("Sample"), "1", "2", self.tr("label"), self.tr("prediction"))
        data = self._data
        points = data.points if data is not None else ()
        rows = [
            (
                count(k),
                figure(float(x)),
                figure(float(y)),
                self._class(k),
                self._class(k, said=True),
            )
            for k, (x, y) in enumerate(points)
        ]
        return PlotTable(self.accessibleName(), heads, rows)

    def _class(self, sample: int, *, said: bool = False) -> str:
        data = self._data
        numbers = () if data is None else data.called if said else data.truths
        if data is None or not len(numbers):
            return ""
        number = int(numbers[sample])
        return data.names[number] if 0 <= number < len(data.names) else str(number)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(480, 320)

    def resizeEvent(self, event: object) -> None:  # noqa: N802 - Qt override
        del event
        self._repaint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if self._can_walk and event.buttons() & Qt.MouseButton.LeftButton:
            self._walk_to(*self._place_at(event.position()))
            return
        sample = self._at(event.position())
        if sample != self._hovered:
            self._hovered = sample
            self.update()
            self.hovered.emit(sample)

    def leaveEvent(self, event: object) -> None:  # noqa: N802 - Qt override
        del event
        if self._hovered >= 0:
            self._hovered = -1
            self.update()
            self.hovered.emit(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        sample = self._at(event.position())
        if sample >= 0:
            self.show_chosen(sample)
            self.chosen.emit(sample)
        if self._can_walk and self._data is not None:
            self._walk_to(*self._place_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        stride = _STRIDES.get(Qt.Key(event.key()))
        if stride is None or not self._can_walk or self._data is None:
            super().keyPressEvent(event)
            return
        x, y = self._stand or (0.0, 0.0)
        length = float(np.ptp(self._data.points, axis=0).max()) * _STRIDE
        self._walk_to(x + stride[0] * length, y + stride[1] * length)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._ground.isNull():
            self._paint_ground()
        painter.setOpacity(_STALE if self._is_stale else 1.0)
        painter.drawPixmap(0, 0, self._ground)
        painter.setOpacity(1.0)
        sample = self._hovered if self._hovered >= 0 else self._chosen
        if self._data is not None and 0 <= sample < len(self._data.points):
            self._paint_rings(painter, sample, self._data)
        if self._stand is not None and self._data is not None:
            self._paint_stand(painter, *self._stand)

    def _walk_to(self, x: float, y: float) -> None:
        self._stand = (x, y)
        self.update()
        self.walked.emit(x, y)

    def _paint_stand(self, painter: QPainter, x: float, y: float) -> None:
        scale, middle = self._scale()
        at = (np.array([x, y]) - middle) * scale * np.array([1, -1])
        place = QPointF(self.width() / 2 + float(at[0]), self.height() / 2 + float(at[1]))
        colours = current_theme().colours
        painter.setBrush(colours.accent)
        painter.setPen(QPen(colours.canvas, 2))
        painter.drawEllipse(place, _STAND_PX, _STAND_PX)

    def _paint_rings(self, painter: QPainter, sample: int, data: MapData) -> None:
        colours = current_theme().colours
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.text, 1.2))
        for other in data.neighbours[sample].tolist() if data.neighbours.size else ():
            painter.drawEllipse(self.point(other), _RING_PX, _RING_PX)
        painter.setPen(QPen(colours.accent, 2))
        painter.drawEllipse(self.point(sample), _RING_PX + 1, _RING_PX + 1)

    def _paint_ground(self) -> None:
        """Paint all points once; only rings change under the pointer."""
        ratio = self.devicePixelRatioF()
        self._ground = QPixmap(self.size() * ratio)
        self._ground.setDevicePixelRatio(ratio)
        self._ground.fill(Qt.GlobalColor.transparent)
        theme = current_theme()
        painter = QPainter(self._ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours.canvas)
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        if self._data is not None:
            self._paint_points(painter, self._data)
            self._paint_names(painter, self._data)
            self._paint_axes(painter, self._data)
        painter.end()

    def _paint_points(self, painter: QPainter, data: MapData) -> None:
        places = self._places()
        for number, members in _by_class(data):
            colour = self._colour(number, data)
            hollow = np.fromiter(map(self.is_wrong, members), bool, len(members))
            # One call for the dots of a class: a call for each took longer than all else.
            dot = QPen(faded(colour, 0.85), 2 * _DOT_PX)
            dot.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(dot)
            painter.drawPoints([QPointF(x, y) for x, y in places[members[~hollow]].tolist()])
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 1.5))
            for x, y in places[members[hollow]].tolist():
                painter.drawEllipse(QPointF(x, y), _DOT_PX, _DOT_PX)

    def _paint_names(self, painter: QPainter, data: MapData) -> None:
        if not data.truths.size:
            return
        theme = current_theme()
        places = self._places()
        painter.setFont(font("heading", weight=600))
        for name, box in self._named_boxes(painter, data, places):
            painter.setPen(theme.colours.canvas)
            for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                painter.drawText(box.translated(dx, dy), Qt.AlignmentFlag.AlignCenter, name)
            painter.setPen(theme.colours.text)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)

    def _named_boxes(
        self, painter: QPainter, data: MapData, places: NDArray[np.float64]
    ) -> list[tuple[str, QRectF]]:
        """Return each class in the middle of its samples, or below a name that stands there."""
        middles = [
            (*places[data.truths == k].mean(axis=0).tolist(), k) for k in np.unique(data.truths)
        ]
        boxes: list[tuple[str, QRectF]] = []
        for x, y, k in sorted(middles, key=lambda middle: middle[1]):
            name = data.names[k] if k < len(data.names) else str(k)
            width = painter.fontMetrics().horizontalAdvance(name) + 4
            box = QRectF(x - width / 2, y - _NAME_PX / 2, width, _NAME_PX)
            while taken := [other for _, other in boxes if other.intersects(box)]:
                box.moveTop(max(other.bottom() for other in taken) + 1)
            boxes.append((name, box))
        return boxes

    def _paint_axes(self, painter: QPainter, data: MapData) -> None:
        painter.setFont(font("micro"))
        painter.setPen(current_theme().colours.text3)
        first, second = (round(share * 100) for share in data.explained)
        row = QRectF(10, self.height() - 20, self.width() - 20, 16)
        text = self.tr("PC 1, {0}\u202f% across · PC 2, {1}\u202f% up").format(first, second)
        if not any(data.explained):
            text = self.tr("who is near whom counts, not where")
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, text)
        if data.called.size and (data.truths != data.called).any():
            painter.drawText(row, Qt.AlignmentFlag.AlignRight, self.tr("hollow: wrong"))

    def _colour(self, number: int, data: MapData) -> QColor:
        theme = current_theme()
        if not data.truths.size:
            return theme.colours.val
        return class_colour(number, len(data.names), theme)

    def _places(self) -> NDArray[np.float64]:
        """Return where all points are painted; both axes have one scale."""
        assert self._data is not None, "there are points"
        scale, middle = self._scale()
        centred = (self._data.points.astype(np.float64) - middle) * scale * np.array([1, -1])
        return np.asarray(centred + np.array([self.width() / 2, self.height() / 2]))

    def _place_at(self, position: QPointF) -> tuple[float, float]:
        """Return what lies at a pixel, on the axes of the map."""
        scale, middle = self._scale()
        right, down = position.x() - self.width() / 2, position.y() - self.height() / 2
        return float(middle[0] + right / scale), float(middle[1] - down / scale)

    def _scale(self) -> tuple[float, NDArray[np.float64]]:
        """Return the pixels of one unit, and what lies in the middle."""
        assert self._data is not None, "there are points"
        points = self._data.points.astype(np.float64)
        low, high = points.min(axis=0), points.max(axis=0)
        room = np.array([self.width() - 2 * _INSET_PX, self.height() - 2 * _INSET_PX])
        scale = float((np.maximum(room, 1) / np.maximum(high - low, 1e-12)).min())
        return scale, (low + high) / 2

    def _at(self, position: QPointF) -> int:
        if self._data is None or not len(self._data.points):
            return -1
        gaps = self._places() - np.array([position.x(), position.y()])
        distances = np.hypot(gaps[:, 0], gaps[:, 1])
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= _NEAR_PX else -1

    def _repaint(self) -> None:
        self._ground = QPixmap()
        self.update()


def _by_class(data: MapData) -> list[tuple[int, NDArray[np.intp]]]:
    """Return the numbers of the classes, each with its samples; one of all where there is none."""
    if not data.truths.size:
        return [(0, np.arange(len(data.points)))]
    numbers = np.unique(data.truths).tolist()
    return [(number, np.flatnonzero(data.truths == number)) for number in numbers]
