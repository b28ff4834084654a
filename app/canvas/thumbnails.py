"""Painting the right end of a card: maps, bars, a histogram, the loss, samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QPolygonF

from app.canvas.style import Style

if TYPE_CHECKING:
    from app.previews import BarsPreview, Preview

SIDE = 38.0
GAP = 3.0
INSET = 10.0
MOST = 3
THUMB_WIDTH = MOST * SIDE + (MOST - 1) * GAP
_CHART_WIDTH = 112.0
_CORNER = 3.0


def draw_preview(
    painter: QPainter, style: Style, card: QRectF, preview: Preview, category: str
) -> None:
    """Paint a layer's preview at the right end of its card."""
    # Loads numpy; before the first preview nobody has to wait for it.
    from app.previews import BarsPreview, CurvePreview, HistogramPreview, MapsPreview

    match preview:
        case MapsPreview(images):
            _draw_images(painter, card, images)
        case BarsPreview():
            _draw_bars(painter, style, _chart(card), preview)
        case HistogramPreview(heights):
            _draw_histogram(painter, style, _chart(card), heights, category)
        case CurvePreview(heights):
            _draw_curve(painter, style, _chart(card), heights, category)


def draw_samples(painter: QPainter, style: Style, card: QRectF, samples: Sequence[object]) -> None:
    """Paint the first three samples, each with a border."""
    images = [cast("QImage", sample) for sample in samples[:MOST]]
    _draw_images(painter, card, images)
    painter.setPen(QPen(style.colours.line2 if not style.theme.is_dark else style.colours.line, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for box in _places(card, len(images)):
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), _CORNER, _CORNER)


def _draw_images(painter: QPainter, card: QRectF, images: Sequence[QImage]) -> None:
    smooth = QPainter.RenderHint.SmoothPixmapTransform
    was_smooth = bool(painter.renderHints() & smooth)
    for box, image in zip(_places(card, len(images)), images, strict=False):
        # Pixels of a small map are what is looked at: they stay sharp.
        painter.setRenderHint(smooth, image.width() > 2 * SIDE)
        clip = QPainterPath()
        clip.addRoundedRect(box, _CORNER, _CORNER)
        painter.save()
        painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
        painter.drawImage(box, image)
        painter.restore()
    painter.setRenderHint(smooth, was_smooth)


def _places(card: QRectF, count: int) -> list[QRectF]:
    count = min(count, MOST)
    left = card.right() - INSET - count * SIDE - (count - 1) * GAP
    top = card.center().y() - SIDE / 2
    return [QRectF(left + place * (SIDE + GAP), top, SIDE, SIDE) for place in range(count)]


def _chart(card: QRectF) -> QRectF:
    left = card.right() - INSET - _CHART_WIDTH
    return QRectF(left, card.center().y() - SIDE / 2, _CHART_WIDTH, SIDE)


def _draw_bars(painter: QPainter, style: Style, box: QRectF, preview: BarsPreview) -> None:
    count = len(preview.tops)
    pitch = box.width() / max(count, 10)
    width = max(1.0, pitch - (3 if pitch > 5 else 0.5))
    zero = box.bottom() - preview.zero * box.height()
    left = box.right() - pitch * count
    painter.setPen(Qt.PenStyle.NoPen)
    for place, top in enumerate(preview.tops):
        is_largest = place == preview.largest
        painter.setBrush(style.colours.accent if is_largest else style.colours.line2)
        y = box.bottom() - top * box.height()
        high, low = min(y, zero - 1.5), max(y, zero)
        painter.drawRoundedRect(QRectF(left + place * pitch, high, width, low - high), 1, 1)


def _draw_histogram(
    painter: QPainter, style: Style, box: QRectF, heights: Sequence[float], category: str
) -> None:
    pitch = box.width() / max(1, len(heights))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.theme.category[category])
    bars = [
        QRectF(box.left() + place * pitch, box.bottom() - tall, pitch - 1, tall)
        for place, height in enumerate(heights)
        if (tall := max(1.0, height * box.height()))
    ]
    painter.drawRects(bars)


def _draw_curve(
    painter: QPainter, style: Style, box: QRectF, heights: Sequence[float], category: str
) -> None:
    if len(heights) < 2:
        return
    step = box.width() / (len(heights) - 1)
    inner = box.adjusted(0, 2, 0, -2)
    points = [
        QPointF(box.left() + place * step, inner.bottom() - height * inner.height())
        for place, height in enumerate(heights)
    ]
    painter.setPen(QPen(style.theme.category[category], 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))
