"""The two hints of a first hour: what to do first, and what there is after the first run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.figures import percent
from app.shell.hint_card import HintCard
from engine.project.templates import STARTER, open_template
from engine.training.events import RunEnded

if TYPE_CHECKING:
    from app.main_window import MainWindow

_FIRST = "first-run"
_AFTER = "after-first-run"
_WELL = ("finished", "stopped_early")
_PAUSE_MS = 300
"""After the end of a run, so that what it brought is painted first."""


class Hints(QObject):
    """Shows each hint once: a hint that was closed, or that has come true, never comes again."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._shown: dict[str, HintCard] = {}
        self._words = ""
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._soon.timeout.connect(self._offer_trying)
        window.run_view.began.connect(self._on_began)
        window.run_view.ended.connect(self._on_ended)
        window.files.opened.connect(self._on_opened)
        window.document.report_changed.connect(self._on_report_changed)
        window.layouts.arranged.connect(self._on_arranged)

    def card(self, hint: str) -> HintCard | None:
        """Return the card of a hint while it is on screen."""
        return self._shown.get(hint)

    @property
    def is_coming(self) -> bool:
        """Whether a hint is about to be shown."""
        return self._soon.isActive()

    def welcome(self) -> None:
        """Say on a first start what the starter project is for."""
        if self._window.document.project != open_template(STARTER):
            return
        words = self.tr(
            "This network reads handwritten digits. Press **Train**, then draw a digit and watch "
            "every layer respond."
        )
        card = self._show(_FIRST, words, self.tr("Browse templates"))
        if card is not None:
            card.acted.connect(self._window.new_project)

    def _on_report_changed(self) -> None:
        # Who draws needs no welcome, and the card of the problem stands in the same place.
        if self._window.document.model_report.errors:
            self._put_away(_FIRST)

    def _on_opened(self) -> None:
        # What was trained is no longer on screen.
        self._soon.stop()
        for hint in (_FIRST, _AFTER):
            self._put_away(hint)

    def _on_arranged(self) -> None:
        if self._window.layouts.current == "try":
            self._close(_AFTER)

    def _on_began(self) -> None:
        self._soon.stop()
        self._put_away(_FIRST)

    def _on_ended(self, event: RunEnded) -> None:
        if event.outcome not in _WELL:
            return
        self._window.settings.set_done(_FIRST)
        if self._window.settings.is_done(_AFTER):
            return
        self._words = self.tr("The network is trained. Give it something it never saw.")
        if event.metric == "accuracy" and event.validation_metric is not None:
            self._words = self.tr("**{0}** right on samples that it never saw.").format(
                percent(event.validation_metric)
            )
        self._soon.start()

    def _offer_trying(self) -> None:
        card = self._show(_AFTER, self._words, self.tr("Try your own"))
        if card is not None:
            card.acted.connect(lambda: self._window.show_layout("try"))

    def _show(self, hint: str, words: str, action: str) -> HintCard | None:
        if self._window.settings.is_done(hint) or hint in self._shown:
            return None
        if self._window.lessons.card is not None:  # it stands in the same place
            return None
        name = self.tr("First steps") if hint == _FIRST else self.tr("What is next")
        card = HintCard(words, action, self._window.canvas, name=name)
        card.closed.connect(lambda: self._close(hint))
        card.acted.connect(lambda: self._close(hint))
        self._shown[hint] = card
        return card

    def _close(self, hint: str) -> None:
        self._window.settings.set_done(hint)
        self._put_away(hint)

    def _put_away(self, hint: str) -> None:
        card = self._shown.pop(hint, None)
        if card is not None:
            card.put_away()
