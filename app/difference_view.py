"""Two runs' drawings as one, over the canvas: what was added, removed and changed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from app.canvas.chips import FloatingBar, ZoomBar
from app.canvas.items import NodeItem
from app.canvas.scene import CanvasScene
from app.canvas.style import style_of
from app.canvas.zoom_view import ZOOM_STEP, ZoomView
from app.document import Document
from app.plots.run_keys import RunKey
from app.theme import current_theme, faded, paint_icon, theme_manager
from app.widgets import Glyph, Label
from engine.analysis.report import ShapeReport
from engine.project.project import Project
from engine.runs.united import United

_INSET_PX = 16
_GONE_OPACITY = 0.5
_DISC = 18.0
_GLYPH = 12.0
_DOT = 9.0
_RADIUS = 10.0
_GONE_DASH = [3.0, 2.5]
_WIRE_DASH = [1.5, 2.5]
_MARKS = (("plus", "ok"), ("minus", "err"), ("dot", "accent"))


class DifferenceView(ZoomView):
    """Added cards have an edge and a plus, removed ones stay where they stood, dashed.

    It can be looked at and not edited: it is two drawings at once.

    Args:
        names: Of the first run and of the second.
        places: Of both among the compared runs.
        over: The widget that it covers.
    """

    def __init__(
        self, found: United, names: tuple[str, str], places: tuple[int, int], over: QWidget
    ) -> None:
        self.found = found
        self._over = over
        self._document = _UnitedDocument(found)
        scene = CanvasScene(self._document, style_of(current_theme().name))
        super().__init__(scene, current_theme(), over)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("What differs between {0} and {1}").format(*names))
        self.setAccessibleDescription(", ".join(self.counts()))
        self._names = _names_bar(names, places, self.viewport())
        self._counts = _CountsBar(self.counts(), self.viewport())
        self._zoom = ZoomBar(self.viewport(), arranges=False)
        self._zoom.zoomed_in.connect(lambda: self.zoom_to(self.zoom * ZOOM_STEP))
        self._zoom.zoomed_out.connect(lambda: self.zoom_to(self.zoom / ZOOM_STEP))
        self._zoom.fitted.connect(self.fit)
        self.scale_changed.connect(self._zoom.show_zoom)
        self.scrolled.connect(self._place)
        self._held: QPointF | None = None
        for node in found.removed:
            scene.nodes[node].setOpacity(_GONE_OPACITY)
        for link in found.links_removed:
            if link in scene.wires:
                scene.wires[link].hide()
        theme_manager().changed.connect(self._on_theme_changed)
        over.installEventFilter(self)
        self.setGeometry(over.rect())

    def counts(self) -> list[str]:
        """Say how many layers were added, removed and changed."""
        found = self.found
        return [
            self.tr("{0} added").format(len(found.added)),
            self.tr("{0} removed").format(len(found.removed)),
            self.tr("{0} changed").format(len(found.changed)),
        ]

    def fit(self) -> None:
        """Show both drawings whole."""
        self.show_rect(self.canvas.content_rect())
        self._place()

    def close_view(self) -> None:
        """Uncover what is below, for good."""
        self._over.removeEventFilter(self)
        self.hide()
        self._document.close()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
            self.fit()
        return False

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        # The canvas below has its size only after the docks have theirs.
        QTimer.singleShot(0, self, self.fit)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        self._held = event.position()
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if self._held is not None:
            moved = event.position() - self._held
            self.pan_by(moved.x(), moved.y())
            self._held = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        del event
        self._held = None
        self.viewport().unsetCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        match event.key():
            case Qt.Key.Key_Home:
                self.fit()
            case Qt.Key.Key_Plus:
                self.zoom_to(self.zoom * ZOOM_STEP)
            case Qt.Key.Key_Minus:
                self.zoom_to(self.zoom / ZOOM_STEP)
            case _:
                super().keyPressEvent(event)

    def drawForeground(  # noqa: N802 - Qt override
        self, painter: QPainter, rect: QRectF | QRect
    ) -> None:
        del rect
        colours = current_theme().colours
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for links, pen in (
            (self.found.links_removed, _dashed(QPen(colours.err, 2), _WIRE_DASH)),
            (self.found.links_added, QPen(colours.ok, 2.2)),
        ):
            painter.setPen(pen)
            for link in links:
                if link in self.canvas.wires:
                    painter.drawPath(self.canvas.wires[link].path())
        for node, item in self.canvas.nodes.items():
            if node in self.found.added:
                self._paint_edge(painter, item, QPen(colours.ok, 1.5))
                self._paint_disc(painter, item, "plus", "ok", is_filled=True)
            elif node in self.found.removed:
                self._paint_edge(painter, item, _dashed(QPen(colours.err, 1.5), _GONE_DASH))
                self._paint_disc(painter, item, "minus", "err", is_filled=False)
            elif node in self.found.changed:
                self._paint_dot(painter, item)

    def _paint_edge(self, painter: QPainter, item: NodeItem, pen: QPen) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        path = QPainterPath()
        path.addRoundedRect(item.far_rect(), _RADIUS, _RADIUS)
        painter.drawPath(path)

    def _paint_disc(
        self, painter: QPainter, item: NodeItem, glyph: str, token: str, *, is_filled: bool
    ) -> None:
        colours = current_theme().colours
        corner = item.far_rect().topRight()
        box = QRectF(corner.x() - _DISC / 2, corner.y() - _DISC / 2, _DISC, _DISC)
        painter.setBrush(colours[token] if is_filled else colours.canvas)
        painter.setPen(QPen(colours[token], 1.5))
        painter.drawEllipse(box)
        inset = (_DISC - _GLYPH) / 2
        ink = colours.canvas if is_filled else colours[token]
        paint_icon(painter, glyph, box.adjusted(inset, inset, -inset, -inset), ink)

    def _paint_dot(self, painter: QPainter, item: NodeItem) -> None:
        colours = current_theme().colours
        painter.setBrush(colours.accent)
        painter.setPen(QPen(faded(colours.canvas, 1.0), 1.5))
        painter.drawEllipse(item.far_rect().topRight(), _DOT / 2, _DOT / 2)

    def _place(self) -> None:
        width, height = self.viewport().width(), self.viewport().height()
        self._counts.fit(width - 2 * _INSET_PX)
        self._names.move(_INSET_PX, _INSET_PX)
        self._zoom.move(_INSET_PX, height - _INSET_PX - self._zoom.height())
        self._counts.move(_INSET_PX, self._zoom.y() - 8 - self._counts.height())

    def _on_theme_changed(self) -> None:
        self.set_theme(current_theme())
        self.canvas.set_style(style_of(current_theme().name))


class _UnitedDocument(Document):
    """Two drawings as one, analysed each by itself: as one they need not fit."""

    def __init__(self, found: United) -> None:
        self._united = found
        super().__init__(Project(name="", graph=found.graph))

    @property
    def report(self) -> ShapeReport:
        return self._united.report


def _names_bar(names: tuple[str, str], places: tuple[int, int], parent: QWidget) -> FloatingBar:
    bar = FloatingBar(parent)
    bar.row.setContentsMargins(10, 0, 10, 0)
    bar.row.setSpacing(8)
    for number, (name, place) in enumerate(zip(names, places, strict=True)):
        if number:
            bar.row.addWidget(Label(bar.tr("to"), "small", "text3"))
        bar.row.addWidget(RunKey(place))
        bar.row.addWidget(Label(name, "small", weight=500))
    bar.adjustSize()
    return bar


class _CountsBar(FloatingBar):
    """How much was added, removed and changed; the numbers alone where there is little room."""

    def __init__(self, counts: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._counts = counts
        self._labels = [Label(words, "small", "text2") for words in counts]
        self.row.setContentsMargins(10, 0, 10, 0)
        self.row.setSpacing(6)
        for label, (glyph, token) in zip(self._labels, _MARKS, strict=True):
            self.row.addWidget(Glyph(glyph, token, size_px=12))
            self.row.addWidget(label)
        self.setToolTip(", ".join(counts))
        self.setAccessibleName(", ".join(counts))
        self.adjustSize()
        self._whole = self.width()

    def fit(self, width: int) -> None:
        """Write as much as there is room for."""
        for label, words in zip(self._labels, self._counts, strict=True):
            label.setText(words if self._whole <= width else words.partition(" ")[0])
        self.adjustSize()


def _dashed(pen: QPen, pattern: list[float]) -> QPen:
    pen.setDashPattern(pattern)
    return pen
