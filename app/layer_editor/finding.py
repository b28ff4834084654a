"""Asks a process of its own what layers do, and lets the drawing be looked at again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QObject

from app.document import Document
from app.handover import Handover
from engine.own_layers.finder import Finder
from nodes.errors import LoomError
from nodes.own_layer import Answer, Failed, Question, remember


class ShapeFinding(QObject):
    """Answers the questions of the document's analysis, one after the other."""

    def __init__(self, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._finder = Finder()
        self._asked: set[Question] = set()
        self._executor: ThreadPoolExecutor | None = None
        self._answered: Handover[Question] = Handover(self, self._on_answered)
        document.report_changed.connect(self.look)

    def look(self) -> None:
        """Ask what the newest analysis left open."""
        for question in self._document.model_report.questions:
            if question not in self._asked:
                self._asked.add(question)
                self._ask(question)

    def close(self) -> None:
        """End the process, whatever it is at."""
        self._finder.close()
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def _ask(self, question: Question) -> None:
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="own layers")
        # The thread holds neither the window's object nor anything of Qt that could go with it.
        self._executor.submit(_find, self._finder, question, self._answered)

    def _on_answered(self, question: Question) -> None:
        self._asked.discard(question)
        if question in self._document.model_report.questions:
            self._document.look_again()


def _find(finder: Finder, question: Question, answered: Handover[Question]) -> None:
    """Find an answer and keep it; on the thread."""
    answer: Answer
    try:
        answer = finder.find(question)
    except LoomError as error:
        answer = Failed(title=error.title, why=error.why)
    remember(question, answer)
    answered.give(question)
