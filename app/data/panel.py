"""The Data panel: source, split, class balance and samples of the drawing's data node."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.data.augmentation import AugmentationPart
from app.data.balance import Balance
from app.data.columns import ColumnList
from app.data.corrections import CorrectionList
from app.data.doubts import DoubtsPart
from app.data.importing import DataImport
from app.data.leaks import Leaks
from app.data.model_gets import ModelGets
from app.data.reading import Content, Reading, class_names
from app.data.rows import ROW_PX, SampleRows
from app.data.samples import CELL_PX, SampleGrid
from app.data.split_amounts import SplitAmounts
from app.data.split_bar import Shares, SplitBar
from app.document import Document
from app.figures import count
from app.theme import ThemeManager
from app.widgets import Button, Card, EmptyState, FlowText, SectionTitle
from app.widgets.elided_label import ElidedLabel
from engine.data.showing import picture_field
from engine.data.spec import DataSpec
from engine.graph.edits import add_node, make_node, set_params
from engine.graph.elements import NodeId
from nodes.io import Data

_INSET_PX = 16
_APART_MS = 35
_QUIET_MS = 250
_BY_GROUP = {"split_by": "group"}
_FILLS = 100
_MOST_ROWS_SHOWN = 8


class DataPanel(QWidget):
    """Follows the drawing's first data node; its split is changed here."""

    sample_chosen = Signal(int)
    """A sample was chosen in the grid: its number in the data set."""

    def __init__(
        self, document: Document, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Data"))
        self._document = document
        self._node: NodeId | None = None
        self.lock_reason = ""
        """Why nothing can be changed; empty where it can."""

        self._shown: tuple[object, ...] = ()
        self._content: Content | None = None
        self._reading = Reading(self)
        # A split that is being dragged is dealt out again once it rests.
        self._rest = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._rest.timeout.connect(self._read)
        self.split_bar = SplitBar(theme)
        self.split = SplitAmounts()
        self.leaks = Leaks()
        self.balance = Balance(theme)
        self.grid = SampleGrid(theme)
        self.rows = SampleRows(theme)
        self.columns = ColumnList(theme)
        self.augmentation = AugmentationPart(document)
        self.model_gets = ModelGets()
        self.corrections = CorrectionList()
        self.doubts = DoubtsPart(theme)
        self.importing = DataImport(document, theme, self)
        self._build()
        self._connect()
        self._show_waiting()
        # In a turn of its own, which does not come right behind this one: the panel is made while
        # the window is in use already.
        self._first = QTimer(self, singleShot=True, interval=_APART_MS)
        self._first.timeout.connect(self._show_report)
        self._first.start()

    def set_locked(self, reason: str) -> None:
        """Keep the split from being changed and say why; an empty reason unlocks."""
        self.lock_reason = reason
        for part in (self.split_bar, self.own, self.corrections, self.doubts):
            part.setEnabled(not reason)
        self.augmentation.set_locked(locked=bool(reason))
        self._lock.set_words(reason)
        self._lock.setVisible(bool(reason))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        if self._first.isActive():
            self._show_report()
        self._read()

    def _build(self) -> None:
        empty = EmptyState(
            "data", self.tr("Every network begins with data."), self.tr("Add a data set")
        )
        empty.acted.connect(self._add_data)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        scroll = QScrollArea()
        self._stack.addWidget(scroll)
        scroll.setAccessibleName(self.tr("Data"))
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget()
        content.setProperty("surface", "panel")
        scroll.setWidget(content)
        self._fill(content)

    def _fill(self, content: QWidget) -> None:
        column = QVBoxLayout(content)
        column.setContentsMargins(_INSET_PX, 14, _INSET_PX, 12)
        column.setSpacing(8)
        column.addWidget(self._source_card())
        column.addLayout(self._own_button())
        column.addSpacing(6)
        column.addWidget(SectionTitle(self.tr("Split")))
        self._lock = FlowText("", "small", "text3")
        self._lock.hide()
        column.addWidget(self._lock)
        column.addWidget(self.split_bar)
        column.addWidget(self.split)
        column.addWidget(self.leaks)
        column.addSpacing(6)
        self._balance_title = SectionTitle(self.tr("Classes"))
        column.addWidget(self._balance_title)
        column.addWidget(self.balance)
        column.addSpacing(6)
        self._columns_title = SectionTitle(self.tr("Columns"))
        column.addWidget(self._columns_title)
        column.addWidget(self.columns)
        column.addWidget(self.corrections)
        column.addSpacing(6)
        column.addWidget(self.doubts)
        column.addSpacing(6)
        self._samples_title = SectionTitle(self.tr("Samples"))
        column.addWidget(self._samples_title)
        self.grid.setMinimumHeight(3 * CELL_PX)
        column.addWidget(self.grid, stretch=_FILLS)
        self.rows.setMinimumHeight(_MOST_ROWS_SHOWN * ROW_PX)
        column.addWidget(self.rows, stretch=_FILLS)
        column.addSpacing(6)
        column.addWidget(self.augmentation)
        column.addSpacing(6)
        column.addWidget(self.model_gets)
        # While samples are read there is nothing that fills the panel.
        column.addStretch(1)

    def _source_card(self) -> Card:
        card = Card(self.tr("Source"))
        card.column.setSpacing(4)
        self._title = ElidedLabel("", weight=600)
        self._amount = ElidedLabel("", "small", "text3")
        self._text = FlowText("", "small", "text2")
        self._notice = FlowText("", "micro", "text3")
        self._notes = FlowText("", "small", "warn")
        card.column.addWidget(self._title)
        card.column.addWidget(self._amount)
        card.column.addWidget(self._text)
        card.column.addWidget(self._notice)
        card.column.addWidget(self._notes)
        return card

    def _own_button(self) -> QHBoxLayout:
        self.own = Button(self.tr("Use your own…"), icon_name="folder")
        menu = QMenu(self.own)
        menu.addAction(self.tr("A file: table, array, text…"), self.importing.choose_file)
        menu.addAction(self.tr("A folder: pictures, sounds, texts…"), self.importing.choose_folder)
        menu.addAction(self.tr("A data set of Hugging Face…"), self.importing.choose_from_hub)
        self.own.setMenu(menu)
        row = QHBoxLayout()
        row.addWidget(self.own)
        row.addStretch(1)
        return row

    def _connect(self) -> None:
        self.split_bar.moved.connect(self._on_moved)
        self.leaks.to_split_by_group.connect(self._split_by_group)
        self.leaks.to_look_for_doubles.connect(self.doubts.look_for_doubles)
        self.balance.class_chosen.connect(self._on_class_chosen)
        self.grid.sample_chosen.connect(self.sample_chosen)
        self.grid.sample_chosen.connect(self.model_gets.show_sample)
        self.rows.sample_chosen.connect(self.model_gets.show_sample)
        self._reading.done.connect(self._show_content)
        self._document.report_changed.connect(self._show_report)

    def _data(self) -> Data | None:
        for node, report in self._document.model_report.nodes.items():
            if isinstance(report.layer, Data):
                self._node = node
                return report.layer
        self._node = None
        return None

    def _show_report(self) -> None:
        self._first.stop()
        data = self._data()
        self._stack.setCurrentIndex(0 if data is None else 1)
        self.augmentation.show_data(self._node, data)
        if data is None:
            return
        self.split_bar.set_shares(Shares(data.validation_share, data.test_share))
        self._show_shares()
        self._show_corrections(data)
        if _key(data) != self._shown:
            self._rest.start(0 if data.dataset not in self._shown else _QUIET_MS)

    def _show_corrections(self, data: Data) -> None:
        read = self._content.data if self._content is not None else None
        names = class_names(read.spec) if read is not None else ()
        self.corrections.show_corrections(data.corrections, names)

    def _read(self) -> None:
        """Open the data set, but not for a panel that nobody sees."""
        data = self._data()
        if data is not None and self.isVisible() and _key(data) != self._shown:
            self._shown = _key(data)
            self._reading.read(data)
            if self._content is None or not _is_of(data, self._content.asked):
                self._show_waiting()

    def _show_waiting(self) -> None:
        """Say that another data set is being read."""
        data = self._data()
        self._content = None
        self._title.setText(data.dataset if data is not None else "")
        self._amount.setText(self.tr("Reading…"))
        for words in (self._text, self._notice, self._notes):
            words.set_words("")
        self.split.forget()
        self.leaks.show_leaks(())
        for part in (
            *(self._balance_title, self.balance, self._columns_title, self.columns),
            *(self._samples_title, self.grid, self.rows, self.model_gets),
        ):
            part.hide()

    def _show_content(self, content: Content) -> None:
        before, self._content = self._content, content
        if content.split is not None:
            self.split.show_split(content.split)
        self.doubts.show_data(content.asked, content.data)
        self.leaks.show_leaks(content.leaks)
        if before is not None and before.data is not None and _is_same(before, content):
            return
        spec = content.data.spec if content.data is not None else None
        self._show_source(content, spec)
        names = class_names(spec) if spec is not None else ()
        self.balance.show_counts(names[: len(content.counts)], content.counts)
        for part in (self.balance, self._balance_title):
            part.setVisible(bool(content.counts))
        self._balance_title.set_note(str(len(content.counts)))
        self._show_columns(content)
        self._show_corrections(content.asked)
        self._show_samples(None)
        self.model_gets.show_data(content.data)

    def _show_source(self, content: Content, spec: DataSpec | None) -> None:
        error = content.error
        if spec is None:
            self._title.setText(error.title if error is not None else content.asked.dataset)
            self._text.set_words(" ".join((error.why, error.hint)) if error is not None else "")
            self._amount.setText("")
            self._notice.set_words("")
            self._show_words(self._notes, ())
            return
        self._title.setText(spec.title)
        self._amount.setText(self.tr("{0} samples").format(count(spec.samples)))
        self._text.set_words(spec.summary)
        self._text.setVisible(bool(spec.summary))
        self._notice.set_words(spec.notice)
        problem = (f"{error.title}. {error.why}",) if error is not None else ()
        self._show_words(self._notes, (*problem, *spec.notes))

    def _show_words(self, label: FlowText, words: tuple[str, ...]) -> None:
        label.set_words("\n".join(words))
        label.setVisible(bool(words))

    def _show_columns(self, content: Content) -> None:
        self.columns.show_columns(content.columns)
        self._columns_title.set_note(str(len(content.columns)))
        for part in (self.columns, self._columns_title):
            part.setVisible(bool(content.columns))

    def _show_samples(self, only_class: int | None) -> None:
        content = self._content
        data = content.data if content is not None else None
        is_drawn = data is not None and picture_field(data.spec) is not None
        self.grid.samples.show_data(data if is_drawn else None, only_class)
        self.rows.samples.show_data(None if is_drawn else data, only_class)
        self.grid.setVisible(is_drawn)
        self.rows.setVisible(data is not None and not is_drawn)
        self._samples_title.setVisible(data is not None)
        names = class_names(data.spec) if data is not None else ()
        found = count(self.grid.samples.rowCount() or self.rows.samples.rowCount())
        note = found if only_class is None else f"{names[only_class]}, {found}"
        self._samples_title.set_note(note)

    def _show_shares(self) -> None:
        data = self._content.data if self._content is not None else None
        self.split.show_shares(self.split_bar.shares, data.spec.samples if data else None)

    def _on_moved(self, shares: Shares, gesture: int) -> None:
        node = self._node
        if node is None:
            return
        default = Data()
        params = {
            "validation_share": _unless_default(shares.validation, default.validation_share),
            "test_share": _unless_default(shares.test, default.test_share),
        }
        self._document.edit_model(
            self.tr("Change the split"),
            lambda graph: set_params(graph, node, params),
            gesture=gesture,
        )

    def _split_by_group(self) -> None:
        node = self._node
        if node is not None:
            self._document.edit_model(
                self.tr("Split by group"), lambda graph: set_params(graph, node, _BY_GROUP)
            )

    def _on_class_chosen(self, number: int | None) -> None:
        self._show_samples(number)

    def _add_data(self) -> None:
        self._document.edit_model(
            self.tr("Add a data set"), lambda graph: add_node(graph, make_node(graph, "Data"))
        )


def _key(data: Data) -> tuple[object, ...]:
    """Return what decides how a data set is read and dealt out."""
    shares = (data.validation_share, data.test_share)
    split = (data.split_by, data.split_seed, *shares)
    return (data.dataset, data.source, data.corrections, *split)


def _is_same(before: Content, after: Content) -> bool:
    return after.data is not None and _is_of(before.asked, after.asked)


def _is_of(one: Data, other: Data) -> bool:
    """Say whether two nodes read the same data, however they split it."""
    known = (one.dataset, one.source, one.corrections)
    return known == (other.dataset, other.source, other.corrections)


def _unless_default(value: float, default: float) -> float | None:
    return None if value == default else value
