"""The window in which a layer is written: its text, what it describes, and a button that saves."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMessageBox, QVBoxLayout, QWidget

from app.document import Document
from app.layer_editor.text import LayerText
from app.layer_editor.words import Said, said_of_runs, said_of_text
from app.theme import ThemeManager
from app.widgets import Button, FlowText, Glyph, Label
from engine.graph.elements import Graph
from engine.graph.own_layers import write_code
from engine.own_layers.trust import trust
from engine.project.layer_files import save_layer
from nodes.errors import LoomError
from nodes.own_code import read_code

_SIZE = QSize(760, 640)
_SETTLE_MS = 200
_HELP = (
    "__init__ takes what Properties show, forward what the wires bring. "
    "in_channels and in_features follow from what arrives."
)


class LayerEditor(QDialog):
    """Edits one text of the drawing; each save is one step of the history."""

    kept = Signal()
    """The layer is in the person's folder now."""

    distrusted = Signal(str)
    """The code of the layer with this name is to be run no more."""

    def __init__(self, document: Document, name: str, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self.name = name
        self.text = LayerText(theme)
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.resize(_SIZE)
        self._build()
        self._connect()
        self._take()

    @property
    def is_modified(self) -> bool:
        """Whether the text is another than that of the drawing."""
        text = self._document.project.graph.code.get(self.name)
        return text is not None and self._written() != text

    @property
    def message(self) -> str:
        """The line below the text."""
        return self._words.accessibleName()

    def save(self) -> bool:
        """Put the text into the drawing as one step; say whether it could be."""
        text, before = self._written(), self.name
        said = said_of_text(text)
        if said.tone == "err":
            self._say(said)
            self.text.go_to(said.line)
            return False
        try:
            # It was typed here.
            trust([text])
        except LoomError as error:
            self._say(Said("err", str(error)))
            return False
        refused: list[LoomError] = []
        listening = self._document.refused.connect(refused.append)
        self.name = read_code(text).name
        self._document.edit_model(
            self.tr("Edit code of {0}").format(self.name),
            lambda graph: _written_to(graph, before, text),
        )
        self._document.refused.disconnect(listening)
        if refused:
            self.name = before
            self._say(Said("err", str(refused[0])))
            return False
        self._show_state()
        return True

    def keep(self) -> None:
        """Put the layer into the person's folder, for any project."""
        if not self.save():
            return
        try:
            file = save_layer(self._written())
        except LoomError as error:
            self._say(Said("err", str(error)))
            return
        self._say(Said("ok", self.tr("Kept in My layers: {0}").format(file)))
        self.kept.emit()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt override
        if self._may_close():
            event.accept()
        else:
            event.ignore()

    def reject(self) -> None:
        if self._may_close():
            super().reject()

    def _build(self) -> None:
        self._title = Label("", "heading")
        self._glyph = Glyph("info", "text3")
        self._words = FlowText("", "small", "text2")
        self._save = Button(self.tr("Save"), "primary")
        self._save.setToolTip("Ctrl+S")
        self._keep = Button(self.tr("Keep in My layers"), "ghost", icon_name="library")
        self._keep.setToolTip(self.tr("Saves it, and offers it in the library for any project."))
        self._distrust = Button(self.tr("Stop trusting"), "ghost", icon_name="lock")
        self._distrust.setToolTip(self.tr("This code is not run again until you say so."))
        self._shut = Button(self.tr("Close"), "ghost")
        below = QHBoxLayout()
        below.setContentsMargins(20, 10, 20, 0)
        below.setSpacing(8)
        below.addWidget(self._glyph, alignment=Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._words, stretch=1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 8, 20, 16)
        buttons.setSpacing(8)
        buttons.addWidget(self._keep)
        buttons.addWidget(self._distrust)
        buttons.addStretch(1)
        buttons.addWidget(self._shut)
        buttons.addWidget(self._save)
        head = QVBoxLayout()
        head.setContentsMargins(20, 16, 20, 10)
        head.setSpacing(2)
        head.addWidget(self._title)
        head.addWidget(FlowText(self.tr(_HELP), "small", "text3"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.text, stretch=1)
        column.addLayout(below)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self._save.clicked.connect(self.save)
        self._keep.clicked.connect(self.keep)
        self._distrust.clicked.connect(self._on_distrusted)
        self._shut.clicked.connect(self.reject)
        for keys in ("Ctrl+S", "Ctrl+Return"):
            QShortcut(QKeySequence(keys), self, self.save)
        self.text.textChanged.connect(self._timer.start)
        self._timer.timeout.connect(self._show_state)
        self._document.history_changed.connect(self._on_history)
        self._document.report_changed.connect(self._show_state)

    def _on_distrusted(self) -> None:
        if self._may_close():
            self.hide()
            self.distrusted.emit(self.name)

    def _written(self) -> str:
        return self.text.toPlainText().rstrip() + "\n"

    def _take(self) -> None:
        """Show what the drawing holds."""
        self._shown = self._document.project.graph.code.get(self.name, "")
        self.text.set_source(self._shown)
        self._show_state()

    def _on_history(self) -> None:
        """Follow the drawing where nothing was typed meanwhile."""
        now = self._document.project.graph.code.get(self.name, "")
        if now and now != self._shown and self._written() == self._shown.rstrip() + "\n":
            self._take()
        self._shown = now or self._shown
        self._show_state()

    def _show_state(self) -> None:
        modified = self.is_modified
        self._title.setText(self.name)
        self.setWindowTitle(f"{self.name}[*] – Layerloom")
        self.setWindowModified(modified)
        self._save.setEnabled(modified)
        said = said_of_text(self._written())
        if self.name not in self._document.project.graph.code:
            said = Said("err", self.tr("The layer is no longer in the drawing."))
        if said.tone != "err" and not modified:
            said = said_of_runs(self._document.report, self.name) or said
        self._say(said)

    def _say(self, said: Said) -> None:
        glyph, tone = {
            "ok": ("check", "ok"),
            "err": ("error", "err"),
            "info": ("info", "text3"),
        }[said.tone]
        self._glyph.set_glyph(glyph, tone)
        self._words.set_words(said.words)
        self.text.show_error(said.line)

    def _may_close(self) -> bool:
        if not self.is_modified:
            return True
        box = QMessageBox(self)
        box.setText(self.tr("Save the changes of {0}?").format(self.name))
        save = box.addButton(self.tr("Save"), QMessageBox.ButtonRole.AcceptRole)
        drop = box.addButton(self.tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.exec()
        if box.clickedButton() is save:
            return self.save()
        if box.clickedButton() is drop:
            self._take()
            return True
        return False


def _written_to(graph: Graph, name: str, text: str) -> Graph:
    if graph.code.get(name) == text:
        return graph
    return write_code(graph, name, text)
