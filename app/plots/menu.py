"""The context menu of a curve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSlider,
    QWidget,
    QWidgetAction,
)

from app.plots.files import save_bytes, save_png

if TYPE_CHECKING:
    from app.plots.curves import CurvePlot

# Where the style sheet lets the words of a menu begin.
_TEXT_PX = 34


def curve_menu(plot: CurvePlot) -> QMenu:
    """Scale, smoothing, zoom and the ways to take the curve away."""
    menu = QMenu(plot)
    scale = menu.addAction(plot.tr("Log Scale"))
    scale.setCheckable(True)
    scale.setChecked(plot.log_y)
    scale.toggled.connect(lambda on: plot.set_log_scale(on=on))
    menu.addAction(_smoothing(plot, menu))
    zoom = menu.addAction(plot.tr("Reset Zoom"), plot.reset_zoom)
    zoom.setEnabled(plot.is_zoomed)
    alone = menu.addAction(plot.tr("Hide Other Runs"), plot.others.clear)
    alone.setEnabled(bool(plot.others.curves))
    menu.addAction(plot.tr("Show as Table"), plot.open_table)
    menu.addSeparator()
    menu.addAction(plot.tr("Export CSV…"), lambda: _ask_csv(plot))
    menu.addAction(plot.tr("Export PNG…"), lambda: _ask_png(plot))
    menu.addAction(plot.tr("Export SVG…"), lambda: _ask_svg(plot))
    menu.addAction(plot.tr("Copy Image"), lambda: _copy(plot))
    return menu


def _smoothing(plot: CurvePlot, menu: QMenu) -> QWidgetAction:
    row = QWidget(menu)
    value = QLabel(f"{plot.smoothing:.2f}")
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, 99)
    slider.setValue(round(plot.smoothing * 100))
    slider.setMinimumWidth(120)
    slider.setAccessibleName(plot.tr("Smoothing"))
    slider.valueChanged.connect(lambda hundredths: plot.set_smoothing(hundredths / 100))
    slider.valueChanged.connect(lambda hundredths: value.setText(f"{hundredths / 100:.2f}"))
    layout = QHBoxLayout(row)
    layout.setContentsMargins(_TEXT_PX, 2, 12, 2)
    layout.addWidget(QLabel(plot.tr("Smoothing")))
    layout.addWidget(slider, stretch=1)
    layout.addWidget(value)
    action = QWidgetAction(menu)
    action.setDefaultWidget(row)
    return action


def _ask_csv(plot: CurvePlot) -> None:
    name, _ = QFileDialog.getSaveFileName(
        plot, plot.tr("Export CSV"), f"{_file_name(plot)}.csv", "CSV (*.csv)"
    )
    if name:
        plot.save_csv(Path(name))


def _ask_png(plot: CurvePlot) -> None:
    name, _ = QFileDialog.getSaveFileName(
        plot, plot.tr("Export PNG"), f"{_file_name(plot)}.png", "PNG (*.png)"
    )
    if name:
        save_png(Path(name), plot.picture())


def _ask_svg(plot: CurvePlot) -> None:
    name, _ = QFileDialog.getSaveFileName(
        plot, plot.tr("Export SVG"), f"{_file_name(plot)}.svg", "SVG (*.svg)"
    )
    if name:
        save_bytes(Path(name), plot.svg())


def _copy(plot: CurvePlot) -> None:
    QGuiApplication.clipboard().setImage(plot.picture())


def _file_name(plot: CurvePlot) -> str:
    return plot.title.split(",")[0].lower().replace(" ", "-") or "curve"
