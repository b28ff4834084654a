"""The Runs panel: every training run, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QPainter,
    QShowEvent,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import QMenu, QStackedLayout, QWidget

from app.document import Document
from app.figures import duration, figure, percent
from app.runs.reading import Reading, RunLine
from app.theme import ThemeManager, font, pixmap
from app.widgets import EmptyState
from app.widgets.item_rows import remove_rows
from app.widgets.row_tree import Index, RowState, RowTree
from engine.data.metric_names import is_share
from engine.runs.record import State, runs_root
from engine.training.events import EpochEnded, RunEnded, RunStarted, TrainingEvent

_FOLDER = Qt.ItemDataRole.UserRole
_SETTLE_MS = 200
_ROW_PX = 48
_LEFT_PX = 16
_GLYPH_PX = 14
_LOOKS: dict[State, tuple[str, str, str]] = {
    "running": ("dot", "ok", "training"),
    "finished": ("done", "ok", "finished"),
    "stopped": ("stop", "text3", "stopped"),
    "stopped_early": ("done", "ok", "stopped early"),
    "failed": ("ring", "err", "ended by a problem"),
    "lost": ("ring", "err", "ended without a word"),
}


class RunsPanel(QWidget):
    """Lists the runs and says which one the person wants to see."""

    run_chosen = Signal(object)
    """A run is to be shown: the ``Path`` of its folder."""

    overlay_requested = Signal(object)
    """The curves of a run are to be laid behind those that are shown: its ``Path``."""

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Runs"))
        del document  # runs outlive the project that is open
        self._lines: tuple[RunLine, ...] = ()
        self._reading = Reading(runs_root, self)
        self._reading.done.connect(self._show)
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self._watcher.directoryChanged.connect(self._settle.start)
        self.tree = _RunTree(theme)
        self.tree.run_chosen.connect(self.run_chosen)
        self.tree.overlay_requested.connect(self.overlay_requested)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(EmptyState("runs", self.tr("Each training run is kept here.")))
        self._stack.addWidget(self.tree)

    @property
    def lines(self) -> tuple[RunLine, ...]:
        """The runs as they are listed."""
        return self._lines

    def refresh(self) -> None:
        """Look into the folder of the runs again."""
        root = str(runs_root())
        if runs_root().is_dir() and root not in self._watcher.directories():
            self._watcher.addPath(root)
        self._reading.read()

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Follow the run that is under way."""
        if any(isinstance(event, RunStarted | EpochEnded | RunEnded) for event in events):
            self._settle.start()

    def select(self, folder: Path) -> None:
        """Mark a run as the one that is shown, without announcing it."""
        self.tree.select(folder)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        self.refresh()

    def _show(self, lines: tuple[RunLine, ...]) -> None:
        self._lines = lines
        self.tree.show_lines(lines)
        self._stack.setCurrentIndex(1 if lines else 0)


class _RunTree(RowTree):
    """Two lines for each run: name and best value, then when, epochs and time."""

    run_chosen = Signal(object)
    overlay_requested = Signal(object)

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__("Runs", theme)
        self._lines: dict[str, RunLine] = {}
        self._model = QStandardItemModel()
        self.setModel(self._model)
        self.clicked.connect(self._choose)

    def row_height(self) -> int:
        return _ROW_PX

    def show_lines(self, lines: Sequence[RunLine]) -> None:
        """List runs; the chosen one stays chosen."""
        chosen = self.currentIndex().data(_FOLDER)
        self._lines = {str(line.folder): line for line in lines}
        remove_rows(self._model)
        for line in lines:
            item = QStandardItem(line.name)
            item.setData(str(line.folder), _FOLDER)
            item.setData(spoken(line), Qt.ItemDataRole.AccessibleTextRole)
            item.setToolTip(f"{line.folder.name}\n{line.reason}".strip())
            self._model.appendRow(item)
        if chosen:
            self.select(Path(chosen))

    def select(self, folder: Path) -> None:
        """Mark a run."""
        for row in range(self._model.rowCount()):
            index = self._model.index(row, 0)
            if index.data(_FOLDER) == str(folder):
                self.setCurrentIndex(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt override
        index = self.currentIndex()
        if not index.isValid():
            return
        menu = QMenu(self)
        menu.addAction(self.tr("Show"), lambda: self._choose(index))
        menu.addAction(self.tr("Lay Behind the Curves"), lambda: self._overlay(index))
        menu.exec(event.globalPos())
        menu.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.currentIndex())
            return
        super().keyPressEvent(event)

    def paint_row(self, painter: QPainter, box: QRect, index: Index, state: RowState) -> None:
        line = self._lines.get(str(index.data(_FOLDER)))
        if line is None:
            return
        colours = self._theme.theme.colours
        glyph, token, _ = _LOOKS[line.state]
        ink = colours[token]
        top = box.top() + 5
        picture = pixmap(glyph, _GLYPH_PX, ink, self.devicePixelRatioF())
        painter.drawPixmap(_LEFT_PX, top + 3, picture)
        area = QRect(_LEFT_PX + 22, top, box.width() - _LEFT_PX * 2 - 22, 20)
        right = Qt.AlignmentFlag.AlignRight
        best = best_words(line)
        used = self.paint_text(painter, area, best, font(weight=600), colours.text, align=right)
        name = area.adjusted(0, 0, -used - 10, 0)
        look = font(weight=600 if state.is_selected else 400)
        self.paint_text(painter, name, line.name, look, colours.text)
        area.translate(0, 19)
        if line.reason:
            self.paint_text(painter, area, line.reason, font("small"), colours.err)
            return
        facts = facts_words(line)
        used = self.paint_text(painter, area, facts, font("small"), colours.text2, align=right)
        when = area.adjusted(0, 0, -used - 10, 0)
        self.paint_text(painter, when, when_words(line), font("small"), colours.text3)

    def _overlay(self, index: Index) -> None:
        self.overlay_requested.emit(Path(str(index.data(_FOLDER))))

    def _choose(self, index: Index) -> None:
        if index.isValid():
            self.run_chosen.emit(Path(str(index.data(_FOLDER))))


def best_words(line: RunLine) -> str:
    """The best value: accuracy in per cent, else the number; a dash where there is none."""
    if line.best is None:
        return "–"
    return percent(line.best) if is_share(line.metric) else figure(line.best)


def facts_words(line: RunLine) -> str:
    """How long it went: "4 epochs · 0:31"."""
    epochs = "1 epoch" if line.epochs == 1 else f"{line.epochs} epochs"
    return f"{epochs} · {duration(line.seconds)}" if line.seconds else epochs


def when_words(line: RunLine) -> str:
    """When it began: the time for today, else the day; a live run says so."""
    if line.state == "running":
        return "training"
    if line.started.date() == datetime.now().astimezone().date():
        return f"{line.started:%H:%M}"
    return f"{line.started.day} {line.started:%b}"


def spoken(line: RunLine) -> str:
    """A run in words, for screen readers."""
    words = [line.name, _LOOKS[line.state][2], f"{line.metric} {best_words(line)}".strip()]
    return ", ".join([*words, facts_words(line), line.reason]).rstrip(", ")
