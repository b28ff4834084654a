"""Draws samples and networks small, in the colours of the theme."""

from __future__ import annotations

from functools import singledispatch

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from app.plots.images import paint_squares, sample_image
from app.start_page.facts import Facts
from app.start_page.samples import Curves, Lines, Pictures, Points, Table
from app.theme import Theme, faded, font

_GAP = 8.0
_POINT = 2.2
_LINE_PX = 26.0
_LEAST_BLOCK = 2.0
_LARGEST_SCALE = 0.16


def paint_network(painter: QPainter, facts: Facts, box: QRectF, theme: Theme) -> None:
    """Draw the layers as blocks of their categories' colours where the drawing has them."""
    if not facts.blocks:
        return
    left = min(block.x - block.width / 2 for block in facts.blocks)
    right = max(block.x + block.width / 2 for block in facts.blocks)
    top = min(block.y for block in facts.blocks)
    bottom = max(block.y + block.height for block in facts.blocks)
    scale = min(
        box.width() / max(1.0, right - left), box.height() / max(1.0, bottom - top), _LARGEST_SCALE
    )
    middle = QPointF((left + right) / 2, (top + bottom) / 2)

    def place(x: float, y: float) -> QPointF:
        return box.center() + (QPointF(x, y) - middle) * scale

    painter.setPen(QPen(theme.colours.wire, 1))
    for source, target in facts.wires:
        one, other = facts.blocks[source], facts.blocks[target]
        painter.drawLine(place(one.x, one.y + one.height), place(other.x, other.y))
    painter.setPen(Qt.PenStyle.NoPen)
    for block in facts.blocks:
        corner = place(block.x - block.width / 2, block.y)
        height = max(_LEAST_BLOCK, block.height * scale)
        painter.setBrush(theme.category[block.category])
        painter.drawRoundedRect(QRectF(corner.x(), corner.y(), block.width * scale, height), 2, 2)


@singledispatch
def paint_samples(samples: object, painter: QPainter, box: QRectF, theme: Theme) -> None:
    """Draw samples into a box."""
    raise NotImplementedError(type(samples))


@paint_samples.register
def _(samples: Pictures, painter: QPainter, box: QRectF, theme: Theme) -> None:
    columns = 3
    rows = 3 if box.height() > box.width() * 0.85 else 2
    side = min(
        (box.width() - _GAP * (columns - 1)) / columns, (box.height() - _GAP * (rows - 1)) / rows
    )
    size = (columns * (side + _GAP) - _GAP, rows * (side + _GAP) - _GAP)
    corner = box.center() - QPointF(size[0] / 2, size[1] / 2)
    for number, pixels in enumerate(samples.pixels[: columns * rows]):
        x, y = number % columns, number // columns
        cell = QRectF(corner.x() + x * (side + _GAP), corner.y() + y * (side + _GAP), side, side)
        paint_squares(painter, sample_image(pixels, theme), cell)
        painter.setPen(QPen(theme.card_border, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cell, 5, 5)


@paint_samples.register
def _(samples: Points, painter: QPainter, box: QRectF, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for (x, y), number in zip(samples.places, samples.classes, strict=True):
        painter.setBrush(_class_colour(int(number), theme))
        at = QPointF(box.left() + float(x) * box.width(), box.bottom() - float(y) * box.height())
        painter.drawEllipse(at, _POINT, _POINT)


@paint_samples.register
def _(samples: Curves, painter: QPainter, box: QRectF, theme: Theme) -> None:
    count, length = samples.values.shape
    room = (box.height() - _GAP * (count - 1)) / count
    for number, values in enumerate(samples.values):
        bottom = box.top() + (number + 1) * room + number * _GAP
        step = box.width() / max(1, length - 1)
        points = [
            QPointF(box.left() + step * place, bottom - float(value) * room)
            for place, value in enumerate(values)
        ]
        painter.setPen(QPen(theme.colours.train, 1.4))
        painter.drawPolyline(QPolygonF(points))


@paint_samples.register
def _(samples: Lines, painter: QPainter, box: QRectF, theme: Theme) -> None:
    painter.setFont(font("shape"))
    metrics = QFontMetricsF(painter.font())
    top = box.center().y() - len(samples.texts) * _LINE_PX / 2
    for number, text in enumerate(samples.texts):
        row = QRectF(box.left(), top + number * _LINE_PX, box.width(), _LINE_PX - 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(theme.colours.accent, 0.18 if number % 2 == 0 else 0.08))
        painter.drawRoundedRect(row, 4, 4)
        painter.setPen(theme.colours.text)
        inner = row.adjusted(6, 0, -6, 0)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, shown)


@paint_samples.register
def _(samples: Table, painter: QPainter, box: QRectF, theme: Theme) -> None:
    columns = len(samples.header)
    width = box.width() / columns
    rows = [samples.header, *samples.rows]
    top = box.center().y() - len(rows) * _LINE_PX / 2
    for place, cells in enumerate(rows):
        is_header = place == 0
        painter.setFont(font("micro", weight=600 if is_header else 400))
        metrics = QFontMetricsF(painter.font())
        y = top + place * _LINE_PX
        painter.setPen(QPen(theme.colours.line, 1))
        if not is_header:
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        for number, cell in enumerate(cells):
            is_target = number == columns - 1
            ink = theme.colours.val if is_target else theme.colours.text
            painter.setPen(theme.colours.text2 if is_header and not is_target else ink)
            room = QRectF(box.left() + number * width, y, width - 6, _LINE_PX)
            shown = metrics.elidedText(cell, Qt.TextElideMode.ElideRight, room.width())
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, right, shown)


def _class_colour(number: int, theme: Theme) -> QColor:
    first = (theme.colours.train, theme.colours.val)
    return first[number] if number < len(first) else theme.runs[number % len(theme.runs)]
