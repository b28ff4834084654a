"""Export: take the trained model away, with the proof that it gives the same answers there."""

from __future__ import annotations

from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from threading import Thread
from typing import get_args

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.export_words import SNIPPETS, TARGET_WORDS, proof_lines
from app.handover import Handover
from app.widgets import Button, ChoiceField, EmptyState, FlowText, Label, SectionTitle
from app.widgets.choice_row import ChoiceRow
from engine.export.job import (
    ExportFailed,
    ExportProgress,
    ExportResult,
    RunningExport,
    Target,
    start_export,
)
from engine.export.lacking import lacking_in_onnx
from engine.export.networks import networks
from engine.project.files import load
from engine.runs.record import CheckpointName, RunRecord
from nodes.errors import ExportError, LoomError

_SIZE = (640, 520)
_LEFT_PX = 232
_WHOLE = ""
_SOURCE_PLACE = get_args(Target).index("source")

_Message = ExportProgress | ExportResult | ExportFailed


class ExportDialog(QDialog):
    """640 × 520: what to make at the left, from which weights and the proof at the right."""

    replacing_requested = Signal()
    """Layers that ONNX has are to take the places of those that it lacks, in the drawing."""

    def __init__(self, run: Path | None, *, running: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run if run is not None and _has_weights(run) else None
        self._running = running
        self._lacking = cache(partial(_lacking, self._run))
        self._export: RunningExport | None = None
        self._result: ExportResult | None = None
        self._told = Handover(self, self._on_told)
        self.setWindowTitle(self.tr("Export"))
        self.setFixedSize(*_SIZE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        if self._run is None:
            column.addWidget(self._nothing_yet())
        else:
            column.addLayout(self._build())
            self._choose("onnx")

    def _nothing_yet(self) -> QWidget:
        words = self.tr("Train the network first: its weights are what an export takes along.")
        empty = EmptyState("export", words, self.tr("Close"))
        empty.acted.connect(self.reject)
        return empty

    def _build(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._build_targets())
        row.addLayout(self._build_right(), 1)
        return row

    def _build_targets(self) -> QWidget:
        left = QFrame()
        left.setProperty("surface", "window")
        left.setFixedWidth(_LEFT_PX)
        column = QVBoxLayout(left)
        column.setContentsMargins(12, 16, 12, 16)
        column.setSpacing(4)
        self._targets = QButtonGroup(self)
        for target in get_args(Target):
            words = TARGET_WORDS[target]
            entry = ChoiceRow(words.title, words.use)
            self._targets.addButton(entry)
            entry.clicked.connect(lambda _checked=False, target=target: self._choose(target))
            entry.setChecked(target == "onnx")
            column.addWidget(entry)
        column.addStretch(1)
        return left

    def _build_right(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        self._heading = Label("", "heading")
        self._about = FlowText("")
        self._weights = ChoiceField(
            self.tr("Weights from"),
            [("best", self.tr("Best epoch")), ("last", self.tr("Last step"))],
            "best",
        )
        self._part = ChoiceField(
            self.tr("What to take"), [(_WHOLE, self.tr("The whole drawing")), *self._networks()]
        )
        self._part.committed.connect(self._on_part)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(4)
        self._progress.setRange(0, 1000)
        self._progress.setAccessibleName(self.tr("Progress"))
        self._proof = FlowText("", tone="text2")
        column.addWidget(self._heading)
        column.addWidget(self._about)
        column.addSpacing(8)
        if self._part.count() > 1:
            column.addWidget(SectionTitle(self.tr("What to take")))
            column.addWidget(self._part)
            column.addSpacing(8)
        else:
            self._part.setParent(self)
            self._part.hide()
        column.addWidget(SectionTitle(self.tr("Weights from")))
        column.addWidget(self._weights)
        column.addSpacing(8)
        column.addWidget(SectionTitle(self.tr("Proof")))
        column.addWidget(self._progress)
        column.addWidget(self._proof)
        column.addWidget(self._build_ways_on())
        column.addStretch(1)
        column.addLayout(self._build_buttons())
        return column

    def _networks(self) -> list[tuple[str, str]]:
        """Return the networks that can be taken away alone, where the project can be read."""
        assert self._run is not None, "without a run nothing is built"
        with suppress(LoomError):
            project = RunRecord.open(self._run).project_looked_into()
            return [(name, name) for name in networks(project)]
        return []

    def _build_ways_on(self) -> QWidget:
        """What helps where a layer stands in the way of ONNX."""
        self._ways_on = QWidget()
        replacing = Button(self.tr("Replace it"), icon_name="wand", extent="small")
        replacing.setToolTip(self.tr("In the drawing; train again afterwards."))
        replacing.clicked.connect(self._on_replacing)
        instead = Button(self.tr("PyTorch source instead"), extent="small")
        instead.clicked.connect(lambda: self._targets.buttons()[_SOURCE_PLACE].click())
        row = QHBoxLayout(self._ways_on)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        row.addWidget(replacing)
        row.addWidget(instead)
        row.addStretch(1)
        return self._ways_on

    def _on_replacing(self) -> None:
        self.reject()
        self.replacing_requested.emit()

    def _build_buttons(self) -> QHBoxLayout:
        self._folder = Button(self.tr("Show in folder"), icon_name="folder")
        self._snippet = Button(self.tr("Copy snippet"), icon_name="copy")
        self._close = Button(self.tr("Close"), "ghost")
        self._go = Button(self.tr("Export…"), "primary", icon_name="export")
        self._folder.clicked.connect(self._on_folder)
        self._snippet.clicked.connect(self._on_snippet)
        self._close.clicked.connect(self.reject)
        self._go.clicked.connect(self._on_go)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._folder)
        row.addWidget(self._snippet)
        row.addStretch(1)
        row.addWidget(self._close)
        row.addWidget(self._go)
        return row

    def _choose(self, target: Target) -> None:
        self._target = target
        words = TARGET_WORDS[target]
        self._heading.setText(words.title)
        self._about.set_words(words.holds)
        self._result = None
        self._show_idle()

    def _on_part(self, _part: str) -> None:
        self._result = None
        self._show_idle()

    def _show_idle(self) -> None:
        self._progress.setValue(0)
        note = self.tr(
            "After the export {0} samples go through both, and the answers are compared."
        )
        if self._running:
            note = self.tr("The run goes on; its newest checkpoint is taken. ") + note
        self._say(note.format(16), "text2")
        self._show_buttons(done=False)
        lacking = self._lacking(self._part.value) if self._target == "onnx" else None
        self._ways_on.setVisible(lacking is not None)
        if lacking is not None:
            self._say("\n".join((f"**{lacking.title}**", lacking.why, lacking.hint)), "err")
            self._go.setEnabled(False)

    def _show_buttons(self, *, done: bool) -> None:
        self._folder.setVisible(done)
        self._snippet.setVisible(done)
        self._go.setVisible(not done)
        self._close.setText(self.tr("Close"))
        self._set_busy(busy=False)

    def _set_busy(self, *, busy: bool) -> None:
        entries: list[QAbstractButton] = self._targets.buttons()
        for entry in entries:
            entry.setEnabled(not busy)
        self._weights.setEnabled(not busy)
        self._part.setEnabled(not busy)
        self._go.setEnabled(not busy)
        self._close.setText(self.tr("Cancel") if busy else self.tr("Close"))

    def _on_go(self) -> None:
        assert self._run is not None, "without a run there is no such button"
        path = self._ask_for_place()
        if path is None:
            return
        self._set_busy(busy=True)
        self._say(self.tr("Starting…"), "text2")
        weights: CheckpointName = "last" if self._weights.value == "last" else "best"
        try:
            self._export = start_export(
                self._run, self._target, path, weights=weights, part=self._part.value
            )
        except LoomError as error:
            self._set_busy(busy=False)
            self._say(str(error), "err")
            return
        listened = (self._export, self._told)
        Thread(target=_listen, args=listened, name="export", daemon=True).start()

    def _ask_for_place(self) -> Path | None:
        assert self._run is not None, "without a run there is nothing to place"
        words = TARGET_WORDS[self._target]
        name = self._part.value or RunRecord.open(self._run).info.name
        start = str(Path.home() / f"{name}{words.suffix}")
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Export as"), start, words.kinds)
        return Path(chosen) if chosen else None

    def _on_told(self, message: _Message) -> None:
        match message:
            case ExportProgress():
                self._progress.setValue(round(message.share * 1000))
                self._say(message.text, "text2")
            case ExportResult():
                self._finish(message)
            case ExportFailed():
                self._export = None
                self._show_idle()
                parts = (f"**{message.title}**", message.why, message.hint)
                self._say("\n".join(part for part in parts if part), "err")

    def _finish(self, result: ExportResult) -> None:
        self._export = None
        self._result = result
        self._progress.setValue(1000)
        self._show_buttons(done=True)
        self._say("\n".join(proof_lines(result)), "text")

    def _say(self, text: str, tone: str) -> None:
        self._proof.set_words(text)
        self._proof.set_tone("err" if tone == "err" else "text" if tone == "text" else "text2")

    def _on_folder(self) -> None:
        assert self._result is not None, "the button is there with a result"
        folder = Path(self._result.path)
        QDesktopServices.openUrl(
            QUrl.fromLocalFile(str(folder if folder.is_dir() else folder.parent))
        )

    def _on_snippet(self) -> None:
        assert self._result is not None, "the button is there with a result"
        QGuiApplication.clipboard().setText(SNIPPETS[self._result.to].format(self._result.path))

    def reject(self) -> None:
        self._cancel()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt override
        self._cancel()
        super().closeEvent(event)

    def _cancel(self) -> None:
        if self._export is not None:
            self._export.cancel()
            self._export = None


def _listen(export: RunningExport, told: Handover[_Message]) -> None:
    for message in export:
        told.give(message)


def _lacking(run: Path | None, part: str) -> ExportError | None:
    """Return why a drawing, or a part of it, cannot become an ONNX file, where it is known."""
    if run is None:
        return None
    try:
        return lacking_in_onnx(load(run / "project.loom").project.graph, part)
    except LoomError:
        return None


def _has_weights(run: Path) -> bool:
    try:
        record = RunRecord.open(run)
    except LoomError:
        return False
    return any(record.checkpoint(name) for name in get_args(CheckpointName))
