"""Questions: for a few words of the person's own, and whether something may be done for good."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.widgets import Button, FlowText, Label

_WIDTH_PX = 380


def ask_words(
    window: QWidget, title: str, asked: str, words: str, verb: str, *, may_be_empty: bool = False
) -> str | None:
    """Ask for a few words; None where the person would rather not say.

    Args:
        asked: What stands above the field.
        words: What the field begins with.
        verb: What the button says that takes the words.
    """
    dialog = WordsDialog(window, title, asked, words, verb, may_be_empty=may_be_empty)
    answer = dialog.words if dialog.exec() else None
    dialog.deleteLater()
    return answer


def agrees(window: QWidget, question: str, outcome: str, verb: str) -> bool:
    """Ask whether something may be done that is not undone; Enter and Esc leave it.

    Args:
        outcome: What comes of it.
        verb: What the button says that does it.
    """
    dialog = AgreeDialog(window, question, outcome, verb)
    answer = bool(dialog.exec())
    dialog.deleteLater()
    return answer


class WordsDialog(QDialog):
    """A field, a button that takes what it holds, and a way out."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        asked: str,
        words: str,
        verb: str,
        *,
        may_be_empty: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH_PX)
        self._may_be_empty = may_be_empty
        self._field = QLineEdit(words)
        self._field.setAccessibleName(asked)
        self._field.selectAll()
        self._take = Button(verb, "primary")
        self._take.setDefault(True)
        self._take.clicked.connect(self.accept)
        self._field.textChanged.connect(self._offer)
        cancel = Button(self.tr("Cancel"), "ghost")
        cancel.clicked.connect(self.reject)
        column = _column(self)
        column.addWidget(Label(asked, tone="text2"))
        column.addWidget(self._field)
        column.addSpacing(8)
        column.addLayout(_row(cancel, self._take))
        self._offer()

    @property
    def words(self) -> str:
        """What was written, without the blanks around it."""
        return self._field.text().strip()

    def _offer(self) -> None:
        """Let words be taken only where there are some, if they are needed."""
        self._take.setEnabled(self._may_be_empty or bool(self.words))
        self._take.setToolTip("" if self._take.isEnabled() else self.tr("Write something first."))


class AgreeDialog(QDialog):
    """A question, what comes of it, and two buttons; the keyboard begins on the way out."""

    def __init__(self, parent: QWidget, question: str, outcome: str, verb: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(question)
        agree, cancel = Button(verb, "danger"), Button(self.tr("Cancel"), "ghost")
        agree.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        column = _column(self)
        column.addWidget(FlowText(f"**{question}**", tone="text"))
        column.addWidget(FlowText(outcome))
        column.addSpacing(8)
        column.addLayout(_row(cancel, agree))
        # Else the words are given the height that they need in a narrow column.
        self.setFixedSize(_WIDTH_PX, column.totalHeightForWidth(_WIDTH_PX))
        cancel.setFocus()


def _column(dialog: QDialog) -> QVBoxLayout:
    column = QVBoxLayout(dialog)
    column.setContentsMargins(24, 20, 24, 20)
    column.setSpacing(8)
    return column


def _row(*buttons: Button) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row
