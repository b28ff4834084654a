"""Asks whether the code that came with a project may run, and shows all of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.code.view import CodeView
from app.theme import ThemeManager
from app.widgets import Button, FlowText, Label, TabRow
from nodes.errors import CodeError
from nodes.own_code import imported_modules, parsed

_SIZE = QSize(760, 620)


class TrustDialog(QDialog):
    """Shows code by layer; ``Run it`` accepts, everything else leaves it alone.

    Args:
        code: The texts by the names of their layers.
    """

    def __init__(
        self, project: str, code: Mapping[str, str], theme: ThemeManager, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.code = dict(code)
        self.setWindowTitle(self.tr("Code in this project"))
        self.resize(_SIZE)
        self.view = CodeView(theme)
        self.view.setAccessibleName(self.tr("The code that would run"))
        self._tabs = TabRow(self.tr("Layers with code"))
        for name in self.code:
            self._tabs.add_tab(name, name)
        self._imports = FlowText("", "small", "text2")
        self._build(project)
        self._tabs.chosen.connect(self._show)
        self._show(next(iter(self.code)))
        self._leave.setFocus()

    @property
    def imports(self) -> str:
        """What is said of the modules that the code on show imports."""
        return self._imports.accessibleName()

    def _build(self, project: str) -> None:
        count = len(self.code)
        layers = self.tr("a layer") if count == 1 else self.tr("{0} layers").format(count)
        title = Label(self.tr("Run the code in “{0}”?").format(project), "heading")
        title.setWordWrap(True)
        words = self.tr(
            "It holds {0} in Python, which nobody has looked at here yet. Code can do whatever "
            "you can do on this computer: read your files, delete them, send them away. "
            "Run it only if you know who wrote it, or understand all of it."
        )
        head = QVBoxLayout()
        head.setContentsMargins(20, 18, 20, 10)
        head.setSpacing(8)
        head.addWidget(title)
        head.addWidget(FlowText(words.format(layers)))
        head.addWidget(self._imports)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._tabs)
        column.addWidget(self.view, stretch=1)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        self._leave = Button(self.tr("Open without running"), "primary")
        self._leave.setDefault(True)
        run = Button(self.tr("Run it"))
        self._leave.clicked.connect(self.reject)
        run.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setContentsMargins(20, 12, 20, 16)
        row.setSpacing(8)
        note = FlowText(
            self.tr("Remembered for exactly this code; changed code asks again."), "small", "text3"
        )
        row.addWidget(note, stretch=1)
        row.addWidget(run)
        row.addWidget(self._leave)
        return row

    def _show(self, name: str) -> None:
        text = self.code[name]
        self.view.set_source(visible(text))
        self._imports.set_words(_said_of_imports(text))


def visible(text: str) -> str:
    """Return a text in which nothing hides: letters that change the order of others are named."""
    return "".join(
        f"\\u{ord(letter):04x}" if unicodedata.category(letter) == "Cf" else letter
        for letter in text
    )


def _said_of_imports(text: str) -> str:
    try:
        names = sorted(set(imported_modules(parsed(text))))
    except CodeError:
        return "What it imports cannot be read: this is no Python."
    return f"It imports {', '.join(names)}." if names else "It imports nothing."
