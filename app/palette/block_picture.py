"""What a block is made of, drawn small: its layers in the colours of their categories."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.theme import current_theme
from engine.graph.cards import CARD, card_size
from engine.graph.elements import Flow, Graph, Node
from nodes.catalogue import kind_named
from nodes.layer import Category

_TALLEST_PX = 170.0
_LARGEST_SCALE = 0.26
_INSET_PX = 8.0
_LEAST_PX = 3.0


class BlockPicture(QWidget):
    """Draws a drawing as blocks and wires, as large as its width and a height allow."""

    def __init__(self, graph: Graph, width: int) -> None:
        super().__init__()
        self._graph = graph
        cards = [_card(node) for node in graph.nodes.values()]
        self._area = QRectF()
        for card in cards:
            self._area = self._area.united(card)
        across = (width - 2 * _INSET_PX) / max(1.0, self._area.width())
        down = (_TALLEST_PX - 2 * _INSET_PX) / max(1.0, self._area.height())
        self._scale = min(across, down, _LARGEST_SCALE)
        self.setFixedSize(QSize(width, round(self._area.height() * self._scale + 2 * _INSET_PX)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours.canvas)
        painter.drawRoundedRect(QRectF(self.rect()), theme.radius.field, theme.radius.field)
        painter.setPen(QPen(theme.colours.wire, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for start, end in self._wires():
            painter.drawPath(_curve(start, end, self._graph.flow))
        painter.setPen(Qt.PenStyle.NoPen)
        for node in self._graph.nodes.values():
            painter.setBrush(theme.category[_category(node)])
            painter.drawRoundedRect(self._block(node), 2, 2)

    def _wires(self) -> list[tuple[QPointF, QPointF]]:
        nodes = self._graph.nodes
        ends = ((nodes[one.source.node], nodes[one.target.node]) for one in self._graph.links)
        blocks = [(self._block(one), self._block(other)) for one, other in ends]
        if self._graph.flow == "right":
            return [(_side(one, one.right()), _side(other, other.left())) for one, other in blocks]
        return [(_foot(one), _head(other)) for one, other in blocks]

    def _block(self, node: Node) -> QRectF:
        card, middle = _card(node), QRectF(self.rect()).center()
        corner = middle + (card.topLeft() - self._area.center()) * self._scale
        height = max(_LEAST_PX, card.height() * self._scale)
        return QRectF(corner.x(), corner.y(), card.width() * self._scale, height)


def _card(node: Node) -> QRectF:
    width, height = card_size(node.kind)
    x, y = node.position
    # Cards of all widths stand on the axis that the widest one has.
    return QRectF(x + (CARD[0] - width) / 2, y, width, height)


def _category(node: Node) -> Category:
    layer = kind_named(node.kind)
    return layer.info.category if layer is not None else "shape"


def _side(block: QRectF, x: float) -> QPointF:
    return QPointF(x, block.center().y())


def _foot(block: QRectF) -> QPointF:
    return QPointF(block.center().x(), block.bottom())


def _head(block: QRectF) -> QPointF:
    return QPointF(block.center().x(), block.top())


def _curve(start: QPointF, end: QPointF, flow: Flow) -> QPainterPath:
    way = (end - start) / 2
    path, bow = QPainterPath(start), QPointF(way.x(), 0) if flow == "right" else QPointF(0, way.y())
    path.cubicTo(start + bow, end - bow, end)
    return path
