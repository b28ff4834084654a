"""The card beside a node that explains a problem and offers what mends it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.fix_choices import FixChoices, fixes_beside
from app.widgets import Button, FlowText, Glyph, IconButton, KeyCap, Label
from app.widgets.pointing import Pointing
from engine.analysis.report import Fix, Problem

WIDTH = 372
_BODY = WIDTH - 32
_SHOWN_FIXES = 3


class ErrorCard(QFrame):
    """Title, a table of what differs, a sentence, and buttons; the safest one is filled."""

    fix_chosen = Signal(object)
    """The person wants this mended: a ``Fix``."""

    fix_pointed_at = Signal(object)
    """The change of a ``Fix`` is to be shown; None where that of no fix is."""

    code_requested = Signal(str)
    """The code of a layer of one's own is wanted: its name."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.problem: Problem | None = None
        self.setProperty("kind", "card")
        self.setFixedWidth(WIDTH)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 14, 16, 14)
        self._column.setSpacing(12)
        self._body: QWidget | None = None
        self.hide()

    def show_problem(self, problem: Problem, code_offer: str = "") -> None:
        """Explain a problem; takes the place of the one before.

        Args:
            code_offer: What opens the code that the problem is about; empty for none.
        """
        self.problem = problem
        if self._body is not None:
            self._column.removeWidget(self._body)
            self._body.hide()
            self._body.deleteLater()
        self._body = self._made(problem, code_offer)
        self._column.addWidget(self._body)
        self.setAccessibleName(problem.title)
        self.setAccessibleDescription(problem.text)
        self._body.show()
        self._column.activate()
        self.resize(WIDTH, self.heightForWidth(WIDTH) if self.hasHeightForWidth() else 0)
        self.show()
        self.raise_()

    def dismiss(self) -> None:
        """Hide the card."""
        if self.problem is not None:
            self.problem = None
            self.hide()
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
            return
        super().keyPressEvent(event)

    def _made(self, problem: Problem, code_offer: str) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(self._heading(problem))
        if problem.rows:
            column.addWidget(_table(problem))
        if problem.text:
            text = FlowText(problem.text, "body", "text2")
            text.setFixedWidth(_BODY)
            column.addWidget(text)
        buttons = QVBoxLayout()
        buttons.setSpacing(8)
        if code_offer:
            buttons.addWidget(self._code_button(code_offer, problem))
        beside, further = fixes_beside(problem, _SHOWN_FIXES)
        for place, fix in enumerate(beside):
            buttons.addWidget(self._button(fix, first=place == 0 and not code_offer))
        if further:
            place = sum(not fix.takes_back for fix in beside) + bool(code_offer)
            buttons.insertWidget(place, self._choices(further))
        if buttons.count():
            column.addLayout(buttons)
        column.addLayout(self._footer(problem))
        return body

    def _heading(self, problem: Problem) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(9)
        is_error = problem.severity == "error"
        glyph = Glyph("error" if is_error else "warning", "err" if is_error else "warn", size_px=18)
        row.addWidget(glyph)
        title = FlowText(problem.title, "body", "text")
        title.setFont(Label("", weight=600).font())
        row.addWidget(title, 1)
        close = IconButton("close", self.tr("Close"), size_px=24, icon_size_px=12)
        close.clicked.connect(self.dismiss)
        row.addWidget(close)
        return row

    def _code_button(self, words: str, problem: Problem) -> QWidget:
        button = Button(words, "primary", icon_name="code")
        button.setProperty("align", "left")
        button.setStyleSheet("text-align: left;")
        button.clicked.connect(lambda: self.code_requested.emit(problem.own_layer))
        return button

    def _button(self, fix: Fix, *, first: bool) -> QWidget:
        button = _FixButton(fix, first=first)
        button.clicked.connect(lambda: self.fix_chosen.emit(fix))
        Pointing(button).changed.connect(lambda on: self.fix_pointed_at.emit(fix if on else None))
        return button

    def _choices(self, fixes: Sequence[Fix]) -> QWidget:
        button = FixChoices(fixes)
        button.setProperty("align", "left")
        button.setStyleSheet("text-align: left;")
        button.chosen.connect(self.fix_chosen)
        button.pointed_at.connect(self.fix_pointed_at)
        return button

    def _footer(self, problem: Problem) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        if problem.fixes:
            row.addWidget(KeyCap("Ctrl ."))
            row.addWidget(Label(self.tr("quick fixes"), "small", "text3"))
        row.addStretch(1)
        row.addWidget(Label(problem.code, "small", "text3"))
        return row


class _FixButton(Button):
    """A button over the whole width: what it does at the left, what it changes at the right."""

    def __init__(self, fix: Fix, *, first: bool) -> None:
        super().__init__(
            fix.label,
            "primary" if first else "plain",
            icon_name="undo" if fix.takes_back else "wand",
        )
        self.setProperty("align", "left")
        self.setStyleSheet("text-align: left;")
        self.setAccessibleDescription(fix.detail)
        self._detail = Label(fix.detail, "small", "text2", parent=self)
        self._detail.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if first:
            self._detail.setStyleSheet("color: palette(bright-text);")
            self._detail.setVisible(False)
        self._detail.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        if watched is self and event.type() == QEvent.Type.Resize:
            self._detail.setGeometry(self.rect().adjusted(0, 0, -12, 0))
        return False


def _table(problem: Problem) -> QFrame:
    table = QFrame()
    table.setProperty("kind", "card")
    grid = QGridLayout(table)
    grid.setContentsMargins(12, 4, 12, 4)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(0)
    grid.setColumnStretch(2, 1)
    for number, (name, shape, origin) in enumerate(problem.rows):
        if number:
            grid.addWidget(_line(), 2 * number - 1, 0, 1, 3)
        texts = (
            Label(name, "small", "text2"),
            Label(shape, "shape", "err"),
            Label(origin, "small", "text2"),
        )
        for column, label in enumerate(texts):
            label.setMinimumHeight(30)
            grid.addWidget(label, 2 * number, column)
        # The sizes are what it is about: where from is cut short, not they.
        texts[1].setMinimumWidth(texts[1].sizeHint().width())
    return table


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("kind", "line")
    return line
