"""The Activations dock: one layer, one sample, and how the layer's values move over a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from app.plots.bars import BarList
from app.plots.sample_strip import SamplePicture, SampleStrip
from app.previews import sample_thumbnails
from app.probes.exciting_row import ExcitingRow
from app.probes.figures_table import FiguresTable, has_figures
from app.probes.kept_layers import KeptLayers, NamedLayer
from app.probes.layer_history import LayerHistory
from app.probes.looking_back import LookingBack
from app.probes.output_view import OutputView, scrolled
from app.probes.turns import Turns
from app.redraws import Redraw
from app.signs import visible_token
from app.theme import current_theme, font, icon, theme_manager
from app.widgets import CategoryTile, EmptyState, FlowText, IconButton, Label, SectionTitle
from engine.training.events import (
    LayerProbe,
    ProbeTaken,
    RunLeft,
    RunStarted,
    RunWentBack,
    SamplesChosen,
    TrainingEvent,
)
from engine.training.questions import (
    ExcitingFound,
    FindExciting,
    LookedBack,
    MomentsKept,
    RunOpened,
)
from engine.training.texts import AttentionTaken

if TYPE_CHECKING:
    from app.plots.distribution import DistributionPlot

_SMALLEST = QSize(360, 240)
_INPUT_PX = 164
_NARROW_INPUT_PX = 116
_SPREAD_PX = 246
_SPREAD_HEIGHT_PX, _LOW_SPREAD_PX = 206, 150
_AROUND_PX, _TITLES_PX, _GAP_PX = 80, 66, 12
"""Above and below the columns; their two titles; between the parts of the panel."""

_ALL_COLUMNS_PX = 640
_KEPT_PX = 240
"""What a pinned layer needs beside the others."""

_SHOWN_CLASSES = 12


class ActivationsPanel(QWidget):
    """Follows the selection, unless it is pinned; shows the newest probe of its layer."""

    sample_chosen = Signal(int)
    channel_chosen = Signal(int)
    pinned = Signal(bool)
    kept_changed = Signal()
    """Others are to be looked into beside the layer that is shown."""

    asked = Signal(object)
    """A ``Question`` for the worker."""

    train_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Activations"))
        self.setMinimumSize(_SMALLEST)
        self.pin = _PinButton()
        """For the right end of the tab row."""

        self._node = ""
        self._category = "conv"
        self._layer = NamedLayer("", "", "", "conv")
        self._turns = Turns()
        self._spread: DistributionPlot | None = None
        self._epochs = 1.0
        # A run of last week says by its moments how long it was.
        self._is_opened = self._has_run = False
        self._samples: SamplesChosen | None = None
        self._pictures: list[QImage] = []
        self._taken: ProbeTaken | None = None
        self._asked_sample: int | None = None
        self._newest: dict[str, LayerProbe] = {}
        self._attention: dict[str, AttentionTaken] = {}
        self._history: dict[str, LayerHistory] = {}
        self._news = Redraw(self, self.redraw)
        self._build()
        self.back = LookingBack(self)
        self.back.asked.connect(self.asked)
        self.pin.toggled.connect(self.pinned)
        self.kept.changed.connect(self._on_kept)
        self.strip.sample_chosen.connect(self._on_sample_chosen)
        self.output.channel_chosen.connect(self.channel_chosen)
        self.output.channel_chosen.connect(self._on_channel)
        theme_manager().changed.connect(self._on_theme_changed)

    @property
    def node(self) -> str:
        """Id of the layer that is shown."""
        return self._node

    @property
    def is_pinned(self) -> bool:
        """The layer stays when something else is selected."""
        return self.pin.isChecked()

    @property
    def wanted(self) -> tuple[str, ...]:
        """The layers on screen: the one that is looked into, then the pinned ones."""
        others = (node for node in self.kept.nodes if node != self._node)
        return (self._node, *others)

    @property
    def is_behind(self) -> bool:
        """Whether a layer on screen has not been looked into since others were."""
        return self._turns.is_behind(self.wanted)

    def next_detail(self) -> str:
        """Return the layer to look into next, as a whole."""
        return self._turns.next(self.wanted)

    def keep_layer(self) -> None:
        """Keep the layer on screen while others are looked into, or no longer."""
        if self._node in self.kept.nodes:
            self.kept.let_go(self._node)
        elif self._node:
            self.kept.keep(self._layer)

    def show_node(
        self, node_id: str, title: str, kind_text: str, category: str, glyph: str = ""
    ) -> None:
        """Look into a layer from now on."""
        if node_id != self._node:
            self.exciting.forget()
        self._node = node_id
        self.back.show_node(node_id)
        self._category = category
        self._layer = NamedLayer(node_id, title, kind_text, category, glyph)
        self._tile.set_category(category, glyph)
        self._title.setText(title)
        self._kind.setText(kind_text)
        self.output.grid.set_large(large=False)
        self.redraw()

    def prepare(self) -> Iterator[QWidget]:
        """Make the plot now rather than when the first run needs it."""
        yield self._distribution()

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Take what has come in; draws at most ten times a second."""
        for event in events:
            self.back.take(event)
            self.exciting.take(event)
            match event:
                case RunStarted(epochs=epochs):
                    self._epochs, self._is_opened = float(epochs), False
                    self._forget()
                case RunOpened():
                    self._is_opened = True
                    self._forget()
                case RunLeft():
                    self._forget()
                    self._has_run = False
                case MomentsKept(moments=(*_, last)) if self._is_opened:
                    self._epochs = max(last.epoch, 1e-6)
                case RunWentBack():
                    for known in self._history.values():
                        known.forget_after(event.epoch)
                case LookedBack():
                    history = self._history.setdefault(event.node, LayerHistory())
                    history.fill(event.epoch, event.quantiles)
                case ExcitingFound() if event.node == self._node:
                    self.exciting.show_found(event)
                case SamplesChosen():
                    self._take_samples(event)
                case ProbeTaken():
                    self._take_probe(event)
                case AttentionTaken():
                    self._attention[event.node] = event
                case _:
                    continue
            self._news.ask()

    def show_coming(self, words: str, again: Callable[[], None] | None = None) -> None:
        """Say what is under way where there is nothing to show; empty words for no longer."""
        self._empty.show_coming(words, again)

    def redraw(self) -> None:
        """Draw the newest probe of the layer that is shown."""
        self._news.settle()
        probe = self._newest.get(self._node)
        if probe is None or self._taken is None:
            self._show_nothing()
            return
        self._stack.setCurrentWidget(self._content)
        self.kept.show_probes(self._newest, self._class_names())
        self._show_sample()
        self._show_output(probe)
        history = self._history[self._node]
        self.figures.show_probe(probe, history.gradient_norms)
        spread = self._distribution()
        spread.setVisible(bool(history.epochs))
        spread.show_distribution(self._epochs, history.epochs, history.quantiles)
        self._share_room()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        self.back.set_seen(seen=True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt override
        super().hideEvent(event)
        self.back.set_seen(seen=False)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Give less room than three columns need to the maps first, and rows before pictures."""
        is_wide = self.width() >= _ALL_COLUMNS_PX + _KEPT_PX * len(self.kept.nodes)
        self._spread_column.setVisible(is_wide)
        self._sample_word.setVisible(is_wide)
        width = _INPUT_PX if is_wide else _NARROW_INPUT_PX
        self._input_box.setFixedWidth(width)
        room = self.height() - _AROUND_PX
        if self.exciting.isVisibleTo(self):
            room -= self.exciting.sizeHint().height() + _GAP_PX
        left = room - self.prediction.sizeHint().height() - _TITLES_PX
        self._picture.setMaximumWidth(max(_NARROW_INPUT_PX, min(width, left)))
        if self._spread is not None:
            left = room - self.figures.sizeHint().height() - _TITLES_PX // 2
            self._spread.setFixedHeight(max(_LOW_SPREAD_PX, min(_SPREAD_HEIGHT_PX, left)))

    def _take_samples(self, event: SamplesChosen) -> None:
        self._samples = event
        self._pictures = sample_thumbnails(event, current_theme())
        self.strip.show_samples(self._pictures, self._label_words(event), event.texts)

    def _take_probe(self, event: ProbeTaken) -> None:
        self._taken = event
        if self._asked_sample in (None, event.sample):
            # Probes under way when another sample was chosen still bring the one before.
            self._asked_sample = None
            self.strip.show_chosen(event.sample)
        for probe in event.layers:
            self._history.setdefault(probe.node, LayerHistory()).add(event.epoch, probe)
            if _is_whole(probe):
                self._turns.see((event.step, event.sample, event.subject), probe.node)
            known = self._newest.get(probe.node)
            if known is None or _is_whole(probe) or not _is_whole(known):
                self._newest[probe.node] = probe

    def _show_output(self, probe: LayerProbe) -> None:
        attention = self._attention.get(self._node)
        if attention is not None:
            self.output.show_attention(attention)
        else:
            self.output.show_probe(probe, self._category, self._class_names())

    def _forget(self) -> None:
        self._taken, self._has_run = None, True
        self.exciting.forget()
        self._attention.clear()
        self._newest.clear()
        self._turns.forget()
        self._history.clear()

    def _show_nothing(self) -> None:
        if not self._has_run:
            text = self.tr("Train once to see what each layer outputs.")
            self._empty.set_words(text, self.tr("Train"))
        elif self._node:
            self._empty.set_words(self.tr("This layer has not been looked at in this run yet."))
        else:
            self._empty.set_words(self.tr("Select a layer to see what it outputs."))
        self._stack.setCurrentWidget(self._empty)

    def _show_sample(self) -> None:
        assert self._taken is not None, "drawn only with a probe"
        sample = self._taken.sample
        labels = self._samples.labels if self._samples else ()
        named = labels[sample] if 0 <= sample < len(labels) else self._taken.subject_label
        label = self.tr("label {0}").format(named) if named else ""
        picture = self._subject_picture() if self._taken.subject_pixels else None
        if picture is None and 0 <= sample < len(self._pictures):
            picture = self._pictures[sample]
        if picture is not None:
            self._picture.show_image(picture, label)
        texts = self._samples.texts if self._samples else ()
        text = texts[sample] if 0 <= sample < len(texts) else self._taken.subject_text
        self._words.set_words(text)
        self._words.setVisible(bool(text))
        self._picture.setHidden(bool(text))
        self._input.set_note(label)
        names, values = self._shown_prediction(self._taken.prediction)
        self.prediction.show_values(names, values)
        self._prediction_title.setVisible(bool(values))
        self.prediction.setVisible(bool(values))

    def _subject_picture(self) -> QImage | None:
        """Return a picture of the input of one's own that is looked at."""
        if self._samples is None or self._taken is None:
            return None
        shown = replace(self._samples, pixels=self._taken.subject_pixels)
        return sample_thumbnails(shown, current_theme())[0]

    def _shown_prediction(self, values: Sequence[float]) -> tuple[list[str], list[float]]:
        """All classes in order, or the likeliest where there are many."""
        names = self._class_names() or [str(index) for index in range(len(values))]
        names = [visible_token(name) for name in names]
        order = list(range(len(values)))
        if len(values) > _SHOWN_CLASSES:
            order = sorted(order, key=lambda index: -values[index])[:_SHOWN_CLASSES]
        return [names[index] for index in order], [values[index] for index in order]

    def _class_names(self) -> Sequence[str]:
        return self._samples.classes if self._samples else ()

    def _label_words(self, event: SamplesChosen) -> list[str]:
        return [self.tr("label {0}").format(label) for label in event.labels]

    def _on_sample_chosen(self, sample: int) -> None:
        self._asked_sample = sample
        self.sample_chosen.emit(sample)

    def _on_channel(self, channel: int) -> None:
        """Ask what excites a channel."""
        if channel >= 0 and self._node:
            self.exciting.show_waiting(channel)
            self.asked.emit(FindExciting(node=self._node, channel=channel))

    def _on_kept(self) -> None:
        self._share_room()
        self.redraw()
        self.kept_changed.emit()

    def _on_theme_changed(self) -> None:
        if self._samples is not None:
            self._take_samples(self._samples)
            self.redraw()

    # Building

    def _distribution(self) -> DistributionPlot:
        if self._spread is None:
            # pyqtgraph takes most of a second to import; the window is open long before a run.
            from app.plots.distribution import DistributionPlot

            made = DistributionPlot()
            made.setFixedHeight(_SPREAD_HEIGHT_PX)
            made.setAccessibleName(self.tr("Distribution of values per epoch"))
            self._spread_box.insertWidget(1, made)
            self._spread = made
        return self._spread

    def _build(self) -> None:
        self._empty = EmptyState("maps", "")
        self._empty.acted.connect(self.train_requested)
        self._content = QWidget()
        self._tile = CategoryTile(self._category)
        self._title = Label("", "heading", weight=600)
        self._kind = Label("", "small", "text2")
        self.strip = SampleStrip()
        self.output = OutputView()
        self.kept = KeptLayers()
        self.figures = FiguresTable()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(_GAP_PX)
        column.addLayout(self._header())
        body = QWidget()
        body.setAccessibleName(self.tr("Layer"))
        columns = QHBoxLayout(body)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(24)
        columns.addWidget(self._input_column())
        columns.addWidget(self.output, stretch=1)
        columns.addWidget(self.kept, stretch=1)
        self._spread_column = self._build_spread_column()
        columns.addWidget(self._spread_column)
        column.addWidget(scrolled(body), stretch=1)
        self.exciting = ExcitingRow()
        self.exciting.retried.connect(self._on_channel)
        column.addWidget(self.exciting)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._content)
        self._show_nothing()

    def _header(self) -> QHBoxLayout:
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._title)
        names.addWidget(self._kind)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._tile)
        row.addLayout(names, stretch=1)
        self.keep = IconButton("pin", self.tr("Keep this layer beside others"), size_px=24)
        self.keep.clicked.connect(self.keep_layer)
        row.addWidget(self.keep)
        self._sample_word = Label(self.tr("Sample"), "small", "text3")
        row.addWidget(self._sample_word)
        row.addWidget(self.strip)
        return row

    def _input_column(self) -> QWidget:
        made = QWidget()
        self._input_box = made
        self._input = SectionTitle(self.tr("Input"))
        self._picture = SamplePicture()
        self._words = FlowText("", "small", "text")
        self._words.hide()
        self._prediction_title = SectionTitle(self.tr("Prediction"), "%")
        self.prediction = BarList()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._input)
        column.addWidget(self._picture)
        column.addWidget(self._words)
        column.addSpacing(6)
        column.addWidget(self._prediction_title)
        column.addWidget(self.prediction)
        column.addStretch(1)
        return made

    def _build_spread_column(self) -> QWidget:
        made = QWidget()
        made.setFixedWidth(_SPREAD_PX)
        self._spread_box = QVBoxLayout(made)
        self._spread_box.setContentsMargins(0, 0, 0, 0)
        self._spread_box.setSpacing(8)
        self._spread_box.addWidget(
            SectionTitle(self.tr("Distribution"), self.tr("non-zero values, per epoch"))
        )
        self._spread_box.addWidget(self.figures)
        self._spread_box.addStretch(1)
        return made


class _PinButton(QToolButton):
    """Says whether the panel follows the selection."""

    def __init__(self) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setIcon(icon("pin", "text3", checked="accent"))
        self.setIconSize(QSize(14, 14))
        self.setFont(font("small"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggled.connect(self._name)
        self._name()

    def _name(self) -> None:
        self.setText(self.tr("Pinned") if self.isChecked() else self.tr("Follows selection"))
        self.setAccessibleName(self.text())
        self.setToolTip(
            self.tr("Follow the selection again (P)")
            if self.isChecked()
            else self.tr("Stay with this layer (P)")
        )


def _is_whole(probe: LayerProbe) -> bool:
    """Not a preview, which has some of many channels and no figures of each."""
    return bool(probe.channel_means) if probe.form == "maps" else has_figures(probe)
