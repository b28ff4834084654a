"""Offering what a window that did not get to close left behind, without holding anything up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from app.shell.hint_card import HintCard
from engine.project.recovery import Recovered

if TYPE_CHECKING:
    from app.main_window import MainWindow


class Recovery(QObject):
    """Asks once for each lost drawing, on a card over the canvas, which keeps its keys."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.card: HintCard | None = None

    def offer(self) -> None:
        """Offer the first drawing that was lost, if one was."""
        for lost in self._window.files.lost()[:1]:
            self._ask(lost)

    def _ask(self, lost: Recovered) -> None:
        words = self.tr(
            "**Bring back “{0}”?** Layerloom did not get to close; it is as you left it."
        )
        told = words.format(lost.project.name)
        name = self.tr("Bring back “{0}”?").format(lost.project.name)
        self.card = HintCard(
            told, self.tr("Bring it back"), self._window.canvas, self.tr("Ask later"), name=name
        )
        self.card.acted.connect(lambda: self._bring(lost))
        self.card.closed.connect(self._put_away)
        self.card.add_button(self.tr("Delete the copy")).clicked.connect(lambda: self._drop(lost))
        self._window.announcer.say(self.card.accessibleName())

    def _bring(self, lost: Recovered) -> None:
        if self._window.files.may_leave():
            self._put_away()
            self._window.files.recover(lost)
            # It says now that it is not saved, in a longer chip.
            self._window.canvas.fit_all()

    def _drop(self, lost: Recovered) -> None:
        lost.file.unlink(missing_ok=True)
        self._put_away()
        self.offer()

    def _put_away(self) -> None:
        """Take the card away, and give the keyboard back to the canvas where the card had it."""
        card, self.card = self.card, None
        if card is None:
            return
        focus = QApplication.focusWidget()
        if focus is None or card.isAncestorOf(focus):
            self._window.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        card.put_away()
