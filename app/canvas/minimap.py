"""The whole drawing as a small picture; a click or a drag moves the view."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app.canvas.far import FarPicture
from app.canvas.scene import CanvasScene
from app.theme import current_theme, faded

FROM_NODES = 8
MOST = QSize(232, 160)
_PADDING = 8.0
_LEAST = 60


class Minimap(QWidget):
    """Blocks, problems, and the part that is on screen."""

    moved_to = Signal(QPointF)
    """The person wants this point of the canvas in the middle."""

    def __init__(self, scene: CanvasScene, far: FarPicture, parent: QWidget) -> None:
        super().__init__(parent)
        self._scene, self._far = scene, far
        self._seen = QRectF()
        self._picture: QPixmap | None = None
        self._content = QRectF()
        self.setAccessibleName(self.tr("Overview"))
        scene.altered.connect(self.outdate)

    def outdate(self) -> None:
        """Draw anew before the next time."""
        self._picture = None
        self.update()

    def fit_size(self) -> None:
        """Take the form of the drawing, within the largest size."""
        self._content = self._scene.content_rect()
        across = (MOST.width() - 2 * _PADDING) / max(1.0, self._content.width())
        down = (MOST.height() - 2 * _PADDING) / max(1.0, self._content.height())
        scale = min(across, down)
        width = max(_LEAST, round(self._content.width() * scale + 2 * _PADDING))
        height = max(_LEAST, round(self._content.height() * scale + 2 * _PADDING))
        if self.size() != QSize(width, height):
            self.resize(width, height)
            self._picture = None

    def show_seen(self, seen: QRectF) -> None:
        """Show which part is on screen."""
        if seen != self._seen:
            self._seen = seen
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        if self._picture is None:
            self._picture = self._drawn()
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._picture)
        seen = QRectF(self._to_map(self._seen.topLeft()), self._to_map(self._seen.bottomRight()))
        inside = QRectF(self.rect()).adjusted(3.5, 3.5, -3.5, -3.5)
        painter.setPen(QPen(theme.colours.accent, 1.5))
        painter.setBrush(faded(theme.colours.accent, 0.08))
        painter.drawRoundedRect(seen.intersected(inside), 3, 3)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.moved_to.emit(self._to_canvas(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moved_to.emit(self._to_canvas(event.position()))

    def _drawn(self) -> QPixmap:
        theme, ratio = current_theme(), self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colours.line2, 1))
        painter.setBrush(theme.colours.window)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.radius.button, theme.radius.button)
        painter.save()
        origin, scale = self._to_map(QPointF(0, 0)), self._scale()
        painter.translate(origin)
        painter.scale(scale, scale)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(theme.colours.text, 0.05))
        for frame in self._scene.frames.values():
            if not frame.look.is_folded:
                painter.drawRect(frame.boundingRect())
        self._far.paint_blocks(painter, theme)
        painter.restore()
        painter.setPen(Qt.PenStyle.NoPen)
        for point, badge in self._far.dots():
            painter.setBrush(theme.colours.err if badge == "error" else theme.colours.warn)
            painter.drawEllipse(self._to_map(point), 2.5, 2.5)
        painter.end()
        return picture

    def _scale(self) -> float:
        return min(
            (self.width() - 2 * _PADDING) / max(1.0, self._content.width()),
            (self.height() - 2 * _PADDING) / max(1.0, self._content.height()),
        )

    def _to_map(self, point: QPointF) -> QPointF:
        middle = QPointF(self.width() / 2, self.height() / 2)
        return middle + (point - self._content.center()) * self._scale()

    def _to_canvas(self, point: QPointF) -> QPointF:
        middle = QPointF(self.width() / 2, self.height() / 2)
        return self._content.center() + (point - middle) / self._scale()
