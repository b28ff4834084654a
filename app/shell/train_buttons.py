"""The right end of the header: where to train, Train, and what takes its place during a run."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStyle, QStyleOptionButton, QWidget

from app.theme import current_theme, font
from app.widgets import Button

Phase = Literal["ready", "preparing", "training", "paused", "stopping"]


class TrainButtons(QWidget):
    """Train while nothing runs; ``Epoch 9 of 12``, Pause and Stop while something does."""

    train_asked = Signal()
    pause_asked = Signal()
    resume_asked = Signal()
    stop_asked = Signal()
    focus_lost = Signal()
    """The button that had the keyboard has gone; Qt would hand it to any other, as to Undo."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phase: Phase = "ready"
        self._errors = 0
        self._finished = False
        self._narrow = False
        self.device = Button("CPU", icon_name="device")
        self.device.setAccessibleName(self.tr("Device"))
        self.device.setToolTip(self.tr("Where to train"))
        self._epoch = QLabel()
        self._epoch.setFont(font("body"))
        self._train = _CountedButton(self.tr("Train"))
        self._pause = Button(self.tr("Pause"), icon_name="pause")
        self._stop = Button(self.tr("Stop"), "danger", icon_name="stop")
        self._acting = (self._train, self._pause, self._stop)
        self._keys = ""
        self._lay_out()
        self._train.clicked.connect(self.train_asked)
        self._pause.clicked.connect(self._on_pause)
        self._stop.clicked.connect(self.stop_asked)
        self._show()

    def name_keys(self, *, train: str, pause: str, stop: str) -> None:
        """Say in the tooltips which keys do the same, as the desktop writes them."""
        self._keys = train
        self._pause.setToolTip(_with_key(self.tr("Hold after this step"), pause))
        self._stop.setToolTip(_with_key(self.tr("Save a checkpoint and end the run"), stop))
        self._show()

    def focus_train(self) -> None:
        """Put the keyboard on Train: Enter trains."""
        self._train.setFocus()

    def set_phase(self, phase: Phase) -> None:
        """Show the buttons of a phase."""
        self._phase = phase
        if phase == "preparing":
            self._epoch.setText("")  # that of the run before says nothing about this one
        self._show()

    def set_epoch(self, epoch: int, epochs: int) -> None:
        """Show which epoch is under way."""
        self._epoch.setText(
            self.tr("Epoch <b>{0}</b> of {1}").format(min(epoch, epochs), epochs) if epochs else ""
        )

    def set_errors(self, count: int) -> None:
        """Show on Train how many errors stand in its way."""
        self._errors = count
        self._show()

    def set_finished(self, finished: bool) -> None:
        """Say that the drawing was trained as it is: Train is no longer the next step."""
        self._finished = finished
        self._show()

    def set_narrow(self, *, narrow: bool) -> None:
        """Leave out during a run what the status bar says as well."""
        if narrow != self._narrow:
            self._narrow = narrow
            self._show()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for widget in (self._epoch, self.device, self._train, self._pause, self._stop):
            row.addWidget(widget)

    def _on_pause(self) -> None:
        (self.resume_asked if self._phase == "paused" else self.pause_asked).emit()

    def _show(self) -> None:
        runs = self._phase != "ready"
        focused = next((button for button in self._acting if button.hasFocus()), None)
        self._train.setVisible(not runs)
        self.device.setVisible(not (runs and self._narrow))
        for widget in (self._epoch, self._pause, self._stop):
            widget.setVisible(runs)
        self._train.set_count(self._errors)
        self._train.set_kind("plain" if self._errors or self._finished else "primary")
        tip = self.tr("Train this network")
        if self._errors:
            tip = self.tr("See what keeps this network from training")
        self._train.setToolTip(_with_key(tip, self._keys))
        paused = self._phase == "paused"
        self._pause.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self._pause.set_icon_name("play" if paused else "pause")
        self._pause.setEnabled(self._phase in ("training", "paused"))
        self._stop.setEnabled(self._phase != "stopping")
        self._stop.setText(self.tr("Stopping…") if self._phase == "stopping" else self.tr("Stop"))
        if focused is not None and (focused.isHidden() or not focused.isEnabled()):
            self.focus_lost.emit()


class _CountedButton(Button):
    """Train, with the number of errors behind the word."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "primary", icon_name="play")
        self._word = text
        self._count = 0

    def set_count(self, count: int) -> None:
        self._count = count
        # Room for the disc: the style lays out the text alone.
        self.setText(f"{self._word}        " if count else self._word)
        self.setAccessibleName(f"{self._word}, {count}" if count else self._word)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        super().paintEvent(event)
        if not self._count:
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        inner = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc = inner.adjusted(inner.width() - 22, 0, 0, 0)
        disc.setSize(disc.size().scaled(18, 18, Qt.AspectRatioMode.IgnoreAspectRatio))
        disc.moveCenter(inner.center())
        disc.moveRight(self.width() - 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours.err_soft)
        painter.drawEllipse(disc)
        painter.setPen(theme.colours.err)
        painter.setFont(font("micro", weight=600))
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(self._count))


def _with_key(text: str, keys: str) -> str:
    return f"{text} ({keys})" if keys else text
