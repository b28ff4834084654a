"""The sheet that finds a data set of Hugging Face's hub by name, and fetches it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from app.data.work import Work
from app.figures import byte_size
from app.widgets import Button, ChoiceField, FlowText, Label
from engine.data.hub import HubSet, fetch, look_up, parts_of, size_of
from nodes.errors import LoomError

_WIDTH_PX = 520
_STEPS = 1000


class _Sized(msgspec.Struct, frozen=True):
    subset: str
    size_bytes: int


class HubSheet(QDialog):
    """A name, what the hub says of it, and a button that fetches it."""

    fetched = Signal(Path)
    """A data set lies in a folder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("A data set of Hugging Face"))
        self.setMinimumWidth(_WIDTH_PX)
        self._found: HubSet | None = None
        self._work: Work | None = None
        self.name = QLineEdit()
        self.look = Button(self.tr("Look up"))
        self.subset = ChoiceField(self.tr("Subset"), [])
        self.fetch = Button(self.tr("Fetch"), "primary")
        self._facts = FlowText("", "small", "text2")
        self._status = FlowText("", "small", "text3")
        self._bar = QProgressBar()
        self._lay_out()
        self._connect()
        self._show_found()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(8)
        column.addWidget(Label(self.tr("Fetch a data set by name"), "heading"))
        words = self.tr("As on its page: owner/name. Only its files of data come; no code is run.")
        column.addWidget(FlowText(words, "small", "text2"))
        self.name.setPlaceholderText("ylecun/mnist")
        self.name.setAccessibleName(self.tr("Name of the data set"))
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("What has come"))
        asked = QHBoxLayout()
        asked.setSpacing(8)
        asked.addWidget(self.name, stretch=1)
        asked.addWidget(self.look)
        column.addLayout(asked)
        column.addWidget(self._facts)
        column.addWidget(self._subset_row())
        for part in (self._bar, self._status):
            column.addWidget(part)
        column.addStretch(1)
        column.addLayout(self._buttons())

    def _subset_row(self) -> QWidget:
        self._subsets = QWidget()
        row = QHBoxLayout(self._subsets)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Label(self.tr("Subset"), tone="text2"))
        row.addWidget(self.subset, stretch=1)
        return self._subsets

    def _buttons(self) -> QHBoxLayout:
        cancel = Button(self.tr("Cancel"), "ghost")
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.fetch)
        return row

    def _connect(self) -> None:
        # Enter looks up; only what was looked up can be fetched.
        self.look.setDefault(True)
        self.look.clicked.connect(self._on_look)
        self.name.textChanged.connect(self._on_name)
        self.subset.committed.connect(self._find_size)
        self.fetch.clicked.connect(self._on_fetch)

    def _on_name(self) -> None:
        if self._work is not None:
            self._work.cancel()
        self._found = None
        self._status.set_words("")
        self._show_found()

    def _on_look(self) -> None:
        name = self.name.text()
        self._begin(self.tr("Asking the hub…"), lambda: look_up(name))

    def _find_size(self, subset: str) -> None:
        found = self._found
        assert found is not None, "a subset is of what was found"
        self._show_found()
        self._begin(self.tr("Asking for its size…"), lambda: _Sized(subset, size_of(found, subset)))

    def _on_fetch(self) -> None:
        found, subset = self._found, self.subset.value
        assert found is not None, "the button waits for it"
        self._bar.setRange(0, 0)
        self._bar.show()
        for part in (self.name, self.subset):
            part.setEnabled(False)
        self._begin(self.tr("Fetching…"), lambda: fetch(found, subset))

    def _begin(self, words: str, work: Callable[[], object]) -> None:
        """Do work on a thread; only the newest is heard."""
        if self._work is not None:
            self._work.cancel()
        self._status.set_tone("text3")
        self._status.set_words(words)
        self.look.setEnabled(False)
        self.fetch.setEnabled(False)
        self._work = Work(self, work)
        self._work.done.connect(self._on_told)
        self._work.came_to.connect(self._show_progress)
        self.finished.connect(self._work.cancel)

    def _on_told(self, told: HubSet | _Sized | Path | LoomError) -> None:
        self._status.set_words("")
        self._show_idle()
        match told:
            case HubSet():
                self._found = told
                self._show_found()
                self._find_size(self.subset.value)
            case _Sized():
                self._show_found(told)
                self.fetch.setEnabled(True)
                self.fetch.setFocus()
            case Path():
                self.accept()
                self.fetched.emit(told)
            case LoomError():
                self._status.set_tone("err")
                self._status.set_words(f"**{told.title}.** {told.why} {told.hint}".strip())
                self.fetch.setEnabled(self._found is not None)

    def _show_idle(self) -> None:
        self._bar.hide()
        self.look.setEnabled(bool(self.name.text().strip()))
        for part in (self.name, self.subset):
            part.setEnabled(True)

    def _show_found(self, sized: _Sized | None = None) -> None:
        """Show what is known; the subset that is chosen stays so."""
        found = self._found
        names = [] if found is None else [*found.subsets]
        if [self.subset.itemData(row) for row in range(self.subset.count())] != names:
            self.subset.clear()
            for name in names:
                self.subset.addItem(name, name)
        self._subsets.setVisible(len(names) > 1)
        self._facts.setVisible(found is not None)
        self._show_idle()
        if found is None:
            self._facts.set_words("")
            self.fetch.setEnabled(False)
            return
        licence = found.licence or self.tr("its card says none: ask its owner")
        parts = parts_of(found, self.subset.value)
        lines = [
            f"**{found.name}**",
            self.tr("Licence: {0}").format(licence),
            self.tr("Parts: {0}").format(", ".join(parts)),
        ]
        others = [part for part in found.subsets[self.subset.value] if part not in parts]
        if others:
            lines.append(self.tr("Not fetched: {0}").format(", ".join(others)))
        if sized is not None:
            lines.append(self.tr("Size: {0}").format(byte_size(sized.size_bytes)))
        self._facts.set_words("\n".join(lines))

    def _show_progress(self, done: int, total: int) -> None:
        if not self._bar.isVisible():
            return
        self._bar.setRange(0, _STEPS if total else 0)
        self._bar.setValue(round(done / total * _STEPS) if total else 0)
        self._status.set_words(
            self.tr("{0} of {1}").format(byte_size(done), byte_size(total))
            if total
            else byte_size(done)
        )
