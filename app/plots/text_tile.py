"""The beginning of a text on a tile, where a picture of another sample would stand."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QTextLayout, QTextOption

from app.plots.images import CORNER_PX
from app.theme import current_theme, font

_INSET_PX = 5


def paint_text_tile(painter: QPainter, text: str, box: QRectF) -> None:
    """Write as much of a text as the tile has lines for; the last ends in dots where it goes on."""
    colours = current_theme().colours
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.hover)
    painter.drawRoundedRect(box, CORNER_PX, CORNER_PX)
    painter.setFont(font("micro"))
    painter.setPen(colours.text)
    room = box.adjusted(_INSET_PX, 2, -_INSET_PX, -2)
    line_px = painter.fontMetrics().lineSpacing()
    lines = lines_of(painter, text, room.width(), max(1, round(room.height() / line_px)))
    top = room.center().y() - len(lines) * line_px / 2 + painter.fontMetrics().ascent()
    for number, line in enumerate(lines):
        painter.drawText(QPointF(room.left(), top + number * line_px), line)


def lines_of(painter: QPainter, text: str, width: float, most: int) -> list[str]:
    """Break a text into at most so many lines of its painter's font."""
    text = " ".join(text.split())
    layout = QTextLayout(text, painter.font())
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    starts: list[int] = []
    layout.beginLayout()
    while len(starts) < most and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        starts.append(line.textStart())
    layout.endLayout()
    ends = [*starts[1:], len(text)]
    lines = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    right = Qt.TextElideMode.ElideRight
    return [painter.fontMetrics().elidedText(line.rstrip(), right, round(width)) for line in lines]
