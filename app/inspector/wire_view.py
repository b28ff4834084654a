"""Properties of a selected wire: what it carries."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.document import Document
from app.figures import byte_size
from app.widgets import Label
from engine.graph.elements import Link
from nodes.sizes import known, product
from nodes.tensors import TensorType

_BYTES = {"float": 4, "int": 8, "bool": 1}
_NUMBERS = {"float": "real, 32 bit", "int": "whole, 64 bit", "bool": "true or false"}


class WireView(QWidget):
    """Where a wire leads, and the shape, kind and size of what flows along it."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._values: dict[str, Label] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(Label(self.tr("Wire"), "heading"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, 108)
        grid.setColumnStretch(1, 1)
        for row, word in enumerate(("From", "To", "Shape", "Numbers", "Per sample")):
            self._values[word] = Label(style="code" if word == "Shape" else "body")
            grid.addWidget(Label(word, tone="text2"), row, 0)
            grid.addWidget(self._values[word], row, 1)
        column.addLayout(grid)

    def show_link(self, link: Link) -> None:
        """Show a wire."""
        reports = self._document.report.nodes
        names = [
            f"{reports[end.node].title} · {end.port}" if end.node in reports else end.port
            for end in (link.source, link.target)
        ]
        tensor = self._document.report.on_link(link)
        self._values["From"].setText(names[0])
        self._values["To"].setText(names[1])
        lettered = self._document.report.in_letters(link.source)
        self._values["Shape"].setText(str(lettered) if lettered else "?")
        self._values["Numbers"].setText(_numbers(tensor))
        self._values["Per sample"].setText(_size(tensor))


def _numbers(tensor: TensorType | None) -> str:
    if tensor is None:
        return "–"
    return f"labels of {tensor.classes} classes" if tensor.classes else _NUMBERS[tensor.dtype]


def _size(tensor: TensorType | None) -> str:
    count = known(product(tensor.sample)) if tensor else None
    return "–" if count is None or tensor is None else byte_size(count * _BYTES[tensor.dtype])
