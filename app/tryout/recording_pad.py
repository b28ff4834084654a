"""A recording as an input: a sound file that is dropped or opened."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from app.drops import FileDrops, only
from app.theme import current_theme
from app.tryout.pad import OF_NUMBERS, Given, Pad
from app.tryout.received import Parts, paint_over_time
from app.widgets import Button, FlowText
from engine.data import prepare
from engine.data.preparation import Waveform
from engine.training.insight import InputField, Subject

_HEIGHT_PX = 120


class RecordingPad(Pad):
    """Shows the sound as the model gets it: cut or filled up to the length that it knows."""

    def __init__(self, field: InputField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert isinstance(field.prepare, Waveform), "chosen for inputs of sound"
        self.ways = OF_NUMBERS
        self._how = field.prepare
        self.title = self.tr("Recording")
        seconds = self._how.length / self._how.rate
        self.note = self.tr("{0:.1f} s at {1} Hz").format(seconds, self._how.rate)
        self._file = ""
        self.wave = Waves()
        self._open = Button(self.tr("Open…"), icon_name="open", extent="small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(FlowText(self.tr("Drop a WAV, FLAC, OGG or MP3 file here, or open one.")))
        column.addWidget(self.wave)
        column.addWidget(self._open)
        FileDrops(self, only(Path.is_file), lambda path, _: self.read_file(path))
        self._open.clicked.connect(self.open_file)

    def given(self) -> Given | None:
        return Given(Subject(key="", file=self._file)) if self._file else None

    def take(self, given: Given) -> None:
        self.read_file(Path(given.subject.file))

    def show_parts(self, parts: Parts | None) -> None:
        self.wave.show_parts(parts)

    def open_file(self) -> None:
        """Ask for a file and read it."""
        chosen, _ = QFileDialog.getOpenFileName(
            self, self.tr("Open recording"), str(Path.home()), "Sound (*.wav *.flac *.ogg *.mp3)"
        )
        if chosen:
            self.read_file(Path(chosen))

    def read_file(self, path: Path) -> None:
        """Show a sound file and give it to the model."""
        try:
            samples = prepare.recording(path, msgspec.to_builtins(self._how))
        except prepare.UNREADABLE as error:
            self.problem.emit(self.tr("{0} is no recording. {1}").format(path.name, error))
            return
        self._file = str(path)
        self.wave.show_samples(samples[0])
        self.problem.emit("")
        self.changed.emit()


class Waves(QWidget):
    """A sound over time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: NDArray[np.float32] = np.zeros(0, np.float32)
        self._parts: Parts | None = None
        self.setFixedHeight(_HEIGHT_PX)
        self.setAccessibleName(self.tr("Recording"))

    def show_samples(self, samples: NDArray[np.float32]) -> None:
        self._samples = samples
        self.update()

    def show_parts(self, parts: Parts | None) -> None:
        """Colour the sound by what its parts add to the answer, or no longer."""
        self._parts = parts
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(280, _HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colours.canvas)
        painter.setPen(theme.colours.line2)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.radius.field, theme.radius.field)
        if not self._samples.size:
            return
        if self._parts is not None:
            paint_over_time(painter, box.adjusted(4, 1, -4, -1), self._parts)
        columns = np.array_split(self._samples, max(1, self.width() - 8))
        loudest = float(np.abs(self._samples).max()) or 1.0
        half = box.height() / 2 - 6
        for x, column in enumerate(columns):
            top = box.center().y() - float(column.max()) / loudest * half
            bottom = box.center().y() - float(column.min()) / loudest * half
            painter.fillRect(QRectF(4 + x, top, 1, max(1.0, bottom - top)), theme.colours.train)
