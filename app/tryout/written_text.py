"""What a model writes after a beginning, and how daring it is."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.theme import current_theme, line_height_px, theme_manager
from app.widgets import Button, Label, NumberField, SectionTitle
from engine.training.texts import TextWritten, Writing

_LETTERS, _WORDS = 240, 60
_FIELD_PX = 84


class WrittenText(QWidget):
    """A button that lets the model go on with a text, the temperature, and the text."""

    wanted = Signal(object)
    """A ``Writing``: the model is to go on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Written on"))
        self._begin = ""
        self._text = ""
        self._seed = 0
        self._tokens = _LETTERS
        self._build()
        self.clear()
        theme_manager().changed.connect(self._draw)

    def set_unit(self, unit: str) -> None:
        """Say what the model writes: letters or words."""
        self._tokens = _LETTERS if unit == "character" else _WORDS

    def clear(self) -> None:
        """Show no text: the beginning is another one."""
        self._begin = self._text = ""
        self._draw()

    def set_can_write(self, *, can: bool) -> None:
        """Let it be asked for, or say what is missing."""
        self.button.setEnabled(can)
        self.button.setToolTip("" if can else self.tr("Write a beginning first."))

    def show_text(self, begin: str, event: TextWritten) -> None:
        """Show what is written so far behind its beginning."""
        self._begin, self._text = begin, event.text
        self._draw()

    def _on_clicked(self) -> None:
        self._seed += 1
        temperature = float(self.temperature.value)
        self.wanted.emit(Writing(tokens=self._tokens, temperature=temperature, seed=self._seed))

    def _draw(self) -> None:
        self.text.setVisible(bool(self._text))
        self._hint.setVisible(not self._text)
        quiet = current_theme().colours.text3.name()
        # What comes from a model and a person is only ever text.
        self.text.setText(
            f'<p style="white-space: pre-wrap; line-height: {line_height_px("body")}px">'
            f'<span style="color: {quiet}">{escape(self._begin)}</span>{escape(self._text)}</p>'
        )
        self.text.setAccessibleName(f"{self._begin}{self._text}")

    def _build(self) -> None:
        title = SectionTitle(
            self.tr("Written on"), self.tr("each token follows from those before it")
        )
        self.temperature = NumberField(
            self.tr("Temperature"), 0.7, whole=False, low=0, high=5, step=0.1
        )
        self.temperature.setFixedWidth(_FIELD_PX)
        self.temperature.setToolTip(
            self.tr("Low keeps to what is likely, high dares more. 0 leaves nothing to chance.")
        )
        self.button = Button(self.tr("Write on"), extent="small")
        self.button.clicked.connect(self._on_clicked)
        title.add_trailing(Label(self.tr("Temperature"), "small", "text3"))
        title.add_trailing(self.temperature)
        title.add_trailing(self.button)
        self._hint = Label(
            self.tr("Write a beginning, and the model goes on with it."), tone="text2"
        )
        self.text = Label("", tone="text")
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.text.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (title, self._hint, self.text):
            column.addWidget(widget)
