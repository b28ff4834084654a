"""A curve of a run: what each step gave, smoothed, and what validation gave after each epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.figures import figure, percent_digits, setting
from app.plots.area import RIGHT_PX
from app.plots.end_labels import EndLabel, end_labels_px, paint_end_labels
from app.plots.files import save_csv
from app.plots.lines import curve_line, fit_to_screen
from app.plots.marks import Marks, paint_card
from app.plots.menu import curve_menu
from app.plots.others import OtherCurves
from app.plots.peaks import FloatArray
from app.plots.ranges import fitting_smoothing, log_range, percent_range, round_range
from app.plots.series import CurveData, Series, Smoother
from app.plots.tables import PlotTable
from app.plots.zoomable import ZoomablePlot
from app.redraws import Redraw
from app.theme import current_theme, faded, font

_SMOOTHING = 0.95
_FEW_POINTS = 2000
# The first steps of a run are far above the rest and would flatten it.
_SKIPPED_SHARE = 0.05
_RAW_INK = 0.22
_CLOSEST_POINTS_PX = 6
_SAME_EPOCH = 1e-6
# A step is to be seen within 200 ms, and half of that goes by until the plot hears of it.
_PAUSE_MS = 75


class CurvePlot(ZoomablePlot):
    """One figure of a run against its epochs, drawn at most thirteen times a second.

    Args:
        percent: Values are shares from 0 to 1 and are drawn as percentages.
    """

    smoothing_changed = Signal(float)

    def __init__(
        self,
        title: str = "",
        detail: str = "per epoch",
        *,
        percent: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, detail, parent=parent)
        self._percent = percent
        self._epochs = 1.0
        self._best = -1
        self._cursor: float | None = None
        self._training = Series()
        self._smooth = Series()
        self._validation = Series()
        self._smoother = Smoother(_SMOOTHING)
        self._chosen_smoothing: float | None = None
        # Upright strokes need no smoothing, and it would take most of the time of a redraw.
        self._raw_item = curve_line(antialias=False)
        self._smooth_item = curve_line()
        self._validation_item = curve_line()
        for item in self.lines:
            self.add(item)
        self.others = OtherCurves(self)
        """Curves of other runs."""

        self.marks = Marks(self)
        """Where something was changed."""

        self._news = Redraw(self, self.redraw, pause_ms=_PAUSE_MS)
        self.refresh_theme()

    def set_subject(self, title: str, *, percent: bool) -> None:
        """Show another figure; takes effect with the next ``start``."""
        self.title = title
        self._percent = percent
        self.setAccessibleName(f"{title} {self.detail}".strip())

    def start(self, epochs: float, steps: int = 0) -> None:
        """Forget what was shown; the horizontal axis covers a run of so many epochs.

        Args:
            steps: Of the whole run, where known: a short run is smoothed less.
        """
        for series in (self._training, self._smooth, self._validation):
            series.clear()
        fitting = fitting_smoothing(steps) if steps else _SMOOTHING
        self._smoother.restart(
            fitting if self._chosen_smoothing is None else self._chosen_smoothing
        )
        self._epochs = max(epochs, 1e-6)
        self._best = -1
        self._cursor = None
        self._right_px = RIGHT_PX
        self.marks.clear()
        self._zoom = None
        self.redraw()

    def add_training(self, epochs: Sequence[float] | FloatArray, values: Sequence[float]) -> None:
        """Add the values of some steps, oldest first."""
        new = np.asarray(values, dtype=np.float64) * (100 if self._percent else 1)
        self._training.extend(epochs, new)
        self._smooth.extend(epochs, self._smoother.extend(new))
        self._news.ask()

    def add_validation(self, epoch: float, value: float) -> None:
        """Add what validation gave at the end of an epoch."""
        self._validation.extend([epoch], [value * (100 if self._percent else 1)])
        self._news.ask()
        self._describe()

    def mark_best(self, epoch: int | None) -> None:
        """Ring the validation point of an epoch."""
        self._best = -1 if epoch is None else epoch
        self._news.ask()

    def mark_event(self, epoch: float, words: str) -> None:
        """Draw a line where something was changed, and say what while the pointer is near."""
        self.marks.add(epoch, words)
        self._news.ask()

    def set_cursor(self, epoch: float | None) -> None:
        """Stand at a moment of the run, or at none."""
        self._cursor = epoch
        self.update()

    def set_length(self, epochs: float) -> None:
        """Cover a run of another length; what is shown stays."""
        self._epochs = max(epochs, 1e-6)
        self._news.ask()

    def show_other(self, name: str, epochs: FloatArray, values: FloatArray) -> None:
        """Lay the validation curve of another run behind, in the unit that values come in."""
        share = 100 if self._percent else 1
        self.others.add(name, epochs, values * share)
        self.redraw()

    def go_back(self, epoch: float) -> None:
        """Take away what came after an epoch."""
        # A hair's breadth: the last step at the epoch itself stays.
        for series in (self._training, self._validation):
            series.cut(epoch + 1e-9)
        self.marks.cut(epoch + 1e-9)
        self._smooth_again()

    def show_curve(self, curve: CurveData) -> None:
        """Show a whole run at once."""
        self.start(curve.epochs, len(curve.training[0]))
        self.add_training(*(list(part) for part in curve.training))
        for epoch, value in zip(*curve.validation, strict=True):
            self.add_validation(epoch, value)
        self.mark_best(curve.best_epoch)
        self.redraw()

    @property
    def latest(self) -> float | None:
        """The smoothed value of the last step, in the unit it came in."""
        if not len(self._smooth):
            return None
        return float(self._smooth.y[-1]) / (100 if self._percent else 1)

    @property
    def smoothing(self) -> float:
        return self._smoother.weight

    def set_smoothing(self, weight: float) -> None:
        """Smooth with a weight from 0 (not at all) to 0.99."""
        self._chosen_smoothing = min(max(weight, 0.0), 0.99)
        self._smoother.restart(self._chosen_smoothing)
        self._smooth_again()
        self.smoothing_changed.emit(self._smoother.weight)

    @property
    def lines(self) -> Sequence[pg.PlotDataItem]:
        return self._raw_item, self._smooth_item, self._validation_item

    def _smooth_again(self) -> None:
        self._smoother.restart(self._smoother.weight)
        self._smooth.clear()
        self._smooth.extend(self._training.x, self._smoother.extend(self._training.y))
        self.redraw()

    # Drawing

    def redraw(self) -> None:
        """Draw what has come in since the last time."""
        self._news.settle()
        x_view = self._zoom or (0.0, self._epochs)
        self._make_room_for_labels(x_view[1])
        self.show_range(x_view, *self._y_range(x_view))
        # Least and greatest value for each pixel; what is smooth is thick, and needs half of that.
        most = round(2 * self.width() * self.ratio)
        self._raw_item.setData(*self._training.thinned(*x_view, most))
        self._smooth_item.setData(*self._smooth.thinned(*x_view, most // 2))
        self._validation_item.setData(self._validation.x, self._validation.y)
        self.others.redraw()
        self.update()

    def refresh_theme(self) -> None:
        colours = current_theme().colours
        for line in self.lines:
            fit_to_screen(line, self.ratio)
        self._raw_item.setPen(self.pen(faded(colours.train, _RAW_INK), 1))
        self._smooth_item.setPen(self.pen(colours.train, 2))
        self._validation_item.setPen(self.pen(colours.val, 2))
        super().refresh_theme()

    def paint_over(self, painter: QPainter) -> None:
        if not len(self._training) and not len(self._validation):
            return
        now = self._reached
        if self.x_view[0] <= now <= self.x_view[1]:
            self._paint_now(painter, now)
        self.marks.paint(painter)
        self._paint_points(painter)
        self._paint_best(painter, before_px=self.x_px(min(now, self.x_view[1])))
        self._paint_others(painter)
        pointer = self.pointer_x
        if pointer is None:
            pointer = self._shown_cursor()
        if pointer is None:
            end = min(now, self.x_view[1])
            paint_end_labels(painter, self._readings(end), self.x_px(end), self.plot_box)
        else:
            self._paint_readings(painter, pointer)

    def _y_range(self, x_view: tuple[float, float]) -> tuple[tuple[float, float], float]:
        """What the vertical axis covers and the step of its grid; 0 for any round one."""
        values = self._values_in(x_view)
        if self.log_y:
            return log_range(values), 0.0
        if not len(values):
            return ((0.0, 100.0), 25.0) if self._percent else ((0.0, 1.0), 0.0)
        low, high = float(values.min()), float(values.max())
        if self._percent and self._zoom is None:
            return percent_range(low, self.y_intervals())
        if low > 0 and low < 0.4 * high:
            low = 0.0
        return round_range(low, high, self.y_intervals()), 0.0

    def _values_in(self, x_view: tuple[float, float]) -> FloatArray:
        start = x_view[0]
        if self._zoom is None:
            reached = self._training.x[-1] if len(self._training) else 0.0
            start = min(_SKIPPED_SHARE * self._epochs, 0.5 * reached)
        parts = []
        # For powers of ten the least value above zero counts, which blocks do not tell.
        most = len(self._smooth) if self.log_y else _FEW_POINTS
        shown = [self._smooth.thinned(start, x_view[1], most)]
        shown.append((self._validation.x, self._validation.y))
        shown += [(curve.epochs, curve.values) for curve in self.others.curves]
        for epochs, own in shown:
            first, last = np.searchsorted(epochs, (start, x_view[1]))
            parts.append(own[first : last + 1])
        values = np.concatenate(parts)
        return np.asarray(values[np.isfinite(values)], dtype=np.float64)

    def _paint_now(self, painter: QPainter, epoch: float) -> None:
        line = QPen(faded(current_theme().colours.ctl, 0.7), 1)
        line.setDashPattern([2, 3])
        painter.setPen(line)
        at = round(self.x_px(epoch)) + 0.5
        painter.drawLine(QPointF(at, self.plot_box.top()), QPointF(at, self.plot_box.bottom()))

    @property
    def _reached(self) -> float:
        """The epoch of the newest value; there is one."""
        return max(
            float(series.x[-1]) for series in (self._training, self._validation) if len(series)
        )

    def _shown_cursor(self) -> float | None:
        low, high = self.x_view
        return self._cursor if self._cursor is not None and low <= self._cursor <= high else None

    def _paint_points(self, painter: QPainter) -> None:
        first, last = np.searchsorted(self._validation.x, self.x_view)
        xs, ys = self._validation.x[first : last + 1], self._validation.y[first : last + 1]
        if not len(xs) or self.plot_box.width() / len(xs) < _CLOSEST_POINTS_PX:
            return
        colours, box = current_theme().colours, self.plot_box.adjusted(-1, -1, 1, 1)
        painter.setBrush(colours.val)
        painter.setPen(QPen(colours.panel, 1.5))
        for x, y in zip(xs, ys, strict=True):
            point = self._point(x, y)
            if math.isfinite(y) and box.contains(point):
                painter.drawEllipse(point, 3.4, 3.4)

    def _paint_best(self, painter: QPainter, *, before_px: float) -> None:
        found = np.flatnonzero(self._validation.x == self._best)
        if not len(found) or not self.x_view[0] <= self._validation.x[found[0]] <= self.x_view[1]:
            return
        point = self._point(*self._validation.point(int(found[0])))
        colours = current_theme().colours
        painter.setPen(QPen(colours.val, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(point, 7, 7)
        painter.setFont(font("micro"))
        painter.setPen(colours.text2)
        # Behind the end of the lines stand their names.
        middle = min(point.x(), before_px - 16)
        label = QRectF(middle - 30, point.y() + self._best_label_px(point), 60, 16)
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, self.tr("best"))

    def _paint_others(self, painter: QPainter) -> None:
        """Name other runs at the end of their curves."""
        painter.setFont(font("micro"))
        for name, colour, end in self.others.ends():
            at = self._point(min(end.x(), self.x_view[1]), end.y())
            words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, 120)
            width = painter.fontMetrics().horizontalAdvance(words)
            box = QRectF(at.x() - width - 4, at.y() - 18, width, 14)
            if self.plot_box.adjusted(-2, -2, 2, 2).contains(at):
                painter.setPen(colour)
                painter.drawText(box, Qt.AlignmentFlag.AlignRight, words)

    def _make_room_for_labels(self, last: float) -> None:
        """Let the names behind the ends of lines be whole; what was given is kept for the run."""
        if not len(self._training) and not len(self._validation):
            return
        room = end_labels_px(self._readings(min(self._reached, last)))
        self._right_px = max(self._right_px, room)

    def _best_label_px(self, point: QPointF) -> int:
        """How far below the best point its label begins: on the side without the other line."""
        at = int(np.searchsorted(self._smooth.x, self._best)) - 1
        has_line_above = at < 0 or self.y_px(self._smooth.point(at)[1]) < point.y()
        fits_below = point.y() + 26 < self.plot_box.bottom()
        fits_above = point.y() - 26 > self.plot_box.top()
        return 9 if fits_below and (has_line_above or not fits_above) else -25

    def _paint_readings(self, painter: QPainter, epoch: float) -> None:
        colours, box = current_theme().colours, self.plot_box
        at = self.x_px(epoch)
        painter.setPen(QPen(colours.ctl, 1))
        painter.drawLine(QPointF(at, box.top()), QPointF(at, box.bottom()))
        readings = self._readings(epoch)
        for _, token, point in readings:
            painter.setBrush(colours[token])
            painter.setPen(QPen(colours.panel, 1.5))
            if box.adjusted(-1, -1, 1, 1).contains(point):
                painter.drawEllipse(point, 4.5, 4.5)
        lines = [(self.tr("Epoch {0}").format(f"{epoch:.2f}"), "text2")]
        lines += [(text, token) for text, token, _ in readings]
        lines += [
            (f"{name} {self._written(value)}", "text2")
            for name, _, value in self.others.readings(epoch)
        ]
        lines += [(words, "accent") for words in self.marks.near(epoch)]
        paint_card(painter, lines, at, box)

    def _readings(self, epoch: float) -> list[EndLabel]:
        """Text, colour and place of the last value that each line had at an epoch.

        Nothing where the run has not come to it yet.
        """
        if epoch > self._reached + _SAME_EPOCH:
            return []
        lines = (
            (self.tr("Train"), "train", self._smooth),
            (self.tr("Val"), "val", self._validation),
        )
        readings = []
        for name, token, series in lines:
            at = int(np.searchsorted(series.x, epoch + 1e-9)) - 1
            if at >= 0 and math.isfinite(series.y[at]):
                x, y = series.point(at)
                readings.append((f"{name} {self._written(y)}", token, self._point(x, y)))
        return readings

    def _point(self, x: float, y: float) -> QPointF:
        return QPointF(self.x_px(x), self.y_px(y))

    def _written(self, value: float) -> str:
        return percent_digits(value / 100) if self._percent else figure(value)

    def _describe(self) -> None:
        validation = self._validation.y
        parts = [self.title, self.tr("epoch {0}").format(setting(self._validation.x[-1]))]
        if len(self._smooth):
            parts.append(self.tr("training {0}").format(self._written(self._smooth.y[-1])))
        parts.append(self.tr("validation {0}").format(self._written(validation[-1])))
        if len(validation) > 1:
            rising = validation[-1] > validation[-2]
            parts.append(self.tr("rising") if rising else self.tr("falling"))
        self.setAccessibleDescription(", ".join(parts))

    # Taking it away

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt override
        menu = curve_menu(self)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def rows(self) -> list[tuple[str, ...]]:
        """The values at the end of each epoch: epoch, training smoothed, validation."""
        found: list[tuple[str, ...]] = []
        for epoch, value in zip(self._validation.x, self._validation.y, strict=True):
            at = int(np.searchsorted(self._smooth.x, epoch + 1e-9)) - 1
            training = self._written(float(self._smooth.y[at])) if at >= 0 else ""
            found.append((setting(float(epoch)), training, self._written(float(value))))
        return found

    def table(self) -> PlotTable:
        """What :meth:`rows` gives, with its heads."""
        heads = (self.tr("Epoch"), self.tr("training"), self.tr("validation"))
        return PlotTable(self.title, heads, self.rows())

    def save_csv(self, path: Path) -> None:
        """Write every value: epoch, training, smoothed, validation; blank where there is none."""
        share = 100 if self._percent else 1
        training = zip(self._training.x, self._training.y, self._smooth.y, strict=True)
        rows = [(x, (_exact(y / share), _exact(smooth / share), "")) for x, y, smooth in training]
        validation = zip(self._validation.x, self._validation.y, strict=True)
        rows += [(x, ("", "", _exact(y / share))) for x, y in validation]
        # Sorting keeps the order of equals: a step stands before the validation after it.
        rows.sort(key=lambda row: row[0])
        names = ("epoch", "training", "smoothed", "validation")
        save_csv(path, names, ((_exact(x), *values) for x, values in rows))


def _exact(value: float) -> str:
    return repr(float(value))
