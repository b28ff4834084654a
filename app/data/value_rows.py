"""The values of a row as its file holds them, and the numbers that stand for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.figures import count
from app.theme import current_theme, font, theme_manager
from app.theme.fonts import line_height_px
from app.widgets import FlowText
from engine.data.sample_steps import SampleStep

_GAP_PX: Final = 8
_CELL_PX: Final = 9
_CELL_GAP_PX: Final = 2
_LEADING_PX: Final = 4
_NAMES, _STORED = 0.38, 0.26
"""The shares of the width that names and stored values take."""

_FARTHEST: Final = 3.0
"""Deviations from the mean at which a bar is full."""

_BAR: Final = 0.32
"""The share of what is left that a bar takes."""

_MOST: Final = 60


class ValueRows(QWidget):
    """A line for each value; hidden while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Values as stored, and as the model gets them"))
        self._sizes = FlowText("", "micro", "text3")
        self.lines = _Lines()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_LEADING_PX)
        column.addWidget(self._sizes)
        column.addWidget(self.lines)
        self.hide()

    def show_values(self, steps: Sequence[SampleStep]) -> None:
        """Show what becomes of the values of a row, or nothing."""
        self.setVisible(bool(steps))
        numbers = sum(len(step.numbers) for step in steps)
        words = self.tr("{0} values as stored → {1} numbers")
        if len(steps) == numbers == 1:
            words = self.tr("One value as stored → one number")
        self._sizes.set_words(words.format(count(len(steps)), count(numbers)))
        self.lines.show_values(steps[:_MOST])


class _Lines(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._steps: tuple[SampleStep, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_manager().changed.connect(self.updateGeometry)
        theme_manager().changed.connect(self.update)

    def show_values(self, steps: Sequence[SampleStep]) -> None:
        """Show other values."""
        self._steps = tuple(steps)
        told = "\n".join(f"{step.name}: {step.before} → {step.after}" for step in steps)
        self.setAccessibleName(told)
        self.setToolTip(told)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(240, len(self._steps) * self._line_px())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small"))
        colours = current_theme().colours
        names, stored = _NAMES * self.width(), _STORED * self.width()
        for number, step in enumerate(self._steps):
            line = QRectF(0, number * self._line_px(), names - _GAP_PX, self._line_px())
            painter.setPen(colours.text2)
            _write(painter, line, step.name)
            line.setRect(names, line.top(), stored - _GAP_PX, line.height())
            painter.setPen(colours.text)
            _write(painter, line, step.before)
            line.setRect(names + stored, line.top(), self.width() - names - stored, line.height())
            _paint_numbers(painter, line, step)

    def _line_px(self) -> int:
        return line_height_px("small") + _LEADING_PX


def _write(painter: QPainter, line: QRectF, words: str) -> None:
    shown = painter.fontMetrics().elidedText(
        words, Qt.TextElideMode.ElideRight, round(line.width())
    )
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)


def _paint_numbers(painter: QPainter, line: QRectF, step: SampleStep) -> None:
    """Draw zeros and ones as cells, one number as a bar from the middle with its figure."""
    first, *others = step.numbers
    if step.meant == "cells":
        _paint_cells(painter, line, step.numbers)
        return
    rest = QRectF(line)
    if step.meant == "amount":
        bar = QRectF(line.left(), line.center().y() - 3, line.width() * _BAR, 6)
        _paint_bar(painter, bar, first / _FARTHEST)
        rest.setLeft(bar.right() + _GAP_PX)
    if len(others) == 1:
        # Says whether the value was missing.
        cell = rest.adjusted(rest.width() - _CELL_PX - _CELL_GAP_PX, 0, 0, 0)
        _paint_cells(painter, cell, others)
        rest.setRight(cell.left())
    painter.setPen(current_theme().colours.text)
    words = f"{first:.0f}" if step.meant == "place" else f"{first:.2g}"
    words += " …" if len(others) > 1 else ""
    _write(painter, rest, words.replace("-", "−"))


def _paint_bar(painter: QPainter, bar: QRectF, share: float) -> None:
    """Draw a number from −1 to 1 to the left or the right of the middle."""
    colours = current_theme().colours
    middle = bar.center()
    length = max(-1.0, min(share, 1.0)) * bar.width() / 2
    painter.fillRect(QRectF(bar.left(), middle.y() - 0.5, bar.width(), 1), colours.line)
    full = QRectF(middle.x(), bar.top(), length, bar.height())
    painter.fillRect(full.normalized(), colours.accent)
    painter.fillRect(QRectF(middle.x() - 0.5, bar.top() - 1, 1, bar.height() + 2), colours.text3)


def _paint_cells(painter: QPainter, line: QRectF, numbers: Sequence[float]) -> None:
    colours = current_theme().colours
    step = min(_CELL_PX + _CELL_GAP_PX, line.width() / len(numbers))
    gap = _CELL_GAP_PX if step > 2 * _CELL_GAP_PX else 0
    top = line.center().y() - _CELL_PX / 2
    for place, number in enumerate(numbers):
        cell = QRectF(line.left() + place * step + 0.5, top, step - gap, _CELL_PX)
        if number:
            painter.fillRect(cell, colours.accent)
        elif gap:
            painter.setPen(QPen(colours.line2, 1))
            painter.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5))
