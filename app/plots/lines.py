"""Lines of pyqtgraph that stay quick with a million points."""

from __future__ import annotations

import pyqtgraph as pg


def curve_line(*, antialias: bool = True) -> pg.PlotDataItem:
    """Return a line of which only what is seen is drawn, with its peaks."""
    line = pg.PlotDataItem(antialias=antialias, connect="finite")
    line.setDownsampling(auto=True, method="peak")
    line.setClipToView(True)
    return line


def fit_to_screen(line: pg.PlotDataItem, ratio: float) -> None:
    """Let a line be as fine as the screen; ``ratio`` is the device pixels to a logical one."""
    # The factor of five that it comes with draws each device pixel five times.
    line.opts["autoDownsampleFactor"] = ratio
