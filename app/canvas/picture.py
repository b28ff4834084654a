"""A picture of the whole drawing in a file; needs no screen and no window."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QStyleOptionGraphicsItem

from app.canvas.scene import CanvasScene
from app.canvas.style import style_of
from app.document import Document
from app.theme import ThemeName
from engine.project.project import Project
from nodes.errors import ExportError

_MARGIN = 32.0
_SHARPNESS = 2.0
_MOST_PIXELS = 60_000_000
_LONGEST_SIDE = 30_000


def save_picture(
    project: Project,
    path: Path,
    *,
    dark: bool = True,
    samples: Sequence[QImage] | None = None,
) -> None:
    """Draw a project's canvas into a PNG or an SVG; makes the application if there is none.

    Raises:
        ExportError: The ending of the name is another, or the file cannot be written.
    """
    _application()
    document = Document(project)
    theme: ThemeName = "dark" if dark else "light"
    scene = CanvasScene(document, style_of(theme))
    if samples:
        scene.set_samples(samples)
    area = scene.content_rect()
    area = area.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    match path.suffix.lower():
        case ".png":
            _save_png(scene, area, path)
        case ".svg":
            _save_svg(scene, area, path, project.name)
        case other:
            raise ExportError(
                f"A picture is not written as “{other or path.name}”",
                where=str(path),
                hint="Let the name end with .png or .svg.",
            )
    document.close()


def _application() -> None:
    if QApplication.instance() is None:
        # Kept by Qt itself; a second one in the same process would be refused.
        globals()["_made"] = QApplication(sys.argv[:1])


def _save_png(scene: CanvasScene, area: QRectF, path: Path) -> None:
    scale = min(
        _SHARPNESS,
        math.sqrt(_MOST_PIXELS / (area.width() * area.height())),
        _LONGEST_SIDE / max(area.width(), area.height()),
    )
    size = QSize(math.ceil(area.width() * scale), math.ceil(area.height() * scale))
    image = QImage(size, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
    )
    painter.scale(scale, scale)
    _paint(scene, painter, area)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    _write(path, bytes(buffer.data().data()))


def _save_svg(scene: CanvasScene, area: QRectF, path: Path, title: str) -> None:
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(title)
    generator.setSize(area.size().toSize())
    generator.setViewBox(QRectF(QPointF(0, 0), area.size()))
    # Fonts with a size in points come out as large as on the screen.
    generator.setResolution(round(QApplication.primaryScreen().logicalDotsPerInch()))
    painter = QPainter(generator)
    _paint(scene, painter, area)
    painter.end()
    _write(path, bytes(buffer.data().data()))


def _paint(scene: CanvasScene, painter: QPainter, area: QRectF) -> None:
    """Paint the items themselves: a scene's own rendering would go by way of pixel caches."""
    painter.fillRect(QRectF(QPointF(0, 0), area.size()), scene.shared.style.colours.canvas)
    painter.translate(-area.topLeft())
    option = QStyleOptionGraphicsItem()
    items = (*scene.frames.values(), *scene.wires.values(), *scene.nodes.values())
    for item in items:
        painter.save()
        painter.translate(item.pos())
        item.paint(painter, option)
        painter.restore()


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ExportError(
            "The picture cannot be written",
            why=f"{error.strerror}.",
            where=str(path),
            hint="Choose another folder.",
        ) from error
