"""What should perhaps not be in a data set: samples that are there twice, and doubtful labels."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.data.reading import class_names
from app.data.rows import ROW_PX, SampleRows
from app.data.samples import CELL_PX, SampleGrid
from app.data.work import Work
from app.figures import count, percent
from app.theme import ThemeManager
from app.widgets import Button, FlowText, SectionTitle, SegmentedControl
from app.widgets.data_table import DataTable, Row
from engine.data.reviewing import Review, Suspect, Twins, review
from engine.data.showing import picture_field
from engine.data.spec import DataSet
from nodes.corrections import Correction
from nodes.errors import LoomError
from nodes.io import Data

_TABLE_PX = 8 * 26
_MOST_LISTED = 200
_LONGEST_NAME = 9


class DoubtsPart(QWidget):
    """Looks through the data when it is asked to, and lists what a person may correct."""

    relabelled = Signal(int, int, int)
    """Number of the sample, the class that it is of from now on, and the one that it had."""

    left_out = Signal(object)
    """Samples that are to be left out: a list of ``Correction``."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Doubles and doubtful labels"))
        self._asked: Data | None = None
        self._data: DataSet | None = None
        self._work: Work | None = None
        self._found: Review | None = None
        self._wants_doubles = False
        self._suspects: list[Suspect] = []
        self._doubles: list[tuple[int, Twins]] = []
        self.words = FlowText("", "small", "text2")
        self.look = Button(self.tr("Look for them"), icon_name="search", extent="small")
        self.look.clicked.connect(self._on_look)
        self.which = SegmentedControl(
            self.tr("What is listed"),
            (("labels", self.tr("Labels")), ("doubles", self.tr("Doubles"))),
        )
        self.which.chosen.connect(lambda _key: self._show_list())
        self.table = DataTable(self.tr("Doubles and doubtful labels"))
        self.table.setFixedHeight(_TABLE_PX)
        self.table.row_chosen.connect(lambda _row: self._show_sample())
        self.grid, self.rows = SampleGrid(theme), SampleRows(theme)
        self.grid.setFixedHeight(CELL_PX)
        self.rows.setFixedHeight(2 * ROW_PX)
        self.relabel = Button(self.tr("Relabel"), extent="small")
        self.relabel.clicked.connect(self._on_relabel)
        self.out = Button(self.tr("Leave out"), extent="small")
        self.out.clicked.connect(self._on_out)
        self.all_out = Button(self.tr("Leave out all"), extent="small")
        self.all_out.clicked.connect(self._on_all_out)
        self._lay_out()
        self._redraw()

    def show_data(self, asked: Data, data: DataSet | None) -> None:
        """Follow the data node; what was corrected is not listed any more."""
        before, self._asked, self._data = self._asked, asked, data
        if before is None or not _is_same_split(before, asked):
            self._stop()
            self._found = None
        self._redraw()

    def hideEvent(self, event: object) -> None:  # noqa: N802 - Qt override
        del event
        self._stop()

    def look_for_doubles(self) -> None:
        """Look through the samples, if nobody did, and list what is there more than once."""
        self._wants_doubles = True
        if self._found is None and self._work is None:
            self._on_look()
        elif self._found is not None:
            self._list_first()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(SectionTitle(self.tr("Doubtful samples")))
        column.addWidget(self.words)
        left = Qt.AlignmentFlag.AlignLeft
        column.addWidget(self.look, alignment=left)
        column.addWidget(self.which, alignment=left)
        for widget in (self.table, self.grid, self.rows):
            column.addWidget(widget)
        for button in (self.relabel, self.out, self.all_out):
            button.setAccessibleName(button.text())
            column.addWidget(button, alignment=left)

    def _on_look(self) -> None:
        asked, data = self._asked, self._data
        if self._work is not None:
            self._stop()
            self._redraw()
        elif asked is not None and data is not None:
            self._work = Work(self, lambda: review(data, asked))
            self._work.done.connect(self._on_done)
            self._work.came_to.connect(self._on_came)
            self.look.setText(self.tr("Stop"))
            self.words.set_words(self.tr("Looking through the samples…"))

    def _on_came(self, done: int, total: int) -> None:
        words = self.tr("Looking through the samples: {0} of {1}")
        self.words.set_words(words.format(count(done), count(total)))

    def _on_done(self, told: Review | LoomError) -> None:
        self._work = None
        if isinstance(told, LoomError):
            self._redraw()
            self.words.set_words(f"{told.title}. {told.why}")
            return
        self._found = told
        self._list_first()

    def _list_first(self) -> None:
        """List doubles where they were asked for, or where nothing else was found."""
        found = self._found
        assert found is not None, "it was looked for"
        is_doubles = bool(found.twins) and (self._wants_doubles or not found.suspects)
        self._wants_doubles = False
        self.which.set_current("doubles" if is_doubles else "labels")
        self._redraw()

    def _stop(self) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work = None

    def _redraw(self) -> None:
        found = self._found
        self.setVisible(self._data is not None)
        self.look.setText(self.tr("Look for them") if found is None else self.tr("Look again"))
        self.words.set_words(self._summary(found))
        gone = {one.sample for one in self._asked.corrections} if self._asked is not None else set()
        self._suspects = [one for one in found.suspects if one.sample not in gone] if found else []
        self._doubles = _extra(found.twins, gone) if found else []
        self.which.setVisible(bool(found and found.suspects and found.twins))
        self._show_list()

    def _summary(self, found: Review | None) -> str:
        if found is None:
            return self.tr(
                "Samples that are there more than once, and labels that a simple model, which "
                "learned from the other samples, takes to be wrong."
            )
        more = sum(len(one.samples) - 1 for one in found.twins)
        told = [
            self.tr("{0} samples compared. Doubles: {1}.").format(
                count(found.compared), count(more)
            )
        ]
        across = sum(len(one.parts) > 1 for one in found.twins)
        if across:
            told.append(
                self.tr(
                    "{0} times the same is in more than one part of the split: figures look better "
                    "than they are."
                ).format(count(across))
            )
        if found.judged:
            words = self.tr(
                "A simple model agrees with {0} of the labels that it had not seen, and strongly "
                "doubts {1}. The fewer it agrees with, the less its doubt says."
            )
            told.append(words.format(percent(found.right), count(len(found.suspects))))
        return " ".join(told)

    def _show_list(self) -> None:
        is_labels = self.which.current == "labels"
        names = class_names(self._data.spec) if self._data is not None else ()
        if is_labels:
            heads = (self.tr("Label → looks like"), self.tr("sure"))
            rows = [self._suspected(one, names) for one in self._suspects[:_MOST_LISTED]]
        else:
            heads = (self.tr("Sample"), self.tr("how"))
            rows = [self._doubled(*one) for one in self._doubles[:_MOST_LISTED]]
        self.table.show_rows(heads, rows)
        for widget in (self.table, self.out):
            widget.setVisible(bool(rows))
        self.relabel.setVisible(bool(rows) and is_labels)
        self.all_out.setVisible(bool(rows) and not is_labels)
        self._show_sample()

    def _suspected(self, one: Suspect, names: Sequence[str]) -> Row:
        label, called = _short(names[one.label]), _short(names[one.called])
        return Row((f"{label} → {called} · {one.sample}", percent(one.sure)))

    def _doubled(self, sample: int, twins: Twins) -> Row:
        words = self.tr("{0} as {1}, {2}")
        how = self.tr("equal") if twins.is_exact else self.tr("alike")
        ink = "warn" if len(twins.parts) > 1 else "text"
        parts = ", ".join(twins.parts)
        return Row((words.format(sample, twins.samples[0], parts), how), ink)

    def _show_sample(self) -> None:
        chosen, data = self._chosen(), self._data
        is_drawn = data is not None and picture_field(data.spec) is not None
        self.grid.setVisible(bool(chosen) and is_drawn)
        self.rows.setVisible(bool(chosen) and not is_drawn)
        for button in (self.relabel, self.out):
            button.setEnabled(bool(chosen))
        if chosen and data is not None:
            (self.grid if is_drawn else self.rows).samples.show_places(data, chosen)
        self.relabel.setText(self._relabel_words())

    def _chosen(self) -> Sequence[int]:
        """Return the samples that the chosen row is about."""
        place = self.table.current
        if self.which.current == "labels":
            return [self._suspects[place].sample] if 0 <= place < len(self._suspects) else []
        if not 0 <= place < len(self._doubles):
            return []
        sample, twins = self._doubles[place]
        return [twins.samples[0], sample]

    def _relabel_words(self) -> str:
        place = self.table.current
        if self._data is None or not 0 <= place < len(self._suspects):
            return self.tr("Relabel")
        names = class_names(self._data.spec)
        return self.tr("Relabel as {0}").format(_short(names[self._suspects[place].called]))

    def _on_relabel(self) -> None:
        one = self._suspects[self.table.current]
        self.relabelled.emit(one.sample, one.called, one.label)

    def _on_out(self) -> None:
        place = self.table.current
        if self.which.current == "labels":
            one = self._suspects[place]
            self.left_out.emit([Correction(one.sample, None, one.label)])
        else:
            self.left_out.emit([_leaving(*self._doubles[place])])

    def _on_all_out(self) -> None:
        self.left_out.emit([_leaving(sample, twins) for sample, twins in self._doubles])


def _is_same_split(one: Data, other: Data) -> bool:
    """Say whether two nodes deal out the same samples, whatever was corrected."""
    return all(
        getattr(one, name) == getattr(other, name)
        for name in (
            "dataset",
            "source",
            "split_by",
            "split_seed",
            "validation_share",
            "test_share",
        )
    )


def _extra(twins: Sequence[Twins], gone: set[int]) -> list[tuple[int, Twins]]:
    """Return each sample that is there already, with its group; those across parts come first."""
    ranked = sorted(twins, key=lambda one: (-len(one.parts), not one.is_exact, one.samples))
    return [(sample, one) for one in ranked for sample in one.samples[1:] if sample not in gone]


def _leaving(sample: int, twins: Twins) -> Correction:
    return Correction(sample, None, twins.labels[0] if len(twins.labels) == 1 else None)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
