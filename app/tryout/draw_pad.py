"""A pad to draw on with the pointer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import current_theme
from app.tryout.drawing import PAD, Point, Stroke, paint_strokes

PEN = 26
THINNEST, THICKEST = 8, 48
_FRAME_MS = 16
_CLOSE = 2.0


class DrawPad(QWidget):
    """Takes strokes; tells a change at once, and those that follow at most once a frame."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strokes: list[Stroke] = []
        self._points: list[Point] = []
        self._pen = float(PEN)
        self._pointer: QPointF | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._on_frame)
        self._has_news = False
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Pad to draw on"))

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """What is drawn, the stroke under way included."""
        under_way = (Stroke(tuple(self._points), self._pen),) if self._points else ()
        return (*self._strokes, *under_way)

    @property
    def is_drawing(self) -> bool:
        """Whether the pen is down."""
        return bool(self._points)

    def show_strokes(self, strokes: Sequence[Stroke]) -> None:
        """Show another drawing."""
        self._strokes = list(strokes)
        self._points = []
        self._tell()

    def set_pen(self, width: float) -> None:
        """Draw with another width from the next stroke on, in units of the pad."""
        self._pen = width
        self.update()

    def undo(self) -> None:
        """Take the last stroke back."""
        if self._strokes:
            self.show_strokes(self._strokes[:-1])

    def clear(self) -> None:
        """Take everything away."""
        self.show_strokes(())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(PAD, PAD)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt override
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        return width

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() == Qt.MouseButton.LeftButton:
            self._points = [self._place(event)]
            self._tell()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        self._pointer = event.position()
        if self._points:
            x, y = self._place(event)
            last_x, last_y = self._points[-1]
            if abs(x - last_x) + abs(y - last_y) >= _CLOSE:
                self._points.append((x, y))
                self._tell()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() == Qt.MouseButton.LeftButton and self._points:
            self._strokes.append(Stroke(tuple(self._points), self._pen))
            self._points = []
            self._tell()

    def leaveEvent(self, event: object) -> None:  # noqa: N802 - Qt override
        del event
        self._pointer = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.matches(QKeySequence.StandardKey.Undo) or event.key() == Qt.Key.Key_Backspace:
            self.undo()
        elif event.key() == Qt.Key.Key_Delete:
            self.clear()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colours.canvas)
        painter.setPen(QPen(theme.colours.accent if self.hasFocus() else theme.colours.ctl, 1))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.radius.field, theme.radius.field)
        painter.setClipRect(box)
        painter.scale(self.width() / PAD, self.width() / PAD)
        paint_strokes(painter, self.strokes, theme.colours.text)
        self._paint_pen(painter)

    def _paint_pen(self, painter: QPainter) -> None:
        """Show where the pen is and how wide."""
        if self._pointer is None:
            return
        scale = PAD / max(1, self.width())
        painter.setPen(QPen(current_theme().colours.accent, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(self._pointer * scale, self._pen / 2, self._pen / 2)

    def _place(self, event: QMouseEvent) -> Point:
        scale = PAD / max(1, self.width())
        return event.position().x() * scale, event.position().y() * scale

    def _tell(self) -> None:
        self.update()
        self._has_news = True
        if not self._timer.isActive():
            self._on_frame()

    def _on_frame(self) -> None:
        if self._has_news:
            self._has_news = False
            self._timer.start()
            self.changed.emit()
