"""The Weights tab: filters or matrix of one layer, how its weights are spread, and its figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app.figures import count, figure, percent
from app.plots.channels import ScaleLegend
from app.plots.histogram import Histogram
from app.probes.figures_table import FigureRow
from app.probes.filter_grid import FilterGrid
from app.probes.layer_header import LayerHeader
from app.probes.output_view import scrolled
from app.probes.spectrum import Spectrum
from app.widgets import EmptyState, SectionTitle
from engine.training.events import RunLeft, RunStarted, TrainingEvent
from engine.training.insight import WeightsTaken
from engine.training.questions import RunOpened

_SIDE_PX = 256
_NAMES = ("Shape", "Parameters", "Norm", "Mean", "Std deviation", "Zeros", "Update / weight")


class WeightsPanel(QWidget):
    """Follows the layer that the window shows."""

    train_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Weights"))
        self.setMinimumSize(360, 240)
        self._node = ""
        self._category = "conv"
        self._newest: dict[str, WeightsTaken] = {}
        self._has_run = False
        self._build()

    def show_node(
        self, node_id: str, title: str, kind_text: str, category: str, glyph: str = ""
    ) -> None:
        """Show the weights of another layer."""
        self._node, self._category = node_id, category
        self._header.show_layer(title, kind_text, category, glyph)
        self._redraw()

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Take what a run says."""
        for event in events:
            match event:
                case RunStarted() | RunOpened() | RunLeft():
                    self._newest.clear()
                    self._has_run = not isinstance(event, RunLeft)
                case WeightsTaken():
                    self._newest[event.node] = event
                case _:
                    continue
            self._redraw()

    def show_coming(self, words: str, again: Callable[[], None] | None = None) -> None:
        """Say what is under way where there is nothing to show; empty words for no longer."""
        self._empty.show_coming(words, again)

    @property
    def lines(self) -> dict[str, str]:
        """The figures that are shown, by name."""
        return {row.name: row.text for row in self._rows.values() if not row.isHidden()}

    def _redraw(self) -> None:
        taken = self._newest.get(self._node)
        if taken is None or not taken.name or not math.isfinite(taken.norm):
            self._show_nothing(taken)
            self._stack.setCurrentWidget(self._empty)
            return
        self._stack.setCurrentWidget(self._content)
        self._show_maps(taken)
        self._show_figures(taken)
        self.histogram.show_counts(taken.counts, taken.low, taken.high, category=self._category)
        self._spectrum_box.setVisible(bool(taken.singular_values))
        self.spectrum.show_values(taken.singular_values)

    def _show_nothing(self, taken: WeightsTaken | None) -> None:
        if not self._has_run:
            words = self.tr("Train once to see what each layer has learned.")
            self._empty.set_words(words, self.tr("Train"))
        elif taken is None and self._node:
            self._empty.set_words(self.tr("The weights come with the next look at the model."))
        elif taken is not None and taken.name:
            words = self.tr("Weights of {0} grew beyond all numbers. Training shows what mends it.")
            self._empty.set_words(words.format(self._header.name))
        elif taken is not None:
            self._empty.set_words(self.tr("{0} has no weights.").format(self._header.name))
        else:
            self._empty.set_words(self.tr("Select a layer to see its weights."))

    def _show_maps(self, taken: WeightsTaken) -> None:
        self._maps_box.setVisible(taken.form != "none")
        if taken.form == "none":
            return
        signed = np.frombuffer(taken.pixels, np.int8).reshape(taken.maps, taken.rows, taken.columns)
        unit = taken.largest / 127
        self.grid.set_inputs(taken.shape[1] if taken.form == "filters" else 0)
        strongest = np.abs(signed.astype(np.int16)).max(axis=(1, 2)) * unit
        figures = list(zip(signed.mean(axis=(1, 2)) * unit, strongest, strict=True))
        maps = (signed.astype(np.int16) + 128).astype(np.uint8)
        self.grid.show_maps(maps, -taken.largest, taken.largest, figures=figures)
        self._legend.show_range(-taken.largest, taken.largest)
        is_filters = taken.form == "filters"
        self._maps_title.set_title(self.tr("Filters") if is_filters else self.tr("Matrix"))
        shown, there = taken.maps, int(np.prod(taken.shape[:2]))
        note = self.tr("the first {0} of {1}").format(count(shown), count(there))
        self._maps_title.set_note(note if is_filters and shown < there else "")

    def _show_figures(self, taken: WeightsTaken) -> None:
        texts = (
            "×".join(map(str, taken.shape)),
            count(taken.parameters),
            figure(taken.norm),
            figure(taken.mean),
            figure(taken.deviation),
            percent(taken.zeros),
            figure(taken.update_ratio),
        )
        for name, text in zip(_NAMES, texts, strict=True):
            self._rows[name].show_text(text)
        self._rows["Update / weight"].setVisible(taken.update_ratio is not None)

    # Building

    def _build(self) -> None:
        self._empty = EmptyState("maps", "")
        self._empty.acted.connect(self.train_requested)
        self._header = LayerHeader()
        self.grid = FilterGrid()
        self._legend = ScaleLegend(signed=True)
        self._maps_title = SectionTitle("")
        self._maps_title.add_trailing(self._legend)
        self.histogram = Histogram()
        self.histogram.setFixedHeight(110)
        self.spectrum = Spectrum()
        self._rows = {name: FigureRow(self.tr(name)) for name in _NAMES}
        self._maps_box = _column(self._maps_title, self.grid)
        self._spectrum_box = _column(SectionTitle(self.tr("Singular values")), self.spectrum)
        side = _column(
            SectionTitle(self.tr("Distribution"), self.tr("of all weights")),
            self.histogram,
            *self._rows.values(),
            self._spectrum_box,
        )
        side.setAccessibleName(self.tr("Figures of the layer"))
        figures = scrolled(side)
        figures.setFixedWidth(_SIDE_PX)
        columns = QHBoxLayout()
        columns.setSpacing(24)
        columns.addWidget(self._maps_box, stretch=1)
        columns.addWidget(figures)
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addWidget(self._header)
        column.addLayout(columns, stretch=1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._content)
        self._redraw()


def _column(*widgets: QWidget) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for widget in widgets:
        column.addWidget(widget, stretch=1 if isinstance(widget, FilterGrid) else 0)
    if not any(isinstance(widget, FilterGrid) for widget in widgets):
        column.addStretch(1)
    return box
