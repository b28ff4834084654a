"""A row of a table, or a few numbers, as an input: one field for each."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QGridLayout, QWidget

from app.figures import figure
from app.tryout.date_field import DateField
from app.tryout.pad import OF_NUMBERS, Given, Pad
from app.widgets import ChoiceField, Label, NumberField
from engine.data import prepare
from engine.data.preparation import (
    CategoryColumn,
    DateColumn,
    FeatureColumn,
    Features,
    Index,
    NumberColumn,
    Plain,
    Standard,
)
from engine.training.insight import InputField, Subject

_DIGITS = 2
"""A hundredth of a deviation is still told."""

MOST_NUMBERS = 32
"""So many numbers can be typed one by one."""


@dataclass(frozen=True, slots=True)
class Column:
    """One thing to fill in."""

    name: str
    start: float | str
    hint: str = ""
    choices: tuple[str, ...] = ()
    is_date: bool = False


class FormPad(Pad):
    """Begins with a typical row, so that there is an answer at once."""

    def __init__(
        self, columns: Sequence[Column], *, raw: bool, parent: QWidget | None = None
    ) -> None:
        """Make a field for each column; ``raw`` values are prepared as the training data was."""
        super().__init__(parent)
        self.title = self.tr("Fill in")
        self.note = self.tr("{0} values").format(len(columns))
        self._raw = raw
        self.ways = OF_NUMBERS
        self.columns = tuple(column.name for column in columns)
        self._columns = tuple(columns)
        self.fields: dict[str, NumberField | ChoiceField | DateField] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        for row, column in enumerate(columns):
            field = self._field(column)
            name = Label(column.name, "small", "text2")
            name.setBuddy(field)
            grid.addWidget(name, row, 0)
            grid.addWidget(field, row, 1, 1, 1 if column.hint else 2)
            if column.hint:
                grid.addWidget(Label(column.hint, "small", "text3"), row, 2)
            field.committed.connect(lambda _value: self.changed.emit())
            self.fields[column.name] = field
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(self._columns), 1)

    def given(self) -> Given | None:
        values = {name: field.value for name, field in self.fields.items()}
        if self._raw:
            columns = json.dumps({name: [value] for name, value in values.items()})
            return Given(Subject(key="", columns=columns))
        return Given(Subject(key="", values=tuple(float(value) for value in values.values())))

    def take(self, given: Given) -> None:
        if self._raw:
            values = [value[0] for value in json.loads(given.subject.columns).values()]
        else:
            values = list(given.subject.values)
        for field, value in zip(self.fields.values(), values, strict=True):
            field.set_value(value)
        self.changed.emit()

    def _field(self, column: Column) -> NumberField | ChoiceField | DateField:
        if column.is_date:
            return DateField(column.name, str(column.start))
        if column.choices:
            pairs = [(choice, choice or self.tr("not known")) for choice in column.choices]
            return ChoiceField(column.name, pairs, str(column.start))
        return NumberField(column.name, float(column.start), whole=False)


def form_columns(inputs: Sequence[InputField]) -> list[Column] | None:
    """Return what to fill in for inputs prepared from columns; None where that is not all."""
    columns: dict[str, Column] = {}
    for field in inputs:
        found = _columns_of(field)
        if found is None:
            return None
        columns.update((column.name, column) for column in found)
    return list(columns.values())


def plain_columns(field: InputField) -> list[Column]:
    """Return one column for each number of an input that is taken as it is."""
    many = 1
    for size in field.sizes:
        many *= size
    return [Column(f"{field.name} {number + 1}", 0.0) for number in range(many)]


def _columns_of(field: InputField) -> list[Column] | None:
    match field.prepare:
        case Features(columns=parts):
            return [_column(part) for part in parts]
        case Index(column=name, values=values):
            return [Column(name, values[0], choices=values)]
        case Standard(columns=names, mean=means, deviation=deviations):
            rows = zip(names, means, deviations, strict=True)
            return [
                Column(name, _typical(mean, spread), _range(mean, spread))
                for name, mean, spread in rows
            ]
        case Plain(columns=names):
            return [Column(name, 0.0) for name in names]
        case _:
            return None


def _column(part: FeatureColumn) -> Column:
    match part:
        case CategoryColumn():
            return Column(part.name, part.values[0], choices=part.values)
        case DateColumn():
            around = f"{_written(part, part.mean)} ± {figure(part.deviation)} days"
            return Column(part.name, _written(part, part.fill), around, is_date=True)
        case NumberColumn():
            start = _typical(part.fill, part.deviation)
            return Column(part.name, start, _range(part.mean, part.deviation))


def _written(part: DateColumn, days: float) -> str:
    """Write a date as its column could hold it."""
    text = prepare.date_text(days)
    return text if part.has_hours else text[:10]


def _typical(value: float, deviation: float) -> float:
    """Return a value without the digits that make no difference: a field is short."""
    if deviation <= 0:
        return value
    return round(value, _DIGITS - math.floor(math.log10(deviation)))


def _range(mean: float, deviation: float) -> str:
    """Say where most of the training data lies."""
    return f"{figure(mean)} ± {figure(deviation)}"
