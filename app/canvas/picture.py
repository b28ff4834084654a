"""A picture of a drawing, or of a part of it; needs no screen and no window."""

from __future__ import annotations

import math
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QGraphicsItem, QStyleOptionGraphicsItem

from app.canvas.items import WireItem
from app.canvas.scene import CanvasScene
from app.canvas.style import style_of
from app.document import Document
from app.theme import ThemeName
from engine.graph.edits import remove_nodes
from engine.graph.elements import NodeId, NodePath
from engine.project.pictures import with_project
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
    nodes: Collection[NodeId] = (),
    level: NodePath = (),
) -> None:
    """Draw a project's canvas into a PNG or an SVG; makes the application if there is none.

    A PNG carries the drawing, so that it can be opened again.

    Args:
        nodes: Only these, with the wires between them; all where there are none.
        level: The composites whose inside is drawn, outermost first; the drawing where none.

    Raises:
        ExportError: The ending of the name is another, or the file cannot be written.
    """
    match path.suffix.lower():
        case ".png":
            content = picture_png(project, dark=dark, samples=samples, nodes=nodes, level=level)
        case ".svg":
            with _drawing(project, dark=dark, samples=samples, nodes=nodes, level=level) as drawing:
                content = drawing.svg()
        case other:
            raise ExportError(
                f"A picture is not written as “{other or path.name}”",
                where=str(path),
                hint="Let the name end with .png or .svg.",
            )
    _write(path, content)


def picture_png(
    project: Project,
    *,
    dark: bool = True,
    samples: Sequence[QImage] | None = None,
    nodes: Collection[NodeId] = (),
    level: NodePath = (),
) -> bytes:
    """Draw a project's canvas, or some of its nodes, as a PNG that carries what it shows."""
    with _drawing(project, dark=dark, samples=samples, nodes=nodes, level=level) as drawing:
        png = drawing.png()
    if nodes and not level:
        others = project.graph.nodes.keys() - set(nodes)
        project = replace(project, graph=remove_nodes(project.graph, others))
    return with_project(png, project)


def picture_svg(project: Project, *, dark: bool = True) -> bytes:
    """Draw a project's canvas as an SVG."""
    with _drawing(project, dark=dark, samples=None, nodes=(), level=()) as drawing:
        return drawing.svg()


@contextmanager
def _drawing(
    project: Project,
    *,
    dark: bool,
    samples: Sequence[QImage] | None,
    nodes: Collection[NodeId],
    level: NodePath,
) -> Iterator[_Drawing]:
    _application()
    document = Document(project)
    document.show_level(level)
    theme: ThemeName = "dark" if dark else "light"
    scene = CanvasScene(document, style_of(theme))
    if samples:
        scene.set_samples(samples)
    try:
        yield _Drawing(scene, project.name, nodes)
    finally:
        document.close()


def _application() -> None:
    if QApplication.instance() is None:
        # Kept by Qt itself; a second one in the same process would be refused.
        globals()["_made"] = QApplication(sys.argv[:1])


class _Drawing:
    """Some nodes of a scene, ready to be painted."""

    def __init__(self, scene: CanvasScene, title: str, nodes: Collection[NodeId]) -> None:
        self._scene = scene
        self._title = title
        self._wanted = set(nodes) or set(scene.nodes)
        frames = scene.document.graph.frames
        self._frames = [
            scene.frames[frame.id]
            for frame in frames
            if frame.id in scene.frames and self._wanted.issuperset(frame.nodes)
        ]
        area = scene.content_rect(nodes or None)
        for item in self._items():
            area = area.united(item.sceneBoundingRect())
        self._area = area.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def png(self) -> bytes:
        area = self._area
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
        self._paint(painter)
        painter.end()
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
        return bytes(buffer.data().data())

    def svg(self) -> bytes:
        buffer = QBuffer()
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setTitle(self._title)
        generator.setSize(self._area.size().toSize())
        generator.setViewBox(QRectF(QPointF(0, 0), self._area.size()))
        # Fonts with a size in points come out as large as on the screen.
        generator.setResolution(round(QApplication.primaryScreen().logicalDotsPerInch()))
        painter = QPainter(generator)
        self._paint(painter)
        painter.end()
        return bytes(buffer.data().data())

    def _paint(self, painter: QPainter) -> None:
        """Paint the items themselves: a scene's own rendering would go by way of pixel caches."""
        scene = self._scene
        painter.fillRect(
            QRectF(QPointF(0, 0), self._area.size()), scene.shared.style.colours.canvas
        )
        painter.translate(-self._area.topLeft())
        option = QStyleOptionGraphicsItem()
        for item in self._items():
            painter.save()
            painter.translate(item.pos())
            item.paint(painter, option)
            painter.restore()

    def _items(self) -> Iterator[QGraphicsItem]:
        yield from self._frames
        yield from self._wires()
        yield from (frame.words for frame in self._frames)
        for node, item in self._scene.nodes.items():
            if node in self._wanted and item.isVisible():
                yield item

    def _wires(self) -> Iterator[WireItem]:
        for link, item in self._scene.wires.items():
            if {link.source.node, link.target.node} <= self._wanted and item.isVisible():
                yield item


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
