"""What a layer put out: maps, bars or a histogram, whichever fits its form."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.plots.bars import BarList
from app.plots.channels import ChannelGrid, ScaleLegend
from app.plots.histogram import Histogram
from app.previews import maps_of
from app.probes.attention_view import AttentionView
from app.widgets import IconButton, Label, SectionTitle
from engine.training.events import LayerProbe
from engine.training.texts import AttentionTaken


class OutputView(QWidget):
    """The middle column of the panel."""

    channel_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Output"))
        self._title = SectionTitle("")
        self._legend = ScaleLegend()
        self._title.add_trailing(self._legend)
        self.grid = ChannelGrid()
        self.bars = BarList(percent=False, row_px=18)
        self.histogram = Histogram()
        self._shown = QStackedWidget()
        self._bars_page = scrolled(self.bars)
        self.attention = AttentionView()
        for page in (self.grid, self._bars_page, self.histogram, self.attention):
            self._shown.addWidget(page)
        self._pager = _Pager(self.grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._shown, stretch=1)
        column.addWidget(self._pager, alignment=Qt.AlignmentFlag.AlignRight)
        self.grid.channel_chosen.connect(self.channel_chosen)

    def show_probe(self, probe: LayerProbe, category: str, names: Sequence[str] = ()) -> None:
        """Show what a probe brought, in the form it has."""
        maps = maps_of(probe)
        if len(maps):
            self._show_maps(probe)
        elif probe.values:
            self._show_bars(probe, names)
        else:
            self._show_histogram(probe, category)
        self._pager.refresh(is_used=self._shown.currentWidget() is self.grid)

    def _show_maps(self, probe: LayerProbe) -> None:
        is_sequence = probe.form == "sequence"
        figures = list(zip(probe.channel_means, probe.channel_maxima, strict=False))
        self.grid.show_maps(maps_of(probe), probe.low, probe.high, dead=probe.dead, figures=figures)
        self._title.set_title(self.tr("Sequence") if is_sequence else self.tr("Channels"))
        self._title.set_note(self.tr("first axis down, second across") if is_sequence else "")
        self._legend.show_range(probe.low, probe.high)
        self._show_page(self.grid)

    def _show_bars(self, probe: LayerProbe, names: Sequence[str]) -> None:
        fits = len(names) == len(probe.values)
        self.bars.show_values(names if fits else (), probe.values)
        self.bars.setAccessibleName(self.tr("Values"))
        self._title.set_title(self.tr("Values"))
        self._title.set_note(self.tr("of this sample"))
        self._show_page(self._bars_page)

    def _show_histogram(self, probe: LayerProbe, category: str) -> None:
        self.histogram.show_counts(probe.counts, probe.bin_low, probe.bin_high, category=category)
        self._title.set_title(self.tr("Histogram"))
        self._title.set_note(self.tr("all values of the samples"))
        self._show_page(self.histogram)

    def show_attention(self, taken: AttentionTaken) -> None:
        """Show whom a layer of attention looks at, in place of what it put out."""
        self.attention.show_attention(taken)
        self._shown.setCurrentWidget(self.attention)
        self._title.hide()
        self._pager.refresh(is_used=False)

    def _show_page(self, page: QWidget) -> None:
        self._shown.setCurrentWidget(page)
        self._title.show()
        self._legend.setVisible(page is self.grid)


class _Pager(QWidget):
    """Turns the pages of a grid with more than 64 channels."""

    def __init__(self, grid: ChannelGrid) -> None:
        super().__init__()
        self._grid = grid
        self._text = Label("", "small", "text3")
        self._back = IconButton("chevron-left", self.tr("Previous channels"), size_px=24)
        self._on = IconButton("chevron-right", self.tr("Next channels"), size_px=24)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self._text, self._back, self._on):
            row.addWidget(widget)
        self._back.clicked.connect(lambda: grid.show_page(grid.page - 1))
        self._on.clicked.connect(lambda: grid.show_page(grid.page + 1))
        grid.page_changed.connect(lambda _page: self.refresh())
        self.hide()

    def refresh(self, *, is_used: bool = True) -> None:
        grid = self._grid
        self.setVisible(is_used and grid.pages > 1)
        self._text.setText(self.tr("Page {0} of {1}").format(grid.page + 1, grid.pages))
        self._back.setEnabled(grid.page > 0)
        self._on.setEnabled(grid.page < grid.pages - 1)


def scrolled(widget: QWidget) -> QScrollArea:
    """A view of a widget that scrolls up and down only."""
    scroll = QScrollArea()
    scroll.setWidget(widget)
    widget.setAutoFillBackground(False)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setAccessibleName(widget.accessibleName())
    return scroll
