"""Painting the right end of a card: maps, bars, a histogram, the loss, samples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from app.canvas.card_ground import Fine, start_picture
from app.canvas.style import Style, draws_lines
from app.plots.forms import place_in

if TYPE_CHECKING:
    from app.previews import BarsPreview, CurvePreview, HistogramPreview, MapsPreview, Preview

SIDE = 38.0
GAP = 3.0
INSET = 10.0
MOST = 3
SMALL_SIDE = 20.5
"""Of each of six maps, in two rows: between the ports above and those below."""

SMALL_FROM = 1.5
"""From this zoom six maps can be told apart."""

THUMB_WIDTH = MOST * SIDE + (MOST - 1) * GAP
_CHART_WIDTH = 112.0
_CORNER = 3.0
_ROUND_FROM = 0.7
"""From this zoom round corners can be seen."""


def draw_preview(
    painter: QPainter, style: Style, card: QRectF, preview: Preview, category: str
) -> None:
    """Paint a layer's preview at the right end of its card."""
    maps, bars, histogram, curve = _kinds()
    if isinstance(preview, maps):
        _draw_maps(painter, card, preview)
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
    _draw_images(painter, _places(card, len(images)), images)
    painter.setPen(QPen(style.colours.line2 if not style.theme.is_dark else style.colours.line, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for box, image in zip(_places(card, len(images)), images, strict=True):
        place = place_in(box, image)
        corner = _CORNER if place == box else 0.0
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)


@cache
def preview_area(width: float, height: float) -> QRectF:
    """Return the part of a card of a size that its preview stands on."""
    left, tall = width / 2 - INSET - THUMB_WIDTH, 2 * SMALL_SIDE + GAP
    return QRectF(left, (height - tall) / 2, THUMB_WIDTH, tall)


def _draw_maps(painter: QPainter, card: QRectF, preview: MapsPreview) -> None:
    """Paint three maps, or six smaller ones from close by."""
    is_close = painter.worldTransform().m11() >= SMALL_FROM
    images = preview.more_images if is_close else preview.images
    _draw_images(painter, _places(card, len(images)), images)


def _draw_images(painter: QPainter, places: Sequence[QRectF], images: Sequence[QImage]) -> None:
    if not places:
        return
    if draws_lines(painter):
        for box, image in zip(places, images, strict=False):
            _draw_clipped(painter, box, image)
        return
    if painter.worldTransform().m11() < _ROUND_FROM:
        for box, image in zip(places, images, strict=False):
            _draw_image(painter, box, image)
        return
    # Paths to clip by are dear at a high resolution: the corners are cut out of the whole picture.
    now = painter.worldTransform()
    scale, ratio = now.m11(), painter.device().devicePixelRatio()
    at, side = places[0].topLeft(), places[0].width()
    grid = _grid(len(places))
    picture, on_picture = start_picture(*_extent(grid, side), (scale, ratio))
    for box, image in zip(places, images, strict=False):
        _draw_image(on_picture, box.translated(-at), image)
    on_picture.resetTransform()
    on_picture.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    on_picture.drawPixmap(0, 0, _rounded(grid, side, (scale, ratio)))
    on_picture.end()
    painter.setWorldTransform(QTransform.fromTranslate(now.dx(), now.dy()))
    painter.drawPixmap(at * scale, picture)
    painter.setWorldTransform(now)


def _grid(count: int) -> tuple[int, int]:
    """Return how many pictures stand across and how many down."""
    return (count, 1) if count <= MOST else (MOST, 2)


def _extent(grid: tuple[int, int], side: float) -> tuple[float, float]:
    across, down = grid
    return across * (side + GAP) - GAP, down * (side + GAP) - GAP


@lru_cache(maxsize=60)
def _rounded(grid: tuple[int, int], side: float, fine: Fine) -> QPixmap:
    """Return places for pictures with round corners, as a mask."""
    mask, painter = start_picture(*_extent(grid, side), fine)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.black)
    for box in _boxes(grid, side, QPointF()):
        painter.drawRoundedRect(box, _CORNER, _CORNER)
    painter.end()
    return mask


def _boxes(grid: tuple[int, int], side: float, at: QPointF) -> list[QRectF]:
    pitch, (across, down) = side + GAP, grid
    return [
        QRectF(at.x() + column * pitch, at.y() + row * pitch, side, side)
        for row in range(down)
        for column in range(across)
    ]


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
    painter.drawImage(place_in(box, image), image)


def _places(card: QRectF, count: int) -> list[QRectF]:
    """Return where so many pictures stand: up to three in a row, more in two."""
    grid = _grid(count)
    side = SIDE if count <= MOST else SMALL_SIDE
    wide, tall = _extent(grid, side)
    at = QPointF(card.right() - INSET - wide, card.center().y() - tall / 2)
    return _boxes(grid, side, at)[:count]


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
