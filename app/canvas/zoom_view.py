"""A view that pans, zooms about a point and draws as much as can be seen."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPixmapCache,
    QRegion,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from app.canvas.dots import paint_dots
from app.canvas.far import FarPicture
from app.canvas.frame_item import FrameItem
from app.canvas.items import Level, NodeItem
from app.canvas.scene import CanvasScene
from app.theme import Theme
from engine.graph.elements import NodeId

ZOOM_STEP = 1.2
_FARTHEST = 200_000.0
_FIT_ASIDE_PX = 48
_FIT_ABOVE_PX = 20
_ROOM_PX = 24
_CACHE_KIB = 256 * 1024
_NEAR_ONE = 0.03
_BY_HAND = QGraphicsView.ViewportUpdateMode.NoViewportUpdate
_BY_ITEMS = QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate
_ACTIVATIONS = (QEvent.Type.WindowActivate, QEvent.Type.WindowDeactivate)


class ZoomView(QGraphicsView):
    """Shows a canvas scene at a scale; knows nothing of editing."""

    scale_changed = Signal(float)
    """The zoom factor is another one."""

    scrolled = Signal()
    """Another part of the canvas is on screen."""

    def __init__(self, scene: CanvasScene, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.canvas = scene
        self.far = FarPicture(scene)
        self._theme = theme
        self._scale = 1.0
        self._is_scrolling = False
        self._wheel_scrolls = False
        self._moving = QRegion()
        """Where the view shows what a gesture moves, as it was asked to be painted last."""

        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _CACHE_KIB))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The scroll range is the view's own; the scene's rectangle stays near its content, where
        # its index is fine-grained.
        self.setSceneRect(-_FARTHEST, -_FARTHEST, 2 * _FARTHEST, 2 * _FARTHEST)
        self.setInteractive(False)
        # All of it is painted each time, so that panning can copy what is there already.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        scene.altered.connect(self._on_altered)
        scene.marked.connect(self._on_altered)
        scene.shifted.connect(self._on_shifted)
        self._follow_level()

    @property
    def zoom(self) -> float:
        """The zoom factor; 1 is 100 %."""
        return self._scale

    def level(self) -> Level:
        """Return how much is drawn at this zoom."""
        lod = self._theme.lod
        if self._scale < lod.far_below:
            return "far"
        return "middle" if self._scale < lod.middle_below else "near"

    def set_wheel(self, *, scrolls: bool) -> None:
        """Let the mouse wheel scroll, or zoom about the pointer."""
        self._wheel_scrolls = scrolls

    def zoom_about(self, factor: float, point: QPointF) -> None:
        """Change the zoom so that what is at ``point`` of the view stays there."""
        lod = self._theme.lod
        scale = min(lod.zoom_max, max(lod.zoom_min, self._scale * factor))
        if abs(scale - 1) < _NEAR_ONE:
            scale = 1.0
        if scale != self._scale:
            fixed = self.scene_point(point)
            self._set_scale(scale)
            self._bring(fixed, point)

    def zoom_to(self, scale: float) -> None:
        """Set the zoom factor; the middle of the view stays."""
        self.zoom_about(scale / self._scale, QPointF(self.viewport().rect().center()))

    def scene_point(self, point: QPointF) -> QPointF:
        """Return what lies at a point of the view, as finely as the pointer tells."""
        inverted, _ = self.viewportTransform().inverted()
        return inverted.map(point)

    def pan_by(self, dx: float, dy: float) -> None:
        """Move what is seen by pixels of the view."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        self._scroll_to(across.value() - round(dx), down.value() - round(dy))

    def show_rect(
        self, rect: QRectF, *, largest: float = 1.0, above_px: int = _FIT_ABOVE_PX
    ) -> None:
        """Fit a part of the canvas into the view, at most at a zoom factor.

        Args:
            above_px: The least room above and below it.
        """
        if rect.isNull():
            self._set_scale(1.0)
            self._bring(QPointF(0, 0), QPointF(self.viewport().rect().center()))
            return
        room = self.viewport().size()
        across = max(80, room.width() - 2 * _FIT_ASIDE_PX) / max(1.0, rect.width())
        down = max(80, room.height() - 2 * above_px) / max(1.0, rect.height())
        lod = self._theme.lod
        scale = max(lod.zoom_min, min(largest, across, down))
        self._set_scale(1.0 if abs(scale - 1) < _NEAR_ONE else scale)
        self._bring(rect.center(), QPointF(self.viewport().rect().center()))

    def centre_rect(self, rect: QRectF) -> None:
        """Bring a part of the canvas to the middle without changing the zoom."""
        self._bring(rect.center(), QPointF(self.viewport().rect().center()))

    def reveal(self, area: QRectF) -> None:
        """Scroll as little as shows an area whole, with some room around it."""
        rect = self.view_rect(area)
        inner = self.viewport().rect().adjusted(_ROOM_PX, _ROOM_PX, -_ROOM_PX, -_ROOM_PX)
        if inner.isEmpty() or inner.contains(rect):
            return
        dx = max(0, inner.left() - rect.left()) - max(0, rect.right() - inner.right())
        dy = max(0, inner.top() - rect.top()) - max(0, rect.bottom() - inner.bottom())
        self.pan_by(dx, dy)

    def seen_rect(self) -> QRectF:
        """Return the part of the canvas that is on screen."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def seen_nodes(self) -> tuple[NodeId, ...]:
        """Return the nodes whose cards are on screen."""
        found = self.canvas.near(self.seen_rect())
        return tuple(item.node for item in found if isinstance(item, NodeItem))

    def measured_nodes(self) -> tuple[NodeId, ...]:
        """Return the nodes that stand on screen, also those that one bar stands for."""
        found = list(self.canvas.near(self.seen_rect()))
        bars = {item.frame for item in found if isinstance(item, FrameItem)}
        frames = self.canvas.document.graph.frames
        hidden = (f.nodes for f in frames if f.folded and f.id in bars)
        cards = (item.node for item in found if isinstance(item, NodeItem))
        return (*cards, *itertools.chain.from_iterable(hidden))

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.viewport().update()

    def view_rect(self, rect: QRectF) -> QRect:
        """Return where a part of the canvas is in the view."""
        return self.viewportTransform().mapRect(rect).toAlignedRect()

    def _set_scale(self, scale: float) -> None:
        if scale == self._scale:
            return
        self._scale = scale
        self.setTransform(QTransform.fromScale(scale, scale))
        self._follow_level()
        self._moving = self._moving_region()
        self.scale_changed.emit(scale)

    def _follow_level(self) -> None:
        is_far = self.level() == "far"
        if not is_far:
            self.far.let_go()
        # Qt does not know where items are seen that it has not painted itself.
        self.setViewportUpdateMode(_BY_HAND if is_far else _BY_ITEMS)
        self.canvas.set_level(self.level(), self._scale, self.devicePixelRatioF())

    def _bring(self, fixed: QPointF, point: QPointF) -> None:
        """Scroll so that a point of the canvas lies at a point of the view."""
        self._scroll_to(
            round(fixed.x() * self._scale - point.x()), round(fixed.y() * self._scale - point.y())
        )

    def _scroll_to(self, x: int, y: int) -> None:
        """Scroll both ways and tell it once."""
        self._is_scrolling = True
        self.horizontalScrollBar().setValue(x)
        self.verticalScrollBar().setValue(y)
        self._is_scrolling = False
        self.scrolled.emit()

    def _on_altered(self) -> None:
        self._moving = self._moving_region()
        if self.level() == "far":
            self.viewport().update()

    def _on_shifted(self) -> None:
        if self.level() == "far":
            before, self._moving = self._moving, self._moving_region()
            self.viewport().update(before + self._moving)

    def _moving_region(self) -> QRegion:
        if self.level() != "far" or not self.canvas.shifting.nodes:
            return QRegion()
        return self.far.moving_region(self.viewportTransform())

    # Qt.

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802 - Qt override
        super().scrollContentsBy(dx, dy)
        if self.viewportUpdateMode() == _BY_HAND:
            self.viewport().scroll(dx, dy)
        self._moving.translate(dx, dy)
        if not self._is_scrolling:
            self.scrolled.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self.scrolled.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt override
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        pixels = event.pixelDelta()
        if pixels.isNull() and (self._wheel_scrolls or event.angleDelta().y() == 0):
            # With Alt, Qt itself turns the wheel to the side; some wheels tilt there.
            pixels = event.angleDelta()
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                pixels = pixels.transposed()
        if not pixels.isNull() and not control:
            self.pan_by(pixels.x(), pixels.y())
        else:
            turned = event.angleDelta().y() or event.angleDelta().x()
            self.zoom_about(ZOOM_STEP ** (turned / 120), event.position())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_about(1 + event.value(), event.position())
                return True
            return False
        kind = event.type()
        if kind in _ACTIVATIONS:
            # Qt would tell it to each item, and none does anything about it.
            return False
        if kind == QEvent.Type.DevicePixelRatioChange:
            self._follow_level()
        return super().viewportEvent(event)

    def drawBackground(  # noqa: N802 - Qt override
        self, painter: QPainter, rect: QRectF | QRect
    ) -> None:
        colours = self._theme.colours
        painter.fillRect(rect, colours.canvas)
        paint_dots(painter, rect, self._theme.size.grid, colours.dot)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        if self.level() != "far":
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        transform = self.viewportTransform()
        self.far.paint(painter, transform, event.region())
        painter.setWorldTransform(transform)
        self.drawForeground(painter, event.rect())
        painter.end()
