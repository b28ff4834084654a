"""What the model answers: classes with their probabilities, numbers, or a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.figures import figure
from app.plots.bars import BarList
from app.plots.square_picture import SquarePicture
from app.signs import visible_token
from app.widgets import FlowText, Label, SectionTitle
from engine.training.events import ProbeTaken

_ROW_PX = 28
_DRAWN_PX = 190
_MOST_ROWS = 12
_LONGEST_WORD = 12
_GAP, _MAY_BREAK = "␣", "\u200b"


class AnswerView(QWidget):
    """A bar for each class, the likeliest twelve where there are many; else the numbers.

    Where every pixel has a class, a bar is its share of the picture.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = SectionTitle(self.tr("Prediction"), "%")
        self.bars = BarList(row_px=_ROW_PX)
        self.number = Label("", "display")
        self.text = FlowText("", "body", "text")
        self.band = Label("", tone="text2")
        self.drawn = SquarePicture()
        self.drawn.setMaximumWidth(_DRAWN_PX)
        self.drawn.setAccessibleName(self.tr("What the model draws"))
        self._waiting = FlowText(self.tr("The answer stands here as soon as there is an input."))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._title, self._waiting, self.number, self.text, self.band, self.bars):
            column.addWidget(widget)
        column.addWidget(self.drawn)
        column.addStretch(1)
        self.clear()

    def clear(self) -> None:
        """Say that there is nothing to answer."""
        self._waiting.show()
        self.bars.hide()
        self.number.hide()
        self.text.hide()
        self.band.hide()
        self.drawn.hide()

    def show_answer(self, event: ProbeTaken, names: Sequence[str]) -> None:
        """Show what a probe says of its subject."""
        self._waiting.hide()
        self._show_band(event)
        self.drawn.setVisible(bool(event.drawn))
        self._title.set_note("%" if event.answer_kind != "numbers" and not event.text else "")
        if len(event.text) > _LONGEST_WORD:
            self._show_text(event.text)
        elif event.text:
            self._show_word(event.text)
        elif event.mask:
            called = np.frombuffer(event.mask, np.uint8)
            shares = np.bincount(called, minlength=len(names)) / max(called.size, 1)
            self._show_classes(shares.tolist(), names)
        elif event.drawn:
            self._show_drawn(event)
        elif event.prediction:
            self._show_classes(event.prediction, names)
        elif event.answer_kind == "yes_no" and event.answer:
            self._show_classes((1 - event.answer[0], event.answer[0]), self._yes_no())
        else:
            self._show_word("  ".join(figure(value, 4) for value in event.answer[:4]) or "–")

    def _show_word(self, text: str) -> None:
        self.bars.hide()
        self.text.hide()
        self.number.setText(text)
        self.number.show()

    def _show_text(self, text: str) -> None:
        self.bars.hide()
        self.number.hide()
        # A line may end behind the sign of a gap, as it may behind a gap.
        self.text.set_words(text.replace(_GAP, _GAP + _MAY_BREAK))
        self.text.show()

    def _show_drawn(self, event: ProbeTaken) -> None:
        for widget in (self.bars, self.number, self.text):
            widget.hide()
        self.drawn.show_pixels(np.frombuffer(event.drawn, np.uint8).reshape(event.drawn_size))

    def _show_band(self, event: ProbeTaken) -> None:
        self.band.setVisible(bool(event.band))
        if event.band:
            low, high = (figure(end, 4) for end in event.band)
            text = self.tr("{0} to {1} in {2} % of cases")
            self.band.setText(text.format(low, high, f"{event.coverage * 100:.0f}"))

    def _show_classes(self, values: Sequence[float], names: Sequence[str]) -> None:
        order = shown_classes(values)
        words = [named(k, names) for k in order]
        self.bars.show_values(words, [values[k] for k in order])
        self.bars.show()
        self.number.hide()
        self.text.hide()

    def _yes_no(self) -> tuple[str, str]:
        return self.tr("no"), self.tr("yes")


def shown_classes(values: Sequence[float]) -> list[int]:
    """Return the classes that are listed: all, or the likeliest where there are many."""
    order = list(range(len(values)))
    if len(values) > _MOST_ROWS:
        order = sorted(order, key=lambda k: -values[k])[:_MOST_ROWS]
    return order


def named(number: int, names: Sequence[str]) -> str:
    """Return what a class is called."""
    return visible_token(names[number]) if number < len(names) else str(number)
