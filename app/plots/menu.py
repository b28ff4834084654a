"""The context menu of a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSlider,
    QWidget,
    QWidgetAction,
)

from app.plots.tables import add_table_actions

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
    add_table_actions(menu, plot, plot.table, plot.save_csv)
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
