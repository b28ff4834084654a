"""One figure of several runs against their epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.figures import figure, percent_digits, setting
from app.plots.files import save_csv
from app.plots.lines import curve_line, fit_to_screen
from app.plots.peaks import FloatArray
from app.plots.ranges import fitting_smoothing, log_range, percent_range, round_range
from app.plots.run_keys import MOST, dashes, key_colour
from app.plots.series import Smoother, pushed_apart
from app.plots.tables import PlotTable, offer_plot
from app.plots.zoomable import ZoomablePlot
from app.theme import current_theme, faded, font

_WIDTH_PX, _TRAINING_PX, _QUIET_PX = 2.25, 1.0, 1.25
_QUIET_INK = 0.5
_RIGHT_PX = 118
_LABEL_GAP_PX = 15
_LEGEND_PX = 20
_SKIPPED_SHARE = 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCurve:
    """The curves of one run.

    Shapes:
        epochs, values: one for each epoch that was validated
        step_epochs, steps: one for each training step
    """

    name: str
    place: int
    """Among the compared runs: decides colour and dash."""

    epochs: FloatArray
    values: FloatArray
    step_epochs: FloatArray
    steps: FloatArray
    is_chosen: bool = True
    """Else it is only shown quietly behind those that are."""


class ComparedPlot(ZoomablePlot):
    """Validation in the run's colour and dash, training thin behind it, named at its end.

    Args:
        percent: Values are shares from 0 to 1 and are drawn as percentages.
    """

    def __init__(self, title: str, *, percent: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(title, "per epoch", right_px=_RIGHT_PX, parent=parent)
        self._percent = percent
        self._curves: tuple[ComparedCurve, ...] = ()
        self._smooth: dict[str, FloatArray] = {}
        self._training = [curve_line() for _ in range(MOST)]
        self._validation = [curve_line() for _ in range(MOST)]
        for item in self.lines:
            self.add(item)
        offer_plot(self, self.table, self.save_csv)
        self.refresh_theme()

    @property
    def curves(self) -> tuple[ComparedCurve, ...]:
        """What is shown, in the unit that it came in."""
        return self._curves

    def set_subject(self, title: str, *, percent: bool) -> None:
        """Show another figure; takes effect with the next ``show_curves``."""
        self.title, self._percent = title, percent
        self.setAccessibleName(f"{title} {self.detail}".strip())

    def show_curves(self, curves: Sequence[ComparedCurve]) -> None:
        """Show other runs, or newer values of the same."""
        self._curves = tuple(curves)
        self._smooth = {curve.name: _smoothed(curve.steps) for curve in curves}
        self._describe()
        self.redraw()

    @property
    def lines(self) -> Sequence[pg.PlotDataItem]:
        return *self._training, *self._validation

    def redraw(self) -> None:
        """Draw the curves and set what the axes cover."""
        x_view = self._zoom or (0.0, self._length())
        self.show_range(x_view, *self._y_range(x_view))
        for place in range(MOST):
            curve = next((each for each in self._curves if each.place == place), None)
            self._draw(self._validation[place], self._training[place], curve)
        self.update()

    def refresh_theme(self) -> None:
        for item in self.lines:
            fit_to_screen(item, self.ratio)
        self.redraw()
        super().refresh_theme()

    def table(self) -> PlotTable:
        """The validation values of the chosen runs, epoch by epoch."""
        chosen = [curve for curve in self._curves if curve.is_chosen]
        epochs = sorted({float(epoch) for curve in chosen for epoch in curve.epochs})
        heads = (self.tr("Epoch"), *(curve.name for curve in chosen))
        rows = [(setting(each), *(self._at(curve, each) for curve in chosen)) for each in epochs]
        return PlotTable(self.title, heads, rows)

    def save_csv(self, path: Path) -> None:
        """Write every value: run, epoch, training, validation; blank where there is none."""
        rows: list[tuple[str, str, str, str]] = []
        for curve in self._curves:
            steps = zip(curve.step_epochs, curve.steps, strict=True)
            rows += [(curve.name, repr(float(x)), repr(float(y)), "") for x, y in steps]
            epochs = zip(curve.epochs, curve.values, strict=True)
            rows += [(curve.name, repr(float(x)), "", repr(float(y))) for x, y in epochs]
        save_csv(path, ("run", "epoch", "training", "validation"), rows)

    # Drawing

    def paint_over(self, painter: QPainter) -> None:
        self._paint_legend(painter)
        chosen = [curve for curve in self._curves if curve.is_chosen]
        if self.pointer_x is not None:
            self._paint_pointer(painter, self.pointer_x)
        readings = self._readings(chosen, self.pointer_x)
        wanted = [self.y_px(value) for *_, value in readings]
        low, high = self.plot_box.top() + 6, self.plot_box.bottom()
        placed = pushed_apart(wanted, _LABEL_GAP_PX, low, high)
        painter.setFont(font("small", weight=500))
        for (curve, _, value), y in zip(readings, placed, strict=True):
            painter.setPen(key_colour(curve.place))
            box = QRectF(self.plot_box.right() + 8, y - 8, _RIGHT_PX - 8, 16)
            words = self._named(painter, curve.name, f"  {self._written(value)}", box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def _named(self, painter: QPainter, name: str, value: str, room_px: float) -> str:
        """Return a value behind a name that is shortened rather than the value."""
        metrics = painter.fontMetrics()
        room = round(room_px) - metrics.horizontalAdvance(value)
        return metrics.elidedText(name, Qt.TextElideMode.ElideRight, room) + value

    def _paint_legend(self, painter: QPainter) -> None:
        """Say what thick and thin lines are, at the right of the title."""
        colours = current_theme().colours
        painter.setFont(font("small"))
        right = float(self.width())
        for word, width in ((self.tr("training"), 1.0), (self.tr("validation"), _WIDTH_PX)):
            length = painter.fontMetrics().horizontalAdvance(word)
            painter.setPen(colours.text2)
            painter.drawText(QPointF(right - length, 17), word)
            painter.setPen(QPen(colours.text2, width))
            at = right - length - _LEGEND_PX - 8
            painter.drawLine(QPointF(at, 12.5), QPointF(at + _LEGEND_PX, 12.5))
            right = at - 16

    def _paint_pointer(self, painter: QPainter, epoch: float) -> None:
        colours, box = current_theme().colours, self.plot_box
        at = self.x_px(epoch)
        painter.setPen(QPen(colours.ctl, 1))
        painter.drawLine(QPointF(at, box.top()), QPointF(at, box.bottom()))
        painter.setFont(font("micro"))
        painter.setPen(colours.text2)
        words = self.tr("Epoch {0}").format(f"{epoch:.2f}")
        painter.drawText(QPointF(at + 5, box.top() + 10), words)

    def _draw(
        self, validation: pg.PlotDataItem, training: pg.PlotDataItem, curve: ComparedCurve | None
    ) -> None:
        validation.setVisible(curve is not None)
        training.setVisible(curve is not None and curve.is_chosen)
        if curve is None:
            return
        share = 100 if self._percent else 1
        width = _WIDTH_PX if curve.is_chosen else _QUIET_PX
        colour = key_colour(curve.place)
        pen = self.pen(colour if curve.is_chosen else faded(colour, _QUIET_INK), width)
        if pattern := dashes(curve.place, width):
            pen.setDashPattern(pattern)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        validation.setPen(pen)
        validation.setData(curve.epochs, curve.values * share)
        if curve.is_chosen:
            training.setPen(self.pen(faded(colour, _QUIET_INK), _TRAINING_PX))
            training.setData(curve.step_epochs, self._smooth[curve.name] * share)

    def _readings(
        self, curves: Sequence[ComparedCurve], epoch: float | None
    ) -> list[tuple[ComparedCurve, float, float]]:
        """Return each run with the epoch and the value that it had there, or has at its end."""
        share = 100 if self._percent else 1
        found = []
        for curve in curves:
            upto = self.x_view[1] if epoch is None else epoch
            at = int(np.searchsorted(curve.epochs, upto + 1e-9)) - 1
            if at >= 0 and math.isfinite(curve.values[at]):
                found.append((curve, float(curve.epochs[at]), float(curve.values[at]) * share))
        return found

    def _length(self) -> float:
        ends = [float(curve.epochs[-1]) for curve in self._curves if len(curve.epochs)]
        ends += [float(curve.step_epochs[-1]) for curve in self._curves if len(curve.step_epochs)]
        return max(ends, default=1.0)

    def _y_range(self, x_view: tuple[float, float]) -> tuple[tuple[float, float], float]:
        values = self._values_in(x_view)
        if self.log_y:
            return log_range(values), 0.0
        if not len(values):
            return ((0.0, 100.0), 25.0) if self._percent else ((0.0, 1.0), 0.0)
        low, high = float(values.min()), float(values.max())
        if self._percent and self._zoom is None:
            return percent_range(low, self.y_intervals())
        if 0 < low < 0.4 * high:
            low = 0.0
        return round_range(low, high, self.y_intervals()), 0.0

    def _values_in(self, x_view: tuple[float, float]) -> FloatArray:
        """Return what the axis has to cover: the chosen runs, without their steep beginnings."""
        start, share = x_view[0], 100 if self._percent else 1
        if self._zoom is None:
            start = _SKIPPED_SHARE * self._length()
        parts = [np.empty(0)]
        for curve in self._curves:
            if not curve.is_chosen:
                continue
            lines = [(curve.epochs, curve.values), (curve.step_epochs, self._smooth[curve.name])]
            for xs, ys in lines:
                first, last = np.searchsorted(xs, (start, x_view[1]))
                parts.append(ys[first : last + 1] * share)
        values = np.concatenate(parts)
        return np.asarray(values[np.isfinite(values)], dtype=np.float64)

    def _at(self, curve: ComparedCurve, epoch: float) -> str:
        found = np.flatnonzero(curve.epochs == epoch)
        if not len(found):
            return ""
        return self._written(float(curve.values[found[0]]) * (100 if self._percent else 1))

    def _written(self, value: float) -> str:
        return percent_digits(value / 100) if self._percent else figure(value)

    def _describe(self) -> None:
        chosen = [curve for curve in self._curves if curve.is_chosen]
        words = [f"{c.name} {self._written(v)}" for c, _, v in self._readings(chosen, math.inf)]
        self.setAccessibleDescription(", ".join(words))


def _smoothed(values: FloatArray) -> FloatArray:
    if not len(values):
        return values
    return Smoother(fitting_smoothing(len(values))).extend(values)
