"""Below the tree: figures of the selection, and which colour is which category."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.document import Document
from app.figures import count
from app.theme import ThemeManager
from app.widgets import Divider, Label
from app.widgets.elided_label import ElidedLabel
from engine.graph.elements import Link, NodeId
from nodes.catalogue import CATEGORIES, kind_named
from nodes.layer import Category

_INSET_PX = 16


class Summary(QWidget):
    """Layers, parameters, input and output of what is selected, or of the whole drawing."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._title = ElidedLabel("", weight=600)
        self._note = Label("", "small", "text3")
        self._values = {
            self.tr("Layers"): Label(),
            self.tr("Parameters"): Label(),
            self.tr("Input"): ElidedLabel(style="shape"),
            self.tr("Output"): ElidedLabel(style="shape"),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Divider())
        inner = QVBoxLayout()
        inner.setContentsMargins(_INSET_PX, 12, _INSET_PX, 12)
        inner.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(self._title, stretch=1)
        head.addWidget(self._note)
        inner.addLayout(head)
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        for row, (word, value) in enumerate(self._values.items()):
            grid.addWidget(Label(word, tone="text2"), row, 0)
            grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
        inner.addLayout(grid)
        column.addLayout(inner)

    def refresh(self, title: str) -> None:
        """Show the figures of the selection; ``title`` is its name where it has one."""
        graph, report = self._document.graph, self._document.report
        chosen = self._document.selection or frozenset(graph.nodes)
        is_selection = bool(self._document.selection)
        inside = self._document.definition
        whole = self.tr("whole drawing") if inside is None else self.tr("whole composite")
        name = self._document.project.name if inside is None else inside.name
        self._title.setText(title or name)
        self._note.setText(self.tr("selected") if is_selection else whole)
        parameters = sum(report.nodes[n].parameters for n in chosen if n in report.nodes)
        arriving = [link for link in graph.links if _enters(link, chosen)]
        leaving = [link for link in graph.links if _enters(_turned(link), chosen)]
        texts = (
            count(len(chosen)),
            count(parameters),
            self._shapes(arriving),
            self._shapes(leaving) or self._own_outputs(chosen),
        )
        for value, text in zip(self._values.values(), texts, strict=True):
            value.setText(text or "–")

    def _shapes(self, links: list[Link]) -> str:
        tensors = (self._document.report.in_letters(link.source) for link in links)
        texts = dict.fromkeys(str(tensor) if tensor is not None else "?" for tensor in tensors)
        return ", ".join(list(texts)[:2])

    def _own_outputs(self, chosen: frozenset[NodeId]) -> str:
        if len(chosen) != 1:
            return ""
        found = self._document.report.node_in_letters(next(iter(chosen)))
        return ", ".join(str(t) for t in found.outputs.values()) if found is not None else ""


class Legend(QWidget):
    """How many nodes of each category the drawing holds."""

    def __init__(self, document: Document, theme: ThemeManager) -> None:
        super().__init__()
        self._document = document
        self._theme = theme
        self._shown: dict[Category, int] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Divider())
        inner = QVBoxLayout()
        inner.setContentsMargins(_INSET_PX, 12, _INSET_PX, 14)
        inner.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(Label(self.tr("Colours"), weight=600), stretch=1)
        head.addWidget(Label(self.tr("nodes"), "small", "text3"))
        inner.addLayout(head)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(9)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        inner.addLayout(self._grid)
        column.addLayout(inner)

    def refresh(self) -> None:
        """Count again."""
        kinds = (kind_named(node.kind) for node in self._document.graph.nodes.values())
        counts = Counter(layer.info.category for layer in kinds if layer is not None)
        shown = {category: counts[category] for category in CATEGORIES if counts[category]}
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self._grid.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        for row, (category, nodes) in enumerate(shown.items()):
            self._grid.addWidget(_Swatch(category, self._theme), row, 0)
            self._grid.addWidget(ElidedLabel(CATEGORIES[category], tone="text2"), row, 1)
            number = Label(count(nodes), tone="text2")
            self._grid.addWidget(number, row, 2, Qt.AlignmentFlag.AlignRight)


class _Swatch(QWidget):
    def __init__(self, category: Category, theme: ThemeManager) -> None:
        super().__init__()
        self._category = category
        self._theme = theme
        self.setFixedSize(16, 16)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.theme.category[self._category])
        painter.drawRoundedRect(QRectF(0, 4, 16, 8), 2, 2)


def _enters(link: Link, chosen: frozenset[NodeId]) -> bool:
    return link.target.node in chosen and link.source.node not in chosen


def _turned(link: Link) -> Link:
    return Link(link.target, link.source)
