"""The plane of a model's two inputs, coloured by what it answers there, with the samples on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.figures import figure
from app.plots.class_colours import class_colour
from app.plots.tables import PlotTable, offer_plot
from app.theme import current_theme, font, theme_manager
from app.theme.colormaps import activation_table
from engine.training.questions import DecisionMapped

_LEFT_PX, _BOTTOM_PX = 34, 20
_STRONGEST = 0.55
_POINT_PX = 3.2


class DecisionPlot(QWidget):
    """Strong colour where the model is sure; a sample that it calls wrongly is hollow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mapped: DecisionMapped | None = None
        self._image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Decision surface"))
        offer_plot(self, self.table)
        theme_manager().changed.connect(self._draw)

    @property
    def image(self) -> QImage:
        """The plane alone, one pixel for each place of the grid."""
        return self._image

    def show_decision(self, mapped: DecisionMapped) -> None:
        """Show what the model answers now."""
        self._mapped = mapped
        words = self.tr("Decision surface of {0} samples, epoch {1}")
        samples = len(mapped.points) // 8
        self.setAccessibleDescription(words.format(samples, f"{mapped.epoch:.3g}"))
        self._draw()

    def table(self) -> PlotTable:
        """Each sample: its two numbers, its class, and what the model answers beside it."""
        heads = (self.tr("First"), self.tr("Second"), self.tr("Label"), self.tr("Answer"))
        return PlotTable(self.accessibleName(), heads, self._rows())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(360, 320)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        mapped = self._mapped
        if mapped is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._box, self._image)
        self._paint_samples(painter, mapped)
        self._paint_numbers(painter, mapped)

    def _paint_samples(self, painter: QPainter, mapped: DecisionMapped) -> None:
        theme, box = current_theme(), self._box
        points = np.frombuffer(mapped.points, np.float32).reshape(-1, 2)
        truths = np.frombuffer(mapped.truths, np.int32)
        wrong = wrongly_called(mapped)
        low, high = np.array(mapped.low), np.array(mapped.high)
        shares = (points - low) / (high - low)
        for k, (x, y) in enumerate(shares.tolist()):
            at = QPointF(box.left() + x * box.width(), box.bottom() - y * box.height())
            ink = self._ink(int(truths[k])) if truths.size else theme.colours.text
            is_wrong = bool(wrong.size and wrong[k])
            painter.setPen(QPen(ink if is_wrong else theme.colours.panel, 1.6 if is_wrong else 0.8))
            painter.setBrush(theme.colours.panel if is_wrong else ink)
            painter.drawEllipse(at, _POINT_PX, _POINT_PX)

    def _paint_numbers(self, painter: QPainter, mapped: DecisionMapped) -> None:
        box = self._box
        painter.setFont(font("micro"))
        painter.setPen(current_theme().colours.text3)
        below = QRectF(box.left(), box.bottom() + 3, box.width(), 16)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, figure(mapped.low[0], 2))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, figure(mapped.high[0], 2))
        beside = QRectF(0, box.top(), box.left() - 6, box.height())
        right = Qt.AlignmentFlag.AlignRight
        painter.drawText(beside, right | Qt.AlignmentFlag.AlignTop, figure(mapped.high[1], 2))
        painter.drawText(beside, right | Qt.AlignmentFlag.AlignBottom, figure(mapped.low[1], 2))

    def _rows(self) -> list[tuple[str, ...]]:
        mapped = self._mapped
        if mapped is None:
            return []
        points = np.frombuffer(mapped.points, np.float32).reshape(-1, 2)
        truths = np.frombuffer(mapped.truths, np.int32)
        labels = [_class_name(mapped, each) for each in truths] or [""] * len(points)
        answers = _answers_beside(mapped, points)
        return [
            (figure(float(x)), figure(float(y)), label, answer)
            for (x, y), label, answer in zip(points, labels, answers, strict=True)
        ]

    @property
    def _box(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT_PX, 6, -6, -_BOTTOM_PX)

    def _ink(self, number: int) -> QColor:
        assert self._mapped is not None, "only samples of a map are painted"
        return class_colour(number, max(len(self._mapped.names), number + 1), current_theme())

    def _draw(self) -> None:
        if self._mapped is not None:
            self._image = self._plane(self._mapped)
            self.update()

    def _plane(self, mapped: DecisionMapped) -> QImage:
        shape = (mapped.side, mapped.side)
        scores = np.frombuffer(mapped.scores, np.float32).reshape(shape)
        pixels = np.empty((*shape, 4), np.uint8)
        if mapped.called:
            called = np.frombuffer(mapped.called, np.uint8).reshape(shape)
            inks = [self._ink(number) for number in range(int(called.max()) + 1)]
            table = np.array([(ink.red(), ink.green(), ink.blue()) for ink in inks], np.uint8)
            pixels[..., :3] = table[called]
            # At even odds between all classes nothing is said, so nothing is seen.
            least = 1 / max(2, len(mapped.names))
            sure = np.clip((scores - least) / (1 - least), 0, 1)
            pixels[..., 3] = np.rint(sure * _STRONGEST * 255)
        else:
            spread = float(np.ptp(scores)) or 1.0
            places = ((scores - scores.min()) / spread * 255).astype(np.uint8)
            pixels[...] = activation_table(current_theme().name)[places]
        # Rows come from low to high; pictures begin at the top.
        turned = np.ascontiguousarray(pixels[::-1])
        height, width = shape
        return QImage(turned.data, width, height, QImage.Format.Format_RGBA8888).copy()


def wrongly_called(mapped: DecisionMapped) -> NDArray[np.bool_]:
    """Say of each sample whether the place of the grid next to it has another class."""
    truths = np.frombuffer(mapped.truths, np.int32)
    if not (truths.size and mapped.called):
        return np.zeros(0, bool)
    points = np.frombuffer(mapped.points, np.float32).reshape(-1, 2)
    called = np.frombuffer(mapped.called, np.uint8)
    wrong: NDArray[np.bool_] = called[_beside(mapped, points)] != truths
    return wrong


def _beside(mapped: DecisionMapped, points: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the place of the grid next to each sample."""
    low, high = np.array(mapped.low), np.array(mapped.high)
    columns, rows = np.rint((points - low) / (high - low) * (mapped.side - 1)).astype(np.int64).T
    places: NDArray[np.int64] = rows * mapped.side + columns
    return places


def _answers_beside(mapped: DecisionMapped, points: NDArray[np.float32]) -> list[str]:
    places = _beside(mapped, points)
    if not mapped.called:
        scores = np.frombuffer(mapped.scores, np.float32)
        return [figure(float(score)) for score in scores[places]]
    called = np.frombuffer(mapped.called, np.uint8)
    return [_class_name(mapped, number) for number in called[places]]


def _class_name(mapped: DecisionMapped, number: int) -> str:
    return mapped.names[number] if number < len(mapped.names) else str(number)
