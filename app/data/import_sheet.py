"""The sheet that shows what files would be as a data set, before the drawing takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.data.balance import Balance
from app.data.column_choices import ColumnChoices
from app.data.findings import Findings
from app.data.how_read import HowRead
from app.data.looking import Looking, carried_over
from app.data.preview import Preview
from app.data.source_form import SourceForm
from app.data.split_bar import Shares, SplitBar
from app.data.work import Work
from app.figures import byte_size, count
from app.theme import ThemeManager
from app.widgets import Button, ChoiceField, FlowText, Label, SectionTitle, Switch
from app.widgets.elided_label import ElidedLabel
from engine.data.inspect import Inspection, inspect_path
from engine.data.inspect.drawn import Drawn, drawn_samples
from engine.data.inspect.table import with_columns
from engine.data.opening import open_data
from engine.data.spec import DataSpec
from engine.data.split_record import SPLITS
from nodes.errors import LoomError
from nodes.io import Data, SplitBy
from nodes.sources import Column, PictureTable, Source, Table

_SIZE = (860, 640)
_LEFT_PX = 400


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What the person decided."""

    name: str
    spec: DataSpec
    source: Source
    split_by: SplitBy
    validation_share: float
    test_share: float


class ImportSheet(QDialog):
    """What was found at the left, how it is read and split at the right."""

    chosen = Signal(object)
    """The data is to be used: a ``Chosen``."""

    def __init__(self, path: Path, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._theme = theme
        self.found: Inspection | None = None
        self._inspected = Inspection(path=str(path), title="")
        self.setWindowTitle(self.tr("Your data"))
        self.resize(*_SIZE)
        self._build()
        self._looking = Looking(self, path)
        self._looking.seen.connect(self._on_seen)
        self._looking.done.connect(self._on_looked)
        self._looking.came_to.connect(self._show_progress)
        self.finished.connect(self._looking.end)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(6)
        self._heading = Label(self.tr("Looking at the files…"), "heading")
        self._place = ElidedLabel(str(self._path), "small", "text3")
        self._facts = FlowText("", "small", "text2")
        column.addWidget(self._heading)
        column.addWidget(self._place)
        column.addWidget(self._facts)
        column.addSpacing(6)
        halves = QHBoxLayout()
        halves.setSpacing(24)
        self._left = _scrolled(self._made_left())
        self._left.setFixedWidth(_LEFT_PX)
        self._right = _scrolled(self._made_right())
        halves.addWidget(self._left)
        halves.addWidget(self._right, stretch=1)
        column.addLayout(halves, stretch=1)
        column.addLayout(self._made_buttons())
        for half in (self._left, self._right):
            half.hide()
        self._halves_rest = QWidget()
        column.insertWidget(4, self._halves_rest, stretch=1)

    def _made_left(self) -> QWidget:
        content, column = _half()
        self._classes_title = SectionTitle(self.tr("Classes"))
        self.balance = Balance(self._theme)
        self._columns_title = SectionTitle(self.tr("Columns"))
        self.columns = ColumnChoices(self._theme)
        self.columns.changed.connect(self._on_columns)
        self._preview_title = SectionTitle(self.tr("Some samples"))
        self.preview = Preview(self._theme)
        for part in (
            *(self._classes_title, self.balance, self._columns_title, self.columns),
            *(self._preview_title, self.preview),
        ):
            column.addWidget(part)
        column.addStretch(1)
        return content

    def _made_right(self) -> QWidget:
        content, column = _half()
        self._findings_title = SectionTitle(self.tr("To know"))
        self.findings = Findings()
        self.skip = Switch(self.tr("Leave out what cannot be read"))
        self.skip.toggled.connect(self._show_use)
        self._skip_row = _switch_row(self.tr("Leave these samples out"), self.skip)
        self.as_missing = Switch(self.tr("Take text among numbers as missing"))
        self.as_missing.toggled.connect(self._show_use)
        self._as_missing_row = _switch_row(self.tr("Take text as missing"), self.as_missing)
        self._form_title = SectionTitle(self.tr("How it is read"))
        self.form = SourceForm()
        self.form.sheet_chosen.connect(self._on_sheet)
        self.how_read = HowRead()
        self.form.changed.connect(lambda: self.how_read.show_source(self.form.source()))
        self.finished.connect(self.how_read.stop)
        self._split_title = SectionTitle(self.tr("Split"))
        self._by = ChoiceField(self.tr("Split by"), list(SPLITS.items()), "random")
        self._by.committed.connect(lambda *_: self._show_shares())
        self.split_bar = SplitBar(self._theme)
        self.split_bar.moved.connect(lambda *_: self._show_shares())
        self._shares = FlowText("", "small", "text2")
        for part in (
            *(self._findings_title, self.findings, self._as_missing_row, self._skip_row),
            *(self._form_title, self.form, self.how_read),
            *(self._split_title, self._by, self.split_bar, self._shares),
        ):
            column.addWidget(part)
        column.addStretch(1)
        return content

    def _made_buttons(self) -> QHBoxLayout:
        self._status = FlowText("", "small", "text3")
        self.stop = Button(self.tr("Stop counting"), "ghost")
        self.stop.setToolTip(self.tr("Go on with what was seen so far"))
        self.stop.hide()
        self.cancel = Button(self.tr("Cancel"), "ghost")
        self.use = Button(self.tr("Use this data"), "primary")
        self.use.setDefault(True)
        self.use.setEnabled(False)
        self.stop.clicked.connect(self._end_look)
        self.cancel.clicked.connect(self.reject)
        self.use.clicked.connect(self._on_use)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._status, stretch=1)
        row.addWidget(self.stop)
        row.addWidget(self.cancel)
        row.addWidget(self.use)
        return row

    def _begin(self, work: Callable[[], object]) -> None:
        """Do work on a thread; what it returns or raises comes to ``_on_told``."""
        self._work = Work(self, work)
        self._work.done.connect(self._on_told)
        self._work.came_to.connect(self._show_progress)
        self.finished.connect(self._work.cancel)

    def _show_progress(self, done: int, total: int) -> None:
        amount = self.tr("{0} of {1}").format(count(done), count(total)) if total else count(done)
        if self.found is None:
            self._facts.set_words(amount)
        elif self._looking.is_going_on:
            self._status.set_words(self.tr("Counting all: {0}").format(amount))
        else:
            self._status.set_words(self.tr("Reading the samples: {0}").format(amount))

    def _on_seen(self, seen: Inspection) -> None:
        """Show the beginning; all of it may be counted for minutes."""
        self._show(seen)
        self.stop.show()
        self._status.set_words(self.tr("Counting all…"))

    def _on_looked(self, told: Inspection | LoomError) -> None:
        self.stop.hide()
        before = self.found
        if before is None or not isinstance(told, Inspection):
            self.found = None
            self._on_told(told)
            return
        by, shares = self._by.value, self.split_bar.shares
        is_meant = by != before.split_by
        whole = carried_over(self._inspected, before, self.form.source(), told)
        self._show(whole, has_focus=False)
        self.split_bar.set_shares(shares)
        if is_meant:
            self._by.set_value(by)
        self._show_shares()

    def _end_look(self) -> None:
        self._looking.end()
        self.stop.hide()
        self._show_use()

    def _on_told(self, told: Inspection | Chosen | LoomError) -> None:
        match told:
            case Inspection():
                self._show(told)
            case Chosen():
                self.chosen.emit(told)
                self.accept()
            case LoomError():
                self._heading.setText(told.title)
                self._status.set_words(f"{told.why} {told.hint}".strip())
                self._status.set_tone("err")
                self._set_busy(busy=False)
                self.use.setEnabled(self.found is not None)
                self._offer_choices()

    def _offer_choices(self) -> None:
        """Let a person decide about what was met only when the samples were read."""
        is_usable = self.found is not None and self.found.usable
        _show_parts(is_usable, self._skip_row)
        _show_parts(is_usable and isinstance(self.form.source(), Table), self._as_missing_row)

    def _show(self, found: Inspection, *, has_focus: bool = True) -> None:
        self.found = found
        self._set_busy(busy=False)
        self._heading.setText(found.title)
        amounts = (
            self.tr("one sample")
            if found.samples == 1
            else self.tr("{0} samples").format(count(found.samples)),
            self.tr("one file")
            if found.files == 1
            else self.tr("{0} files").format(count(found.files)),
            byte_size(found.size_bytes),
        )
        facts = [f"{name}: {words}" for name, words in found.facts]
        self._facts.set_words("\n".join([" · ".join(amounts), *facts] if found.source else []))
        self._show_classes(found)
        self.columns.show_columns(found.columns)
        self.preview.show_samples(found)
        self._draw(found)
        self.form.show_source(found.source, found.sheets)
        self.how_read.show_found(found)
        self._inspected = found
        self._show_findings(found)
        _show_parts(bool(found.columns), self._columns_title, self.columns)
        _show_parts(_has_preview(found), self._preview_title, self.preview)
        _show_parts(self.form.has_fields, self._form_title, self.form)
        _show_parts(found.usable, self._split_title, self._by, self.split_bar, self._shares)
        self._by.set_value(found.split_by)
        self.split_bar.set_shares(Shares(0.15, 0.0))
        self._halves_rest.hide()
        self._left.setVisible(found.usable)
        self._right.show()
        self._show_shares()
        self._show_use()
        if has_focus:
            (self.use if self.use.isEnabled() else self.skip).setFocus()

    def _draw(self, found: Inspection) -> None:
        """Draw samples that are no picture files, when they are read."""
        self._drawing = Work(self, lambda: drawn_samples(found))
        self._drawing.done.connect(self._on_drawn)
        self.finished.connect(self._drawing.cancel)

    def _on_drawn(self, drawn: Sequence[Drawn]) -> None:
        can_be_seen = bool(drawn)
        if can_be_seen:
            self.preview.show_drawn(drawn)
            _show_parts(can_be_seen, self._preview_title, self.preview)

    def _show_findings(self, found: Inspection) -> None:
        self.findings.show_findings(found.findings)
        _show_parts(bool(found.findings), self._findings_title, self.findings)
        _show_parts(found.has_choice and found.usable, self._skip_row)
        has_mixed = any(one.code == "mixed" for one in found.findings)
        _show_parts(has_mixed and isinstance(found.source, Table), self._as_missing_row)

    def _show_classes(self, found: Inspection) -> None:
        names = [name for name, _ in found.classes]
        self.balance.show_counts(names, [amount for _, amount in found.classes])
        self._classes_title.set_note(str(len(names)))
        _show_parts(bool(names), self._classes_title, self.balance)

    def _on_columns(self, columns: list[Column]) -> None:
        # What was found first: a column may get back what it was taken for.
        self.found = with_columns(self._inspected, columns)
        self._show_findings(self.found)
        self._show_use()
        self._show_classes(self.found)
        self._heading.setText(self.found.title)
        self.form.show_source(self.found.source, self.found.sheets)
        self.how_read.show_source(self.found.source)
        _show_parts(self.form.has_fields, self._form_title, self.form)
        self._by.set_value(self.found.split_by)

    def _on_sheet(self, name: str) -> None:
        self._set_busy(busy=True)
        self._heading.setText(self.tr("Looking at the sheet…"))
        self._begin(lambda: inspect_path(self._path, sheet=name))

    def _show_shares(self) -> None:
        shares = self.split_bar.shares
        if self._by.value == "given":
            words = self.tr("As the data says; if it names none to validate, {0} % of the rest do")
            self._shares.set_words(words.format(round(shares.validation * 100)))
            return
        words = self.tr("{0} % train, {1} % validate, {2} % test")
        if self._by.value != "order":
            words += self.tr(" · seed {3}")
        percents = (round(share * 100) for share in shares.parts)
        self._shares.set_words(words.format(*percents, Data().split_seed))

    def _show_use(self) -> None:
        found = self.found
        if found is None or not found.usable:
            self.use.setEnabled(False)
            self._status.set_words("")
            return
        waits = self._waits(found) and not self.skip.isChecked()
        self.use.setEnabled(not waits)
        words = self.tr("Leave out what cannot be read, or mend the files first.") if waits else ""
        self._status.set_tone("text3")
        self._status.set_words(words)

    def _waits(self, found: Inspection) -> bool:
        """Say whether there are problems that nobody decided about."""
        choices = [one.code for one in found.findings if one.weight == "choice"]
        return any(code != "mixed" or not self.as_missing.isChecked() for code in choices)

    def _set_busy(self, *, busy: bool) -> None:
        for half in (self._left, self._right, self.use):
            half.setEnabled(not busy)

    def _on_use(self) -> None:
        self._end_look()
        found = self.found
        assert found is not None, "the button waits for it"
        source = self.form.source()
        assert source is not None, "usable data has a source"
        source = msgspec.structs.replace(source, skip_problems=self.skip.isChecked())
        if isinstance(source, Table):
            takes = self.as_missing.isChecked()
            source = msgspec.structs.replace(source, text_is_missing=takes)
        shares = self.split_bar.shares
        split_by = _split_by(self._by.value)
        data = Data(
            dataset=found.name,
            source=source,
            split_by=split_by,
            validation_share=shares.validation,
            test_share=shares.test,
        )
        self._set_busy(busy=True)
        self._status.set_tone("text3")
        self._status.set_words(self.tr("Reading the samples…"))
        self._begin(
            lambda: Chosen(
                name=found.name,
                spec=open_data(data).spec,
                source=source,
                split_by=split_by,
                validation_share=shares.validation,
                test_share=shares.test,
            )
        )


def _has_preview(found: Inspection) -> bool:
    """Say whether there is something to look at beside the columns, which tell rows well."""
    return bool(found.preview) and (not found.columns or isinstance(found.source, PictureTable))


def _split_by(value: str) -> SplitBy:
    return next(by for by in get_args(SplitBy) if by == value)


def _switch_row(words: str, switch: Switch) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 4, 0, 4)
    line.addWidget(Label(words, weight=600))
    line.addStretch(1)
    line.addWidget(switch)
    return row


def _show_parts(visible: bool, *parts: QWidget) -> None:
    for part in parts:
        part.setVisible(visible)


def _half() -> tuple[QWidget, QVBoxLayout]:
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, 8, 0)
    column.setSpacing(8)
    return content, column


def _scrolled(content: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(content)
    return scroll
