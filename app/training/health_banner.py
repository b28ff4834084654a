"""What is going wrong in a run that goes on, and buttons that mend it."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.widgets import Button, FlowText, Glyph, IconButton, Label
from engine.training.events import HealthAct, HealthNoted

_SPACE_PX: Final = 6
_BESIDE_PX: Final = 84
"""What glyph, closing and margins take."""


class HealthBanner(QFrame):
    """The newest note that can be acted on; those before it come back once it is dealt with."""

    act_requested = Signal(object)
    """A ``HealthAct`` that the person wants done."""

    node_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "banner")
        self.setProperty("state", "warn")
        self._text = FlowText("", "small", "text")
        self._notes: list[HealthNoted] = []
        """What is not dealt with yet, the newest last."""

        self._acts: list[tuple[HealthAct, Button]] = []
        self._node = ""
        self._earlier = Label("", "small", "text2")
        self._where = Button(self.tr("Show the layer"), "ghost", extent="small")
        self._where.setAccessibleName(self._where.text())
        self._where.clicked.connect(lambda: self.node_requested.emit(self._node))
        self._close = IconButton("close", self.tr("Dismiss"), size_px=22, icon_size_px=12)
        self._close.clicked.connect(self._drop)
        self._lay_out()
        self.hide()

    def show_note(self, noted: HealthNoted) -> None:
        """Show a note with its acts, the safest first."""
        told = (noted.code, noted.node)
        self._notes = [each for each in self._notes if (each.code, each.node) != told]
        self._notes.append(noted)
        self._show_newest()

    def clear(self) -> None:
        """Show nothing: another run begins."""
        self._notes.clear()
        self._show_newest()

    def end_hold(self) -> None:
        """Take notes away that were about a run which holds: it goes on, or has ended."""
        left = [each for each in self._notes if not any(act.resumes for act in each.acts)]
        if left != self._notes:
            self._notes = left
            self._show_newest()

    def end_run(self) -> None:
        """Offer only what can still be done once the run is over: what comes with a next one."""
        self.end_hold()
        self._notes = [
            replace(each, acts=tuple(act for act in each.acts if not _needs_run(act)))
            for each in self._notes
        ]
        self._show_newest()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._break_line()

    def _show_newest(self) -> None:
        for _, button in self._acts:
            button.hide()
            button.deleteLater()
        self._acts = []
        self.setVisible(bool(self._notes))
        if not self._notes:
            return
        noted, before = self._notes[-1], len(self._notes) - 1
        self._node = noted.node or ""
        self._text.set_words(noted.text)
        self._where.setVisible(bool(self._node))
        self._acts = [(act, self._button(act)) for act in noted.acts]
        for place, (_, button) in enumerate(self._acts):
            self._row.insertWidget(place, button, alignment=Qt.AlignmentFlag.AlignLeft)
            button.show()
        # Tab comes last to what was laid on top last.
        for last in (self._where, self._close):
            last.raise_()
        self._earlier.setText(self.tr("%n more", "", before) if before else "")
        self._earlier.setVisible(bool(before))
        self.setAccessibleName(noted.text)
        self._break_line()

    def _drop(self) -> None:
        """Have dealt with the newest note."""
        del self._notes[-1:]
        self._show_newest()

    def _button(self, act: HealthAct) -> Button:
        button = Button(act.label, extent="small", parent=self)
        button.setAccessibleName(act.label)
        button.clicked.connect(lambda: self._on_act(act))
        return button

    def _break_line(self) -> None:
        """Put what can be done below one another where the words have no room side by side."""
        shown: list[QWidget] = [button for _, button in self._acts]
        shown += [self._where] if self._node else []
        shown += [self._earlier] if len(self._notes) > 1 else []
        needed = sum(part.sizeHint().width() + _SPACE_PX for part in shown)
        ways = QBoxLayout.Direction
        fits = needed <= self.width() - _BESIDE_PX
        self._row.setDirection(ways.LeftToRight if fits else ways.TopToBottom)

    def _lay_out(self) -> None:
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(_SPACE_PX)
        self._row.addWidget(self._where, alignment=Qt.AlignmentFlag.AlignLeft)
        self._row.addStretch(1)
        self._row.addWidget(self._earlier)
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
            self._drop()
        self.act_requested.emit(act)


def _needs_run(act: HealthAct) -> bool:
    """Say whether an act is done to the run itself."""
    return bool(act.reset or act.goes_back or act.resumes)
