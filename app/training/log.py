"""The Log tab: what training said, one line each, with tracebacks folded under a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTime, QTimer
from PySide6.QtGui import QBrush, QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.figures import byte_size, count, duration, figure, percent
from app.theme import current_theme, font, icon, theme_manager
from app.widgets import EmptyState
from engine.data.metric_names import is_share
from engine.training.events import (
    CheckpointSaved,
    EpochEnded,
    HealthNoted,
    RunChanged,
    RunEnded,
    RunFailed,
    RunPaused,
    RunResumed,
    RunStarted,
    RunWentBack,
    TrainingEvent,
    WorkerReady,
)

_LONGEST = 2000
_TIME, _TEXT = range(2)
_TONE_ROLE = Qt.ItemDataRole.UserRole
_ICONS = {"err": "error", "warn": "warning", "ok": "check"}
_ENDS = {
    "finished": "The run finished in {0}",
    "stopped": "The run was stopped after {0}",
    "stopped_early": "The run stopped early after {0}: validation got no better",
    "failed": "The run ended after {0} because of the problem above",
    "lost": "The training process was lost after {0}",
}


class TrainingLog(QWidget):
    """Follows the end unless the person has scrolled up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Log"))
        self._is_percent = False
        self._follows = True
        self._since_start: str | None = None
        """How far a run was, while lines are read from its record."""

        self._list = _lines()
        empty = EmptyState("log", self.tr("Messages from training appear here."))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(self._list)
        theme_manager().changed.connect(self._on_theme_changed)

    @property
    def lines(self) -> tuple[str, ...]:
        """Every message, oldest first."""
        return tuple(item.text(_TEXT) for item in self._items())

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Add a line for each event that has something to say."""
        if self._list.isVisible():
            bar = self._list.verticalScrollBar()
            self._follows = bar.value() >= bar.maximum() - 4
        before = self._list.topLevelItemCount()
        for event in events:
            self._take(event)
        if self._list.topLevelItemCount() == before:
            return
        while self._list.topLevelItemCount() > _LONGEST:
            self._list.takeTopLevelItem(0)
        self._stack.setCurrentWidget(self._list)
        if self._follows:
            self._list.scrollToBottom()

    def show_record(self, name: str, events: Sequence[TrainingEvent]) -> None:
        """Add what a run told that is over; beside it stands how long the run had gone on."""
        self._since_start = ""
        self.add(self.tr("From the record of {0}").format(name), "text2")
        for event in events:
            if isinstance(event, EpochEnded | RunEnded):
                self._since_start = duration(event.seconds)
            self.show_events([event])
        self._since_start = None

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        if self._follows:
            # Once the list has the room that it is shown in.
            QTimer.singleShot(0, self._list.scrollToBottom)

    def add(self, text: str, tone: str = "text", details: str = "") -> None:
        """Add a line; ``details`` are folded under it."""
        when = self._since_start
        if when is None:
            when = QTime.currentTime().toString("HH:mm:ss")
        item = QTreeWidgetItem([when, text])
        item.setData(_TEXT, _TONE_ROLE, tone)
        item.setToolTip(_TEXT, text)
        if details:
            folded = QTreeWidgetItem(["", details.rstrip()])
            folded.setFont(_TEXT, font("code"))
            folded.setData(_TEXT, _TONE_ROLE, "text2")
            item.addChild(folded)
        self._list.addTopLevelItem(item)
        _colour(item)

    def _take(self, event: TrainingEvent) -> None:
        match event:
            case WorkerReady(torch=torch, devices=devices):
                self.add(
                    self.tr("PyTorch {0} is ready: {1}").format(torch, ", ".join(devices)), "text2"
                )
            case RunStarted():
                self._take_start(event)
            case EpochEnded():
                self.add(self._epoch_line(event))
            case CheckpointSaved(step=step, best=True):
                self.add(
                    self.tr("Best weights so far, saved at step {0}").format(count(step)), "text2"
                )
            case HealthNoted(text=text):
                self.add(text, "text2" if event.is_well else "warn")
            case RunPaused(step=step):
                self.add(self.tr("Paused at step {0}").format(count(step)), "text2")
            case RunResumed(step=step):
                self.add(self.tr("Going on from step {0}").format(count(step)), "text2")
            case RunChanged(step=step, title=title):
                self.add(self.tr("{0}, from step {1} on").format(title, count(step + 1)))
                self._tell_layers(event)
            case RunWentBack(step=step):
                self.add(self.tr("Back at step {0}").format(count(step)))
            case RunFailed(title=title, why=why, hint=hint, details=details):
                self.add(
                    " ".join(part for part in (f"{title}.", why, hint) if part), "err", details
                )
            case RunEnded(outcome=outcome, seconds=seconds):
                tone = "ok" if outcome == "finished" else "text"
                self.add(_ENDS[outcome].format(duration(seconds)) + ".", tone)
            case _:
                pass

    def _take_start(self, event: RunStarted) -> None:
        self._is_percent = is_share(event.metric)
        text = self.tr("{0} starts on {1}: {2} parameters, {3} samples to train, {4} to validate")
        self.add(
            text.format(
                event.project,
                event.device.upper(),
                count(event.parameters),
                count(event.training_samples),
                count(event.validation_samples),
            )
        )
        for note in event.notes:
            self.add(note, "warn")

    def _tell_layers(self, event: RunChanged) -> None:
        """Say what became of the layers, where the drawing changed."""
        if event.reset or not (event.new or event.grown or event.dropped):
            return
        parts = (
            (self.tr("kept what they learned"), event.kept),
            (self.tr("grew, computing the same"), event.grown),
            (self.tr("began anew"), event.new),
            (self.tr("dropped"), event.dropped),
        )
        words = [f"{count(len(nodes))} {what}" for what, nodes in parts if nodes]
        self.add(self.tr("Layers: {0}").format(", ".join(words)), "text2")

    def _epoch_line(self, event: EpochEnded) -> str:
        parts = [self.tr("Epoch {0}: loss {1}").format(event.epoch, figure(event.training_loss))]
        if event.validation_loss is not None:
            parts.append(self.tr("validation {0}").format(figure(event.validation_loss)))
        if event.validation_metric is not None:
            written = percent if self._is_percent else figure
            name = self.tr("accuracy") if self._is_percent else self.tr("error")
            parts.append(f"{name} {written(event.validation_metric)}")
        if event.gpu_memory is not None:
            parts.append(self.tr("GPU memory {0}").format(byte_size(event.gpu_memory)))
        return " · ".join(parts)

    def _items(self) -> list[QTreeWidgetItem]:
        items = (self._list.topLevelItem(row) for row in range(self._list.topLevelItemCount()))
        return [item for item in items if item is not None]

    def _on_theme_changed(self) -> None:
        for item in self._items():
            _colour(item)


class _Lines(QTreeWidget):
    """A list whose lines can be copied."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.matches(QKeySequence.StandardKey.Copy):
            lines = [
                f"{item.text(_TIME)} {item.text(_TEXT)}".strip() for item in self.selectedItems()
            ]
            QGuiApplication.clipboard().setText("\n".join(lines))
        else:
            super().keyPressEvent(event)


def _lines() -> _Lines:
    lines = _Lines()
    lines.setColumnCount(2)
    lines.setHeaderHidden(True)
    lines.setFont(font("small"))
    lines.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    lines.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    lines.setColumnWidth(_TIME, 96)
    lines.setIndentation(18)
    lines.setAccessibleName(lines.tr("Messages"))
    return lines


def _colour(item: QTreeWidgetItem) -> None:
    colours = current_theme().colours
    tone = item.data(_TEXT, _TONE_ROLE)
    item.setForeground(_TIME, QBrush(colours.text3))
    item.setForeground(_TEXT, QBrush(colours[tone]))
    if tone in _ICONS:
        item.setIcon(_TEXT, icon(_ICONS[tone], tone))
    for row in range(item.childCount()):
        folded = item.child(row)
        if folded is not None:
            _colour(folded)
