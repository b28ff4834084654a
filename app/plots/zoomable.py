"""A plot of curves over epochs: a stretch of them can be looked at, and powers of ten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.plots.area import RIGHT_PX, PlotArea

if TYPE_CHECKING:
    import pyqtgraph as pg


class ZoomablePlot(PlotArea):
    """Knows which epochs are looked at; subclasses draw them in ``redraw``."""

    def __init__(
        self,
        title: str,
        detail: str = "",
        *,
        right_px: int = RIGHT_PX,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, detail, right_px=right_px, parent=parent)
        self._zoom: tuple[float, float] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.zoomed.connect(self.zoom)
        self.zoom_reset.connect(self.reset_zoom)

    @property
    def lines(self) -> Sequence[pg.PlotDataItem]:
        """The curves whose values go up and down the vertical axis."""
        raise NotImplementedError

    @property
    def is_zoomed(self) -> bool:
        """Whether a stretch is looked at rather than everything."""
        return self._zoom is not None

    def zoom(self, low: float, high: float) -> None:
        """Show a stretch of the epochs."""
        self._zoom = (low, high)
        self.redraw()

    def reset_zoom(self) -> None:
        """Show all epochs again."""
        self._zoom = None
        self.redraw()

    def set_log_scale(self, *, on: bool) -> None:
        """Draw the vertical axis in powers of ten."""
        self.log_y = on
        for line in self.lines:
            line.setLogMode(xState=False, yState=on)
        self.redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self.redraw()  # another height has room for other grid lines
