"""The Runs panel: every training run, the newest first unless another order is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QFileSystemWatcher, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app.document import Document
from app.plots.run_keys import MOST
from app.runs.order import NEWEST, in_order
from app.runs.reading import Reading, RunLine
from app.runs.tree import RunTree
from app.theme import ThemeManager
from app.widgets import ChoiceField, EmptyState, Label
from app.widgets.search_field import SearchField
from engine.runs.record import runs_root
from engine.training.events import (
    EpochEnded,
    RunEnded,
    RunPaused,
    RunResumed,
    RunStarted,
    TrainingEvent,
)

_SETTLE_MS = 200
_ORDER_PX = 96
_FILTER_FROM = 4
"""Fewer runs are seen at one glance."""


class RunsPanel(QWidget):
    """Lists the runs and says which one the person wants to see, or which to compare."""

    run_chosen = Signal(object)
    """A run is to be shown: the ``Path`` of its folder."""

    overlay_requested = Signal(object)
    """The curves of a run are to be laid behind those that are shown: its ``Path``."""

    act_requested = Signal(str, object)
    """Something is to be done with a run, and its ``Path``; see ``RunTree``."""

    compared_changed = Signal(object)
    """Others are to be compared: a tuple of ``Path``."""

    listed = Signal()
    """The runs have been read anew."""

    train_requested = Signal()

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Runs"))
        del document  # runs outlive the project that is open
        self._lines: tuple[RunLine, ...] = ()
        self._compared: tuple[Path, ...] = ()
        # The run that is followed, and again while it holds.
        self._run = self._paused = ""

        self._reading = Reading(runs_root, self)
        self._reading.done.connect(self._show)
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self._watcher.directoryChanged.connect(self._settle.start)
        self.tree = RunTree(theme)
        self.tree.run_chosen.connect(self.run_chosen)
        self.tree.overlay_requested.connect(self.overlay_requested)
        self.tree.act_requested.connect(self.act_requested)
        self.tree.toggled.connect(self.toggle)
        self.filter = SearchField(self.tr("Filter runs"))
        self.filter.textChanged.connect(self._list)
        self.order = ChoiceField(
            self.tr("Order of the runs"),
            [
                (NEWEST, self.tr("Newest")),
                ("best", self.tr("Best")),
                ("longest", self.tr("Longest")),
                ("name", self.tr("Name")),
                ("starred", self.tr("Starred")),
            ],
            NEWEST,
        )
        self.order.committed.connect(self._list)
        self.order.setFixedWidth(_ORDER_PX)
        self._note = Label("", "small", "text2")
        self._note.setContentsMargins(16, 0, 16, 0)
        self._note.hide()
        self._stack = QStackedLayout(self)
        empty = EmptyState("runs", self.tr("Each training run is kept here."), self.tr("Train"))
        empty.acted.connect(self.train_requested)
        self._stack.addWidget(empty)
        self._stack.addWidget(self._page())

    @property
    def lines(self) -> tuple[RunLine, ...]:
        """The runs as they are listed."""
        return self._lines

    @property
    def compared(self) -> tuple[Path, ...]:
        """The runs that are compared, in the order in which they were chosen."""
        return self._compared

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
        for event in events:
            match event:
                case RunStarted(run=run):
                    self._run, self._paused = run, ""
                case RunPaused():
                    self._paused = self._run
                    self._list()
                case RunResumed() | RunEnded():
                    self._paused = ""
                    self._list()
                case _:
                    pass

    def select(self, folder: Path) -> None:
        """Mark a run as the one that is shown, without announcing it."""
        self.tree.select(folder)

    def set_choosing(self, *, on: bool) -> None:
        """Let a click compare runs rather than show one."""
        self.tree.set_choosing(on=on)
        self._note.setVisible(on)

    def toggle(self, run: Path) -> None:
        """Compare a run, or no longer; the one chosen first makes room where there are many."""
        others = tuple(each for each in self._compared if each != run)
        if run not in self._compared:
            others = (*others, run)[-MOST:]
        self.compare(others)

    def compare(self, runs: Sequence[Path]) -> None:
        """Compare these runs."""
        self._compared = tuple(runs)
        self.compared_changed.emit(self._compared)

    def show_keys(self, keys: Mapping[Path, int]) -> None:
        """Show by which colour and dash each run is known."""
        self.tree.show_compared(frozenset(self._compared), keys)
        words = self.tr("{0} of {1} chosen").format(len(self._compared), len(self._lines))
        self._note.setText(words)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        self.refresh()

    def _show(self, lines: tuple[RunLine, ...]) -> None:
        self._lines = lines
        for field in (self.filter, self.order):
            field.setVisible(len(lines) >= _FILTER_FROM)
        self._list()
        self._stack.setCurrentIndex(1 if lines else 0)
        there = {line.folder for line in lines}
        if not there.issuperset(self._compared):
            self.compare([run for run in self._compared if run in there])
        self.listed.emit()

    def _list(self) -> None:
        wanted = self.filter.text().casefold().split()
        shown = [self._as_it_is(line) for line in self._lines if _answers(line, wanted)]
        self.tree.show_lines(in_order(shown, self.order.value))

    def _as_it_is(self, line: RunLine) -> RunLine:
        """Add what the folder of a run does not say: that it holds."""
        return replace(line, is_paused=str(line.folder) == self._paused)

    def _page(self) -> QWidget:
        page = QWidget()
        head = QWidget()
        inset = QHBoxLayout(head)
        inset.setContentsMargins(8, 8, 8, 6)
        inset.setSpacing(6)
        inset.addWidget(self.filter, stretch=1)
        inset.addWidget(self.order)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._note)
        column.addWidget(self.tree, stretch=1)
        return page


def _answers(line: RunLine, wanted: Sequence[str]) -> bool:
    """Say whether a run is meant by all the words of a search."""
    words = f"{line.name} {line.label} {line.note} {line.metric} {line.folder.name}".casefold()
    return all(word in words for word in wanted)
