"""The inputs that can be looked at again: those that the person kept, then samples of the run."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.plots.sample_strip import SampleStrip
from app.previews import sample_thumbnails
from app.theme import current_theme, theme_manager
from app.tryout.kept import KeptInputs
from app.tryout.pad import Given
from app.widgets import Button, Label
from engine.training.events import SamplesChosen


class InputStrip(QWidget):
    """A row of pictures, and the button that adds the input of the moment to it."""

    given_chosen = Signal(object)
    """An input that was kept is to be looked at again: a ``Given``."""

    sample_chosen = Signal(int)
    """One of the samples of the run is to be looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kept = KeptInputs()
        self._current: Given | None = None
        self._samples: SamplesChosen | None = None
        self.strip = SampleStrip()
        self.strip.sample_chosen.connect(self._on_place)
        self.keep = Button(self.tr("Add to samples"), icon_name="plus", extent="small")
        self.keep.clicked.connect(self.keep_current)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(Label(self.tr("Sample"), "small", "text3"))
        row.addWidget(self.strip)
        row.addWidget(self.keep)
        theme_manager().changed.connect(self._draw)

    def set_current(self, given: Given | None) -> None:
        """Take the input that there is now, which can be kept."""
        self._current = given
        self.keep.setEnabled(given is not None)
        self.keep.setToolTip("" if given else self.tr("There is no input yet that could be kept."))

    def show_samples(self, samples: SamplesChosen) -> None:
        """Show the samples of a run behind what was kept."""
        self._samples = samples
        self._draw()

    def show_sample(self, sample: int) -> None:
        """Show that a sample of the run is looked at, which need not be kept."""
        self.set_current(None)
        self.strip.show_chosen(len(self.kept) + sample)

    def forget(self) -> None:
        """Let go of what was kept: the model takes something else now."""
        self.kept.clear()

    def keep_current(self) -> None:
        """Keep the input of the moment."""
        if self._current is not None:
            self.kept.add(self._current)
            self._draw()

    def _on_place(self, place: int) -> None:
        if place < len(self.kept):
            self.given_chosen.emit(self.kept[place])
        else:
            self.sample_chosen.emit(place - len(self.kept))

    def _draw(self) -> None:
        theme = current_theme()
        samples = sample_thumbnails(self._samples, theme) if self._samples else []
        pictures: list[QImage] = [*self.kept.pictures(theme), *samples]
        labels = [self.tr("your own")] * len(self.kept)
        if self._samples:
            labels += [self.tr("label {0}").format(label) for label in self._samples.labels]
        texts: tuple[str, ...] = ()
        if self._samples and self._samples.texts:
            texts = (*self.kept.texts(), *self._samples.texts)
        self.strip.show_samples(pictures, labels, texts)
        self.strip.setVisible(bool(pictures))
