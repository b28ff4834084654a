"""The Map tab: how layers arrange the samples kept aside, one by one and as a whole."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app.figures import count, percent
from app.plots.class_map import ClassMap
from app.probes.arranging import Arranging
from app.probes.drawn_here import DrawnHere
from app.probes.layer_header import LayerHeader
from app.probes.neighbours import SIDE_PX, Neighbours, class_name, map_data, neighbours_of
from app.probes.whole_model import Likeness, MadePictures, Plane
from app.waiting import WaitRow
from app.widgets import EmptyState, Label, SectionTitle, SegmentedControl
from engine.training.events import EpochEnded, RunEnded, RunLeft, RunStarted, TrainingEvent
from engine.training.generating import PicturesMade
from engine.training.insight import LayerMapped
from engine.training.questions import (
    DecisionMapped,
    LayersCompared,
    MomentShown,
    RunOpened,
)

_NARROW_PX = 560


class MapPanel(QWidget):
    """Shows the newest map of its layer, the plane of the inputs, or how alike layers are."""

    sample_chosen = Signal(int)
    """The place of a sample among those kept aside."""

    node_requested = Signal(str)
    """A layer is to be shown on the canvas."""

    asked = Signal(object)
    """A ``Question`` for the worker."""

    train_requested = Signal()
    wanted_changed = Signal()
    """Another layer is to be mapped, or none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Map"))
        self.setMinimumSize(360, 240)
        self._node = ""
        self._newest: dict[str, LayerMapped] = {}
        self._places = np.zeros(0, np.int32)
        self._has_run = self._has_failed = False
        self._problem = ""
        self._epoch = 0
        self._moment: MomentShown | None = None
        self.arranging = Arranging(self)
        self.arranging.asked.connect(self.asked)
        self.arranging.asked.connect(lambda _: self._on_asked())
        self._build()
        self.arranging.moved.connect(self._on_moved)

    def show_node(
        self, node_id: str, title: str, kind_text: str, category: str, glyph: str = ""
    ) -> None:
        """Map the outputs of another layer."""
        if node_id != self._node:
            self._problem, self._has_failed = "", False
            self.wait.end()
        self._node = node_id
        self.arranging.show_node(node_id)
        self.drawn.show_node(node_id)
        self._header.show_layer(title, kind_text, category, glyph)
        self._redraw()

    def show_node_names(self, names: Mapping[str, str]) -> None:
        """Call layers by their names."""
        self.likeness.show_names(names)

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Take what a run says."""
        for event in events:
            for view in (self.plane, self.likeness, self.pictures, self.arranging, self.drawn):
                view.take(event)
            self.wait.take(event)
            self.arranging_wait.take(event)
            match event:
                case RunStarted() | RunOpened() | RunLeft():
                    self._newest.clear()
                    self.wait.end()
                    self._problem, self._has_failed = "", False
                    self._has_run = not isinstance(event, RunLeft)
                    self._epoch, self._moment = 0, None
                    self._redraw()
                case RunEnded(outcome="lost"):
                    # Until the person tries again: of a worker that is gone no map comes.
                    self.wait.end()
                    self._has_failed = True
                case EpochEnded():
                    self._epoch = event.epoch
                    self._fade()
                case MomentShown():
                    self._moment = event
                    self._fade()
                case LayerMapped():
                    if event.node == self._node:
                        self.wait.end()
                    self._newest[event.node] = event
                    self._draw_again(event)
                    self._redraw()
                case DecisionMapped():
                    self.plane.show_answer(event)
                case LayersCompared():
                    self.likeness.show_answer(event)
                case PicturesMade():
                    self.pictures.show_answer(event)
                case _:
                    pass

    def show_coming(self, words: str, again: Callable[[], None] | None = None) -> None:
        """Say what is under way where there is nothing to show; empty words for no longer."""
        for empty in (self._empty, self.plane, self.likeness, self.pictures):
            empty.show_coming(words, again)

    def resizeEvent(self, event: object) -> None:  # noqa: N802 - Qt override
        del event
        self._side.setVisible(self.width() >= _NARROW_PX)

    @property
    def wanted(self) -> str:
        """The layer that is to be mapped; empty where nobody sees it or waits for it."""
        return self._node if self.isVisible() and not self._has_failed else ""

    @property
    def is_arranged(self) -> bool:
        """Whether the samples are moved to their places, not put on principal components."""
        return self.method.current != "pca"

    @property
    def _shown(self) -> LayerMapped | None:
        return self.arranging.mapped if self.is_arranged else self._newest.get(self._node)

    def _redraw(self) -> None:
        mapped = self._shown
        if mapped is None:
            self._empty.set_words(self._why_nothing(), self._way_out())
            self._stack.setCurrentWidget(self._empty)
            self._wait()
            return
        self._stack.setCurrentWidget(self._content)
        self._places = np.frombuffer(mapped.places, np.int32)
        self.map.show_data(map_data(mapped))
        self._note.setText(self._words(mapped))
        self._fade()
        self._show_sample(-1)
        self.map.set_walkable(walkable=mapped.draws)
        self.drawn.setVisible(mapped.draws)
        if self.map.stand is None:
            self.drawn.picture.show_pixels(None)

    def _fade(self) -> None:
        """Fade a map of another moment, or of an epoch before the last, until a new one comes."""
        mapped = self._shown
        if mapped is None:
            return
        moment = self._moment
        is_old = not self.is_arranged and mapped.epoch < self._epoch - 1
        if moment is not None and moment.is_now:
            is_old |= mapped.step < moment.step
        elif moment is not None:
            is_old = mapped.step != moment.step
        self.map.set_stale(stale=is_old)

    def _why_nothing(self) -> str:
        if not self._has_run:
            return self.tr("Train once to see how each layer arranges the samples.")
        if self.is_arranged:
            return self.arranging.problem or self.tr("The samples are about to be arranged.")
        return self._problem or self.tr("The map comes as soon as the layer was looked at.")

    def _way_out(self) -> str:
        if not self._has_run:
            return self.tr("Train")
        return self.tr("Try again") if self._has_failed and not self.is_arranged else ""

    def _wait(self) -> None:
        """Say how far the map is that somebody waits for."""
        is_due = self._has_run and self.wanted and not self._problem
        if is_due and not self.is_arranged and not self.wait.is_waiting:
            self.wait.ask()

    def _on_failed(self, words: str, again: bool) -> None:
        self.wait.end()
        self._problem, self._has_failed = words, again
        self._redraw()
        self.wanted_changed.emit()

    def _on_empty(self) -> None:
        if not self._has_run:
            self.train_requested.emit()
        else:
            self._problem, self._has_failed = "", False
            self._redraw()
            self.wanted_changed.emit()

    def _on_asked(self) -> None:
        if not self.arranging_wait.is_waiting:
            self.arranging_wait.ask()

    def _on_moved(self) -> None:
        arranging = self.arranging
        if arranging.is_done or not self.is_arranged:
            self.arranging_wait.end()
        elif arranging.mapped is not None and not arranging.problem:
            self.arranging_wait.reach(arranging.iteration, arranging.iterations)
        if self.is_arranged:
            self._redraw()

    def _on_method(self) -> None:
        if self.is_arranged:
            self.arranging.use("umap" if self.method.current == "umap" else "tsne")
        self.arranging.set_on(on=self.is_arranged and self.isVisible())
        self.wait.end()
        self._on_moved()
        self._redraw()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        self.arranging.set_on(on=self.is_arranged)
        self._redraw()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt override
        super().hideEvent(event)
        self.arranging.set_on(on=False)

    def _draw_again(self, mapped: LayerMapped) -> None:
        """The weights are others now: draw the same place anew."""
        if mapped.node == self._node and mapped.draws and self.map.stand is not None:
            self.drawn.want(*self.map.stand)

    def _words(self, mapped: LayerMapped) -> str:
        values = self.tr("{0} values").format(count(mapped.features))
        if mapped.features == 1:
            values = self.tr("1 value")
        elif mapped.used_features < mapped.features:
            values = self.tr("{0} of {1} values, in even steps").format(
                count(mapped.used_features), count(mapped.features)
            )
        samples = self.tr("{0} samples").format(count(len(self._places)))
        words = f"{values} · {samples} · " + self.tr("epoch {0}").format(f"{mapped.epoch:.3g}")
        if self.is_arranged and not self.arranging.is_done:
            share = self.arranging.iteration / max(1, self.arranging.iterations)
            on_the_way = self.tr("{0} of the way").format(percent(share))
            if self.method.current == "umap":
                on_the_way = self.tr("UMAP is placing them")
            words = f"{words} · {on_the_way}"
        return words

    def _show_sample(self, sample: int) -> None:
        mapped = self._shown
        if mapped is None:
            return
        sample = sample if sample >= 0 else self.map.chosen_sample
        self._neighbours.setVisible(sample >= 0)
        self._hint.setVisible(sample < 0)
        if sample < 0:
            return
        truths, called = (np.frombuffer(b, np.int32) for b in (mapped.truths, mapped.called))
        self._sample.set_title(self.tr("Sample {0}").format(int(self._places[sample])))
        note = ""
        if truths.size:
            note = self.tr("label {0}").format(class_name(mapped, int(truths[sample])))
        if called.size:
            read = self.tr("read as {0}").format(class_name(mapped, int(called[sample])))
            note = f"{note}, {read}"
        self._sample.set_note(note)
        is_number = mapped.features == 1
        self._measure.set_note(self.tr("difference") if is_number else self.tr("cosine"))
        self.neighbours.show_pictures(*neighbours_of(mapped, sample))

    def _on_chosen(self, sample: int) -> None:
        self._show_sample(sample)
        self.sample_chosen.emit(int(self._places[sample]))

    # Building

    def _build(self) -> None:
        self._empty = EmptyState("category-attn", "")
        self._empty.acted.connect(self._on_empty)
        self._header = LayerHeader()
        self._note = Label("", "small", "text2")
        self._header.add_trailing(self._note)
        self.drawn = DrawnHere()
        self.drawn.asked.connect(self.asked)
        self.map = ClassMap()
        self.map.hovered.connect(self._show_sample)
        self.map.chosen.connect(self._on_chosen)
        self.map.walked.connect(self.drawn.want)
        self._hint = Label(self.tr("Point at a sample to see its neighbours."), "small", "text3")
        self._hint.setWordWrap(True)
        self._sample = SectionTitle("")
        self.neighbours = Neighbours()
        self._neighbours = QWidget()
        column = QVBoxLayout(self._neighbours)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._sample)
        self._measure = SectionTitle(self.tr("Neighbours"), self.tr("cosine"))
        column.addWidget(self._measure)
        column.addWidget(self.neighbours)
        self._side = QWidget()
        self._side.setFixedWidth(SIDE_PX)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.addWidget(self.drawn)
        side.addWidget(self._hint)
        side.addWidget(self._neighbours)
        side.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addWidget(self.map, stretch=1)
        row.addWidget(self._side)
        self._content = QWidget()
        whole = QVBoxLayout(self._content)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(10)
        whole.addWidget(self._header)
        whole.addLayout(row, stretch=1)
        self.wait = WaitRow("map", self.tr("Mapping the samples"))
        self.wait.failed.connect(self._on_failed)
        self.arranging_wait = WaitRow("arrange_layer", self.tr("Arranging the samples"))
        self.arranging_wait.retried.connect(self.arranging.go_on)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._content)
        self.plane, self.likeness, self.pictures = Plane(), Likeness(), MadePictures()
        self.likeness.layer_chosen.connect(self.node_requested)
        for view in (self.plane, self.likeness, self.pictures):
            view.question_asked.connect(self.asked)
            view.train_requested.connect(self.train_requested)
            view.setContentsMargins(16, 4, 16, 12)
        samples = QWidget()
        column = QVBoxLayout(samples)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(holder, stretch=1)
        for waiting in (self.wait, self.arranging_wait):
            waiting.setContentsMargins(16, 0, 16, 8)
            column.addWidget(waiting)
        self._lay_out(samples)
        self._redraw()

    def _lay_out(self, samples: QWidget) -> None:
        self.kind = SegmentedControl(
            self.tr("What is mapped"),
            (
                ("samples", self.tr("Samples")),
                ("plane", self.tr("Plane")),
                ("layers", self.tr("Layers")),
                ("pictures", self.tr("Pictures")),
            ),
        )
        self.kind.segment("plane").setToolTip(self.tr("The decision surface over two inputs"))
        self.kind.segment("layers").setToolTip(self.tr("How alike layers see the samples"))
        self.kind.segment("pictures").setToolTip(
            self.tr("What a generator or an autoencoder draws")
        )
        views = {
            "samples": samples,
            "plane": self.plane,
            "layers": self.likeness,
            "pictures": self.pictures,
        }
        top = QHBoxLayout()
        top.setContentsMargins(16, 10, 16, 0)
        self.method = SegmentedControl(
            self.tr("How samples are arranged"),
            (("pca", self.tr("PCA")), ("tsne", self.tr("t-SNE")), ("umap", self.tr("UMAP"))),
        )
        self.method.segment("pca").setToolTip(
            self.tr("Along the directions in which they differ most")
        )
        self.method.segment("tsne").setToolTip(
            self.tr("Those that the layer takes for alike together")
        )
        has_umap = importlib.util.find_spec("umap") is not None
        self.method.segment("umap").setEnabled(has_umap)
        self.method.segment("umap").setToolTip(
            self.tr("Those that the layer takes for alike together, and groups where they belong")
            if has_umap
            else self.tr("UMAP is an extra: pip install 'layerloom[embedding]'")
        )
        self.method.chosen.connect(lambda _key: self._on_method())
        top.addWidget(self.kind)
        top.addStretch(1)
        top.addWidget(self.method)
        shown = QStackedLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        # Before it holds anything: it shows its first view at once, as a window of its own.
        column.addLayout(shown, stretch=1)
        for view in views.values():
            shown.addWidget(view)
        self.kind.chosen.connect(lambda key: shown.setCurrentWidget(views[key]))
        self.kind.chosen.connect(lambda key: self.method.setVisible(key == "samples"))
