"""The inputs that a person keeps to look at again."""

from __future__ import annotations

import json

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.plots.images import sample_image
from app.theme import Theme, font
from app.tryout.pad import Given

MOST = 8
_SIDE_PX = 32


class KeptInputs:
    """Newest first, at most eight."""

    def __init__(self) -> None:
        self._kept: list[Given] = []

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, place: int) -> Given:
        return self._kept[place]

    def add(self, given: Given) -> None:
        """Keep an input; the oldest gives way."""
        self._kept = [given, *self._kept][:MOST]

    def clear(self) -> None:
        """Forget all: the model takes something else now."""
        self._kept.clear()

    def pictures(self, theme: Theme) -> list[QImage]:
        """Return a picture of each."""
        return [
            _numbered(place + 1, theme)
            if given.pixels is None
            else sample_image(given.pixels, theme)
            for place, given in enumerate(self._kept)
        ]

    def texts(self) -> list[str]:
        """Return what was typed, input by input; blank for what was given otherwise."""
        return [_typed(given) for given in self._kept]


def _typed(given: Given) -> str:
    columns = list(json.loads(given.subject.columns or "{}").values())
    return str(columns[0][0]) if len(columns) == 1 else ""


def _numbered(number: int, theme: Theme) -> QImage:
    image = QImage(_SIDE_PX, _SIDE_PX, QImage.Format.Format_RGBA8888)
    image.fill(theme.colours.hover)
    painter = QPainter(image)
    painter.setFont(font("small"))
    painter.setPen(theme.colours.text)
    painter.drawText(QRectF(image.rect()), Qt.AlignmentFlag.AlignCenter, str(number))
    painter.end()
    return image
