"""Painting the right end of a card: maps, bars, a histogram, the loss, samples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from app.canvas.card_ground import Fine, start_picture
from app.canvas.style import Style, draws_lines

if TYPE_CHECKING:
    from app.previews import BarsPreview, CurvePreview, HistogramPreview, MapsPreview, Preview

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
    maps, bars, histogram, curve = _kinds()
    if isinstance(preview, maps):
        _draw_images(painter, card, preview.images)
    elif isinstance(preview, bars):
        _draw_bars(painter, style, _chart(card), preview)
    elif isinstance(preview, histogram):
        _draw_histogram(painter, style, _chart(card), preview.heights, category)
    elif isinstance(preview, curve):
        _draw_curve(painter, style, _chart(card), preview.heights, category)


@cache
def _kinds() -> tuple[
    type[MapsPreview], type[BarsPreview], type[HistogramPreview], type[CurvePreview]
]:
    """Load numpy with the kinds of previews: before the first one nobody has to wait for it."""
    from app.previews import BarsPreview, CurvePreview, HistogramPreview, MapsPreview

    return MapsPreview, BarsPreview, HistogramPreview, CurvePreview


def draw_samples(painter: QPainter, style: Style, card: QRectF, samples: Sequence[object]) -> None:
    """Paint the first three samples, each with a border."""
    images = [cast("QImage", sample) for sample in samples[:MOST]]
    _draw_images(painter, card, images)
    painter.setPen(QPen(style.colours.line2 if not style.theme.is_dark else style.colours.line, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for box in _places(card, len(images)):
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), _CORNER, _CORNER)


@cache
def preview_area(width: float, height: float) -> QRectF:
    """Return the part of a card of a size that its preview stands on."""
    left = width / 2 - INSET - THUMB_WIDTH
    return QRectF(left, (height - SIDE) / 2, THUMB_WIDTH, SIDE)


def _draw_images(painter: QPainter, card: QRectF, images: Sequence[QImage]) -> None:
    places = _places(card, len(images))
    if not places:
        return
    if draws_lines(painter):
        for box, image in zip(places, images, strict=False):
            _draw_clipped(painter, box, image)
        return
    # Paths to clip by are dear at a high resolution: the corners are cut out of the whole strip.
    now = painter.worldTransform()
    scale, ratio = now.m11(), painter.device().devicePixelRatio()
    at = places[0].topLeft()
    strip, on_strip = start_picture(places[-1].right() - at.x(), SIDE, (scale, ratio))
    for box, image in zip(places, images, strict=False):
        _draw_image(on_strip, box.translated(-at), image)
    on_strip.resetTransform()
    on_strip.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    on_strip.drawPixmap(0, 0, _rounded(len(places), (scale, ratio)))
    on_strip.end()
    painter.setWorldTransform(QTransform.fromTranslate(now.dx(), now.dy()))
    painter.drawPixmap(at * scale, strip)
    painter.setWorldTransform(now)


@lru_cache(maxsize=60)
def _rounded(count: int, fine: Fine) -> QPixmap:
    """Return places for pictures with round corners, as a mask."""
    boxes = [QRectF(place * (SIDE + GAP), 0, SIDE, SIDE) for place in range(count)]
    mask, painter = start_picture(boxes[-1].right(), SIDE, fine)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.black)
    for box in boxes:
        painter.drawRoundedRect(box, _CORNER, _CORNER)
    painter.end()
    return mask


def _draw_clipped(painter: QPainter, box: QRectF, image: QImage) -> None:
    clip = QPainterPath()
    clip.addRoundedRect(box, _CORNER, _CORNER)
    painter.save()
    painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
    _draw_image(painter, box, image)
    painter.restore()


def _draw_image(painter: QPainter, box: QRectF, image: QImage) -> None:
    # Pixels of a small map are what is looked at: they stay sharp.
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > 2 * SIDE)
    painter.drawImage(box, image)


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
    bottom, tall = box.bottom(), box.height()
    zero, left = bottom - preview.zero * tall, box.right() - pitch * count
    ends = [bottom - top * tall for top in preview.tops]
    bars = [
        QRectF(left + place * pitch, high := min(y, zero - 1.5), width, max(y, zero) - high)
        for place, y in enumerate(ends)
    ]
    largest = bars[preview.largest : preview.largest + 1]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.colours.line2)
    painter.drawRects(bars)
    painter.setBrush(style.colours.accent)
    painter.drawRects(largest)


def _draw_histogram(
    painter: QPainter, style: Style, box: QRectF, heights: Sequence[float], category: str
) -> None:
    pitch = box.width() / max(1, len(heights))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.theme.category[category])
    left, bottom, most = box.left(), box.bottom(), box.height()
    bars = [
        QRectF(left + place * pitch, bottom - tall, pitch - 1, tall)
        for place, height in enumerate(heights)
        if (tall := max(1.0, height * most))
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
