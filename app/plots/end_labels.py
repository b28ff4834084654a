"""What each curve came to, written behind its end in its colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from app.plots.series import pushed_apart
from app.theme import current_theme, font

EndLabel: TypeAlias = tuple[str, str, QPointF]
"""Words, the colour of the theme that they have, and where their curve ends."""

_INSET_PX = 8
_GAP_PX = 15
_HEIGHT_PX = 16


def end_labels_px(labels: Sequence[EndLabel]) -> int:
    """Return how much room behind the end of the curves shows all words whole."""
    metrics = QFontMetricsF(font("small", weight=500))
    widest = max((metrics.horizontalAdvance(words) for words, *_ in labels), default=0.0)
    return _INSET_PX + math.ceil(widest)


def paint_end_labels(
    painter: QPainter, labels: Sequence[EndLabel], at_px: float, box: QRectF
) -> None:
    """Write the words at the height of their ends, and apart where they would lie on each other."""
    wanted = [point.y() for *_, point in labels]
    placed = pushed_apart(wanted, _GAP_PX, box.top() + 6, box.bottom())
    painter.setFont(font("small", weight=500))
    width = end_labels_px(labels)
    for (words, token, _), y in zip(labels, placed, strict=True):
        painter.setPen(current_theme().colours[token])
        line = QRectF(at_px + _INSET_PX, y - _HEIGHT_PX / 2, width, _HEIGHT_PX)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)
