"""What is going wrong in a run that goes on, and buttons that mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.widgets import Button, FlowText, Glyph, IconButton
from engine.training.events import HealthAct, HealthNoted

_SPACE_PX: Final = 6
_BESIDE_PX: Final = 84
"""What glyph, closing and margins take."""


class HealthBanner(QFrame):
    """The newest note that can be acted on; another one takes its place."""

    act_requested = Signal(object)
    """A ``HealthAct`` that the person wants done."""

    node_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "banner")
        self.setProperty("state", "warn")
        self._text = FlowText("", "small", "text")
        self._acts: list[tuple[HealthAct, Button]] = []
        self._node = ""
        self._is_of_hold = False
        self._where = Button(self.tr("Show the layer"), "ghost", extent="small")
        self._where.setAccessibleName(self._where.text())
        self._where.clicked.connect(lambda: self.node_requested.emit(self._node))
        self._close = IconButton("close", self.tr("Dismiss"), size_px=22, icon_size_px=12)
        self._close.clicked.connect(self.hide)
        self._lay_out()
        self.hide()

    def show_note(self, noted: HealthNoted) -> None:
        """Show a note with its acts, the safest first."""
        self._node = noted.node or ""
        self._is_of_hold = any(act.resumes for act in noted.acts)
        self._text.set_words(noted.text)
        self._where.setVisible(bool(self._node))
        self._take_away(self._acts)
        self._acts = [(act, self._button(act)) for act in noted.acts]
        for place, (_, button) in enumerate(self._acts):
            self._row.insertWidget(place, button, alignment=Qt.AlignmentFlag.AlignLeft)
        self.setAccessibleName(noted.text)
        self._break_line()
        self.show()

    def end_hold(self) -> None:
        """Take a note away that was about a run which holds: it goes on, or has ended."""
        if self._is_of_hold:
            self.hide()

    def end_run(self) -> None:
        """Offer only what can still be done once the run is over: what comes with a next one."""
        self.end_hold()
        self._take_away([(act, button) for act, button in self._acts if _needs_run(act)])
        self._break_line()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._break_line()

    def _take_away(self, acts: Sequence[tuple[HealthAct, Button]]) -> None:
        for _, button in acts:
            button.hide()
            button.deleteLater()
        self._acts = [one for one in self._acts if one not in acts]

    def _button(self, act: HealthAct) -> Button:
        button = Button(act.label, extent="small", parent=self)
        button.setAccessibleName(act.label)
        button.clicked.connect(lambda: self._on_act(act))
        return button

    def _break_line(self) -> None:
        """Put what can be done below one another where the words have no room side by side."""
        buttons = [button for _, button in self._acts]
        shown = [*buttons, *([self._where] if self._node else [])]
        needed = sum(button.sizeHint().width() + _SPACE_PX for button in shown)
        ways = QBoxLayout.Direction
        fits = needed <= self.width() - _BESIDE_PX
        self._row.setDirection(ways.LeftToRight if fits else ways.TopToBottom)

    def _lay_out(self) -> None:
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(_SPACE_PX)
        self._row.addWidget(self._where, alignment=Qt.AlignmentFlag.AlignLeft)
        self._row.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self._text)
        column.addLayout(self._row)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        glyph = Glyph("warning", "warn", size_px=18)
        glyph.setAccessibleName(self.tr("Hint"))
        for widget in (glyph, self._close):
            side = QVBoxLayout()
            side.addWidget(widget)
            side.addStretch(1)
            row.addLayout(side)
        row.insertLayout(1, column, stretch=1)

    def _on_act(self, act: HealthAct) -> None:
        # What was only looked at is still to be mended.
        if not act.shows:
            self.hide()
        self.act_requested.emit(act)


def _needs_run(act: HealthAct) -> bool:
    """Say whether an act is done to the run itself."""
    return bool(act.reset or act.goes_back or act.resumes)
