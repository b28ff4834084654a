"""Letters beside places of the canvas: typing one chooses its place without the pointer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from app.canvas.style import Style, draw_text, text_width

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""Those under the fingers first."""

_HEIGHT = 20.0
_PADDING = 6.0


@dataclass(frozen=True, slots=True)
class Choice:
    """One place that can be chosen."""

    at: QPointF
    """On the canvas; the letter stands in the middle of it."""

    run: Callable[[], object]


class Lettering:
    """The letters shown at present; none most of the time."""

    def __init__(self) -> None:
        self._choices: dict[str, Choice] = {}
        self._typed = ""

    @property
    def is_shown(self) -> bool:
        """Whether letters wait for being typed."""
        return bool(self._choices)

    @property
    def labels(self) -> Sequence[str]:
        """The letters shown, in reading order of their places."""
        return tuple(self._choices)

    def show(self, choices: Sequence[Choice]) -> None:
        """Give every place its letters, from the top down and from left to right."""
        ordered = sorted(choices, key=lambda choice: (choice.at.y(), choice.at.x()))
        # Of more than letters can name, the lowest go without.
        self._choices = dict(zip(labels_for(len(ordered)), ordered, strict=False))
        self._typed = ""

    def close(self) -> None:
        """Show none."""
        self._choices, self._typed = {}, ""

    def take(self, letter: str) -> bool:
        """Take a letter that was typed; say whether it leads on to a place."""
        typed = self._typed + letter.lower()
        if not any(label.startswith(typed) for label in self._choices):
            return False
        self._typed = typed
        chosen = self._choices.get(typed)
        if chosen is not None:
            self.close()
            chosen.run()
        return True

    def paint(self, painter: QPainter, style: Style, zoom: float) -> None:
        """Paint the letters in the same size at every zoom."""
        for label, choice in self._choices.items():
            if label.startswith(self._typed):
                _paint_label(painter, style, zoom, choice.at, label[len(self._typed) :])


def labels_for(count: int) -> tuple[str, ...]:
    """Return labels of which none begins another: one letter each while there are enough.

    Of more than pairs of letters can name, the last get none.
    """
    if count <= len(LETTERS):
        return tuple(LETTERS[:count])
    pairs = ("".join(pair) for pair in product(LETTERS, repeat=2))
    return tuple(pair for _, pair in zip(range(count), pairs, strict=False))


def _paint_label(painter: QPainter, style: Style, zoom: float, at: QPointF, label: str) -> None:
    colours = style.colours
    text = label.upper()
    width = max(_HEIGHT, text_width(text, "small", 600) + 2 * _PADDING)
    painter.save()
    painter.translate(at)
    painter.scale(1 / zoom, 1 / zoom)
    box = QRectF(-width / 2, -_HEIGHT / 2, width, _HEIGHT)
    painter.setPen(QPen(colours.accent, 1.5))
    painter.setBrush(colours.raised)
    painter.drawRoundedRect(box, 5, 5)
    left = -text_width(text, "small", 600) / 2
    draw_text(painter, left, 0, text, "small", colours.accent, weight=600)
    painter.restore()
