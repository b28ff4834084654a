"""Gradients through the depth: a bar for each layer with weights, first to last."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import figure
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, font
from engine.training.insight import LayerGradient

_ROW_PX, _HEAD_PX = 30, 24
_NAME_PX, _NUMBER_PX, _BAR_PX = 150, 92, 10
_DECADES = 4
SMALLEST_UPDATE, LARGEST_UPDATE = 1e-5, 1e-1
"""Outside of these a layer hardly learns, or forgets what it knew; about 1e-3 is usual."""


class GradientFlow(QWidget):
    """Bars on a logarithmic scale of four decades, so that what vanishes is seen to vanish."""

    node_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers: tuple[LayerGradient, ...] = ()
        self._names: Mapping[str, str] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Gradients of all layers"))
        offer_plot(self, self.table)

    def show_layers(self, layers: Sequence[LayerGradient], names: Mapping[str, str]) -> None:
        """Show what learning does to each layer."""
        self._layers, self._names = tuple(layers), names
        spoken = (f"{self._name(layer)} {figure(layer.gradient)}" for layer in self._layers)
        self.setAccessibleDescription("; ".join(spoken))
        self.updateGeometry()
        self.update()

    def share(self, layer: LayerGradient) -> float:
        """Return how long a bar is, from 0 to 1; four decades below the longest it is nothing."""
        most = max((each.gradient for each in self._layers), default=0.0)
        if not (most > 0 and layer.gradient > 0 and math.isfinite(most)):
            return 0.0
        return max(0.0, 1 + math.log10(layer.gradient / most) / _DECADES)

    def is_unusual(self, layer: LayerGradient) -> bool:
        """Whether a layer learns far slower or faster than layers usually do."""
        ratio = layer.update_ratio
        return ratio is not None and not SMALLEST_UPDATE <= ratio <= LARGEST_UPDATE

    def table(self) -> PlotTable:
        """Each layer: the length of its gradient, of its weights, and of its last update."""
        heads = (self.tr("Layer"), self.tr("gradient"), self.tr("weights"))
        rows = [
            (self._name(e), figure(e.gradient), figure(e.weight), figure(e.update_ratio))
            for e in self._layers
        ]
        return PlotTable(self.accessibleName(), (*heads, self.tr("update / weight")), rows)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(420, _HEAD_PX + len(self._layers) * _ROW_PX)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(400, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() != Qt.MouseButton.LeftButton:
            return
        row = int((event.position().y() - _HEAD_PX) // _ROW_PX)
        if 0 <= row < len(self._layers):
            self.node_chosen.emit(self._layers[row].node)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("micro"))
        painter.setPen(current_theme().colours.text3)
        heads = (self.tr("gradient"), self.tr("weights"), self.tr("update / weight"))
        self._paint_numbers(painter, 0, _HEAD_PX, heads)
        for row in range(len(self._layers)):
            self._paint_row(painter, row)

    def _paint_row(self, painter: QPainter, row: int) -> None:
        colours, layer = current_theme().colours, self._layers[row]
        top = _HEAD_PX + row * _ROW_PX
        painter.fillRect(QRectF(0, top, self.width(), 1), colours.line)
        painter.setFont(font("small"))
        painter.setPen(colours.text)
        name = painter.fontMetrics().elidedText(
            self._name(layer), Qt.TextElideMode.ElideMiddle, self._name_px() - 8
        )
        painter.drawText(
            QRectF(0, top, self._name_px(), _ROW_PX), Qt.AlignmentFlag.AlignVCenter, name
        )
        self._paint_bar(painter, top, self.share(layer))
        painter.setPen(colours.text2)
        numbers = (figure(layer.gradient), figure(layer.weight), "")
        self._paint_numbers(painter, top, _ROW_PX, numbers)
        painter.setPen(colours.warn if self.is_unusual(layer) else colours.text2)
        self._paint_numbers(painter, top, _ROW_PX, ("", "", figure(layer.update_ratio)))

    def _paint_bar(self, painter: QPainter, top: float, share: float) -> None:
        colours = current_theme().colours
        left = float(self._name_px())
        room = max(20.0, self.width() - left - 3 * _NUMBER_PX - 10)
        trough = QRectF(left, top + (_ROW_PX - _BAR_PX) / 2, room, _BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.hover)
        painter.drawRoundedRect(trough, 3, 3)
        if share > 0:
            trough.setWidth(max(2.0, share * room))
            painter.setBrush(colours.train)
            painter.drawRoundedRect(trough, 3, 3)

    def _paint_numbers(
        self, painter: QPainter, top: float, height: float, texts: Sequence[str]
    ) -> None:
        left = self.width() - len(texts) * _NUMBER_PX
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for place, text in enumerate(texts):
            box = QRectF(left + place * _NUMBER_PX, top, _NUMBER_PX, height)
            painter.drawText(box, right, text)

    def _name_px(self) -> int:
        return min(_NAME_PX, self.width() // 4)

    def _name(self, layer: LayerGradient) -> str:
        return self._names.get(layer.node, layer.node)
