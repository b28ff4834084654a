"""The track of the time slider: the loss above it, a stop for each recorded moment."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import current_theme, font
from engine.runs.moments import Moment

_SIDE_PX, _CURVE_PX, _LINE_PX, _TEXT_PX = 12, 18, 6, 14
_HANDLE_PX = 6.5
_TICK_PX = 44
_CLOSEST_STOPS_PX = 4
_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}

Points = Sequence[tuple[float, float]]
"""Epochs and values."""


class Track(QWidget):
    """Moments in order and then the run as it is now; the arrow keys step from one to the next."""

    place_chosen = Signal(int)
    """A moment by its place, or as many as there are for now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moments: tuple[Moment, ...] = ()
        self._curves: tuple[Points, ...] = ()
        self._now = 0.0
        self._now_words = ""
        self._place = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Moments of the run"))

    @property
    def place(self) -> int:
        """The moment that is shown; as many as there are for now."""
        return self._place

    @property
    def curves(self) -> tuple[Points, ...]:
        """The losses above the track: in training, then in validation."""
        return self._curves

    def show_moments(
        self, moments: Sequence[Moment], now: float, place: int, now_words: str = ""
    ) -> None:
        """Show other moments.

        Args:
            now: The epoch at which the run stands.
            now_words: What the run as it is now is called, where that is not its newest step.
        """
        self._now_words = now_words
        self._moments, self._now, self._place = tuple(moments), now, place
        self.setAccessibleDescription(self.words(place))
        self.update()

    def show_curves(self, *curves: Points) -> None:
        """Show losses above the track: in training, then in validation."""
        self._curves = curves
        self.update()

    def words(self, place: int) -> str:
        """Say which moment a place is."""
        if place >= len(self._moments):
            return self._now_words or self.tr("Now, epoch {0}").format(f"{self._now:.2f}")
        moment = self._moments[place]
        return self.tr("Epoch {0}, step {1}").format(f"{moment.epoch:.2f}", moment.step)

    def x_of(self, place: int) -> float:
        """Return where a moment lies, in pixels."""
        is_now = place >= len(self._moments)
        return self._x(self._now if is_now else self._moments[place].epoch)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(360, _CURVE_PX + 2 * _LINE_PX + _TEXT_PX + 6)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(160, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() == Qt.MouseButton.LeftButton:
            self._go_near(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_near(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self._moments)}
        key = Qt.Key(event.key())
        if key in _KEYS:
            self._choose(self._place + _KEYS[key])
        elif key in ends:
            self._choose(ends[key])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = ("train", "val")
        for curve, token in zip(self._curves, tokens, strict=False):
            self._paint_curve(painter, curve, token)
        self._paint_line(painter)
        self._paint_numbers(painter)

    def _paint_curve(self, painter: QPainter, curve: Points, token: str) -> None:
        highest = max((value for points in self._curves for _, value in points), default=0.0)
        if highest <= 0 or len(curve) < 2:
            return
        points = [
            QPointF(self._x(epoch), 1 + (_CURVE_PX - 2) * (1 - value / highest))
            for epoch, value in curve
        ]
        painter.setPen(QPen(current_theme().colours[token], 1.25))
        painter.drawPolyline(QPolygonF(points))

    def _paint_line(self, painter: QPainter) -> None:
        colours, y = current_theme().colours, self._line_y
        painter.setPen(QPen(colours.line2, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(self._x(0), y), QPointF(self._x(self._now), y))
        here = self.x_of(self._place)
        painter.setPen(QPen(colours.accent, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(self._x(0), y), QPointF(here, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.panel)
        for x in self._stops():
            painter.drawEllipse(QPointF(x, y), 1.2, 1.2)
        painter.setPen(QPen(colours.accent if self.hasFocus() else colours.ctl, 1.5))
        painter.setBrush(colours.text)
        painter.drawEllipse(QPointF(here, y), _HANDLE_PX, _HANDLE_PX)

    def _stops(self) -> list[float]:
        """Return where moments are marked, in pixels: of those that would touch only the first."""
        marked: list[float] = []
        for place in range(len(self._moments)):
            x = self.x_of(place)
            if not marked or x - marked[-1] >= _CLOSEST_STOPS_PX:
                marked.append(x)
        return marked

    def _paint_numbers(self, painter: QPainter) -> None:
        painter.setFont(font("micro"))
        last, top = int(self._now), self._line_y + _LINE_PX + 2
        room = max(1, int((self.width() - 2 * _SIDE_PX) / _TICK_PX))
        step = max(1, -(-last // room))
        here = self._moments[self._place].epoch if self._place < len(self._moments) else self._now
        for epoch in range(0, last + 1, step):
            is_here = abs(epoch - here) < 1e-6
            painter.setPen(current_theme().colours["text" if is_here else "text3"])
            box = QRectF(self._x(epoch) - 20, top, 40, _TEXT_PX)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(epoch))

    @property
    def _line_y(self) -> float:
        return _CURVE_PX + _LINE_PX + 2

    def _x(self, epoch: float) -> float:
        room = self.width() - 2 * _SIDE_PX
        return _SIDE_PX + room * min(1.0, epoch / self._now if self._now > 0 else 1.0)

    def _go_near(self, x: float) -> None:
        places = range(len(self._moments) + 1)
        self._choose(min(places, key=lambda place: abs(self.x_of(place) - x)))

    def _choose(self, place: int) -> None:
        place = min(max(place, 0), len(self._moments))
        if place != self._place:
            self._place = place
            self.setAccessibleDescription(self.words(place))
            self.update()
            self.place_chosen.emit(place)
