"""A widget that paints itself as an SVG."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QPoint
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from app.theme import current_theme


def svg_of(widget: QWidget, title: str) -> bytes:
    """Return a widget on the colour of a panel, as a drawing that is sharp at any size."""
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(title)
    generator.setSize(widget.size())
    generator.setViewBox(widget.rect())
    # Fonts with a size in points come out as large as on the screen.
    generator.setResolution(widget.logicalDpiX())
    painter = QPainter(generator)
    painter.fillRect(widget.rect(), current_theme().colours.panel)
    widget.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    painter.end()
    return bytes(buffer.data().data())
