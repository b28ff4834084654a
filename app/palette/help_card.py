"""Help on a layer, in a card beside its row."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPainterPath, QPaintEvent, QRegion
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.document import Document
from app.palette.block_picture import BlockPicture
from app.theme import ThemeManager
from app.widgets import FlowText, Label, number_text
from engine.analysis.report import NodeReport
from engine.graph.composites import INPUT, OUTPUT
from engine.graph.elements import Graph
from engine.project.blocks import Block
from nodes.catalogue import LAYERS
from nodes.errors import LoomError
from nodes.layer import Layer
from nodes.own_layer import own_kind
from nodes.params import Field, fields_of
from nodes.tensors import Inputs

_WIDTH_PX = 300
_ASIDE_PX = 14
_GAP_PX = 8
_TYPICAL_ROWS = 4


class HelpCard(QWidget):
    """What a layer does, when it is used, its formula and typical values; 300 px wide."""

    def __init__(self, document: Document, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
        self._document = document
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedWidth(_WIDTH_PX)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(_ASIDE_PX, 12, _ASIDE_PX, 12)
        self._column.setSpacing(6)
        self._content: QWidget | None = None

    def show_layer(self, kind: str, row: QRect) -> None:
        """Show the help of a layer beside its row, on whichever side there is room."""
        self._show(self._made(kind), LAYERS[kind].info.title, row)

    def show_block(self, block: Block, row: QRect) -> None:
        """Show what a block is for and what can be set, beside its row."""
        self._show(_made_of_block(block), block.name, row)

    def _show(self, content: QWidget, name: str, row: QRect) -> None:
        if self._content is not None:
            self._column.removeWidget(self._content)
            self._content.deleteLater()
        self._content = content
        self._column.addWidget(self._content)
        self.setAccessibleName(name)
        self.ensurePolished()
        self._content.ensurePolished()
        self._column.activate()
        self.setFixedHeight(self._column.heightForWidth(_WIDTH_PX))
        self.setMask(self._outline())
        self.move(self._place(row))
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        theme = self._theme.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.colours.line2)
        painter.setPen(theme.colours.line2)
        painter.setBrush(theme.colours.raised)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.radius.card, theme.radius.card)

    def _outline(self) -> QRegion:
        # A mask and not a translucent window: that is black where nothing composes windows.
        radius = self._theme.theme.radius.card
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), radius, radius)
        return QRegion(path.toFillPolygon().toPolygon())

    def _place(self, row: QRect) -> QPoint:
        screen = QGuiApplication.screenAt(row.topLeft()) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        left = row.right() + _GAP_PX
        if left + _WIDTH_PX > room.right():
            left = row.left() - _WIDTH_PX - _GAP_PX
        top = min(row.top() - 10, room.bottom() - self.height() - _GAP_PX)
        return QPoint(left, max(top, room.top()))

    def _made(self, kind: str) -> QWidget:
        layer = LAYERS[kind]
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._add_head(column, layer)
        column.addWidget(FlowText(layer.info.summary, "small", "text"))
        if layer.info.when:
            column.addWidget(FlowText(layer.info.when, "small", "text2"))
        if layer.info.formula:
            column.addWidget(FlowText(layer.info.formula, "shape", "text"))
        self._add_typical(column, layer)
        result = self._result(layer)
        if result:
            column.addWidget(FlowText(result, "small", "text3"))
        return content

    def _add_head(self, column: QVBoxLayout, layer: type[Layer]) -> None:
        title = Label(layer.info.title, weight=600)
        shape = Label(layer.info.shape, "shape", "text2")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        column.addLayout(head)
        room = _WIDTH_PX - 28 - 12 - title.sizeHint().width()
        if shape.sizeHint().width() <= room:
            head.addWidget(shape)
        else:
            column.addWidget(FlowText(layer.info.shape, "shape", "text2"))

    def _add_typical(self, column: QVBoxLayout, layer: type[Layer]) -> None:
        fields = [field for field in fields_of(layer) if field.param.suggest]
        if not fields:
            return
        rows = QFormLayout()
        rows.setContentsMargins(0, 2, 0, 0)
        rows.setHorizontalSpacing(12)
        rows.setVerticalSpacing(2)
        for field in sorted(fields, key=lambda field: field.param.advanced)[:_TYPICAL_ROWS]:
            rows.addRow(
                Label(field.param.label, "small", "text3"), Label(_typical(field), "small", "text2")
            )
        column.addLayout(rows)

    def _result(self, layer: type[Layer]) -> str:
        """Say what would come out after the one selected node, where that can be known."""
        before = self._selected()
        if before is None or len(layer.info.inputs) != 1 or not before.outputs:
            return ""
        tensor = next(iter(before.outputs.values()))
        port = layer.info.inputs[0]
        try:
            types = layer().infer(Inputs({port.name: (tensor,)}))
        except (LoomError, TypeError):
            return ""  # it does not fit there, or needs a parameter first
        return self.tr("After {0}: {1} to {2}").format(before.title, tensor, types[0])

    def _selected(self) -> NodeReport | None:
        if len(self._document.selection) != 1:
            return None
        return self._document.report.nodes.get(next(iter(self._document.selection)))


def _made_of_layer(block: Block) -> QWidget:
    kind = own_kind(block.code[block.use.definition])
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    column.addWidget(Label(block.name, weight=600))
    column.addWidget(FlowText(kind.info.summary, "small", "text"))
    if kind.info.when:
        column.addWidget(FlowText(kind.info.when, "small", "text2"))
    rows = QFormLayout()
    rows.setContentsMargins(0, 2, 0, 0)
    rows.setHorizontalSpacing(12)
    rows.setVerticalSpacing(2)
    for field in fields_of(kind):
        value = "" if field.required else str(field.default)
        rows.addRow(Label(field.param.label, "small", "text3"), Label(value, "small", "text2"))
    column.addLayout(rows)
    return content


def _made_of_block(block: Block) -> QWidget:
    if block.is_layer:
        return _made_of_layer(block)
    definition = block.definitions[block.use.definition]
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    column.addWidget(Label(block.name, weight=600))
    if block.summary:
        column.addWidget(FlowText(block.summary, "small", "text"))
    column.addWidget(BlockPicture(definition.graph, _WIDTH_PX - 2 * _ASIDE_PX))
    column.addWidget(FlowText(_counted(definition.graph), "small", "text2"))
    rows = QFormLayout()
    rows.setContentsMargins(0, 2, 0, 0)
    rows.setHorizontalSpacing(12)
    rows.setVerticalSpacing(2)
    for name, default in {**definition.parameters, **block.use.params}.items():
        rows.addRow(Label(name, "small", "text3"), Label(str(default), "small", "text2"))
    column.addLayout(rows)
    return content


def _counted(graph: Graph) -> str:
    """Say of which layers a drawing has how many: ``3 Conv2d · 2 BatchNorm2d · Add``."""
    kinds = Counter(node.definition or node.kind for node in graph.nodes.values())
    counts = ((kind, count) for kind, count in kinds.items() if kind not in (INPUT, OUTPUT))
    return " · ".join(kind if count == 1 else f"{count} {kind}" for kind, count in counts)


def _typical(field: Field) -> str:
    return ", ".join(number_text(value) for value in field.param.suggest)
