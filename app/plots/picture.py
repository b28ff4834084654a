"""A picture of a run's curves, for the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.plots.curves import CurvePlot
from app.plots.files import save_png
from app.plots.series import CurveData
from app.theme import ThemeChoice, theme_manager
from nodes.errors import RunError

_PLOT = QSize(520, 300)
_INSET = 16
_RATIO = 2.0


def save_curves(path: Path, curves: Sequence[CurveData], theme: ThemeChoice) -> None:
    """Write the curves side by side as a PNG.

    Raises:
        RunError: There is nothing to draw, or the file cannot be written.
    """
    if not curves:
        raise RunError(
            "There are no curves to draw",
            why="The run ended before its first step.",
            hint="Train for at least one step.",
        )
    _application()
    theme_manager().choose(theme)
    save_png(path, _side_by_side(curves))


def _side_by_side(curves: Sequence[CurveData]) -> QImage:
    pictures = [_drawn(curve) for curve in curves]
    width = len(pictures) * (_PLOT.width() + _INSET) + _INSET
    size = QSize(width, _PLOT.height() + 2 * _INSET)
    image = QImage(size * _RATIO, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(_RATIO)
    image.fill(theme_manager().theme.colours.panel)
    painter = QPainter(image)
    for index, picture in enumerate(pictures):
        corner = QPoint(_INSET + index * (_PLOT.width() + _INSET), _INSET)
        painter.drawImage(QRect(corner, _PLOT), picture)
    painter.end()
    return image


def _drawn(curve: CurveData) -> QImage:
    plot = CurvePlot(curve.title, percent=curve.percent)
    # Only what is shown gets its size; this shows it to nobody.
    plot.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    plot.resize(_PLOT)
    plot.show()
    plot.show_curve(curve)
    picture = plot.picture(_RATIO)
    plot.close()
    plot.deleteLater()
    return picture


def _application() -> None:
    if QApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        # Kept by Qt: a second one cannot be made.
        _application.kept = QApplication([])  # type: ignore[attr-defined]
