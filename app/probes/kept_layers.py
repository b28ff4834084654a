"""Layers that stay on screen beside the one that is looked into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.probes.layer_header import LayerHeader
from app.probes.output_view import OutputView
from app.widgets import IconButton, Label
from engine.training.events import LayerProbe

MOST = 3
"""More would leave no room for any of them."""


@dataclass(frozen=True, slots=True)
class NamedLayer:
    """A layer as panels call it."""

    node: str
    title: str
    kind: str
    category: str
    glyph: str = ""


class KeptLayers(QWidget):
    """At most three panes beside each other; the oldest makes room."""

    changed = Signal()
    """Another layer is kept, or one no longer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Pinned layers"))
        self._panes: dict[str, KeptPane] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(24)
        self.hide()

    @property
    def nodes(self) -> tuple[str, ...]:
        """The ids of the layers, oldest first."""
        return tuple(self._panes)

    @property
    def panes(self) -> Mapping[str, KeptPane]:
        """The panes by the ids of their layers."""
        return self._panes

    def keep(self, layer: NamedLayer) -> None:
        """Keep a layer on screen."""
        if layer.node in self._panes:
            return
        if len(self._panes) == MOST:
            self._remove(next(iter(self._panes)))
        pane = KeptPane(layer, self)
        pane.closed.connect(self.let_go)
        self._panes[layer.node] = pane
        self._row.addWidget(pane, stretch=1)
        self.show()
        self.changed.emit()

    def let_go(self, node: str) -> None:
        """Keep a layer no longer."""
        if node in self._panes:
            self._remove(node)
            self.setVisible(bool(self._panes))
            self.changed.emit()

    def show_probes(self, probes: Mapping[str, LayerProbe], names: Sequence[str]) -> None:
        """Show the newest probe of each layer.

        Args:
            names: Of the classes, for a layer that has a value for each.
        """
        for node, pane in self._panes.items():
            pane.show_probe(probes.get(node), names)

    def _remove(self, node: str) -> None:
        pane = self._panes.pop(node)
        self._row.removeWidget(pane)
        pane.hide()
        pane.deleteLater()


class KeptPane(QWidget):
    """One layer: its name, a button to let go of it, and what it puts out."""

    closed = Signal(str)

    def __init__(self, layer: NamedLayer, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("{0}, pinned").format(layer.title))
        self._layer = layer
        header = LayerHeader()
        header.show_layer(layer.title, layer.kind, layer.category, layer.glyph)
        close = IconButton("close", self.tr("Let go of {0}").format(layer.title), size_px=24)
        close.clicked.connect(lambda: self.closed.emit(layer.node))
        header.add_trailing(close)
        self._waiting = Label(self.tr("Not looked at yet."), "small", "text2")
        self.output = OutputView()
        self.output.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(header)
        column.addWidget(self._waiting)
        column.addWidget(self.output, stretch=1)
        column.addStretch(0)

    def show_probe(self, probe: LayerProbe | None, names: Sequence[str]) -> None:
        """Show what a probe brought; nothing before there is one."""
        self._waiting.setVisible(probe is None)
        self.output.setVisible(probe is not None)
        if probe is not None:
            self.output.show_probe(probe, self._layer.category, names)
