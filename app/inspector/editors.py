"""Editors of single values: one for each form that a layer's parameter can have.

An editor shows a value, or ``MIXED`` where several layers differ, and says when the person is
done with a change. Values are as a project file holds them: numbers, texts, and lists of numbers.
"""

from __future__ import annotations

import enum
import math
from typing import Any, Final, Literal, TypeAlias

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.theme import font
from app.widgets import ChoiceField, Label, NumberField, Switch
from engine.graph.elements import Formula
from nodes.params import LARGEST, Field


class _Mixed(enum.Enum):
    MIXED = "mixed"


MIXED: Final = _Mixed.MIXED
"""Stands for a value that is not the same in all selected layers."""

Shown: TypeAlias = Any | Literal[_Mixed.MIXED]

_CUSTOM = "custom"
_AXES = ("depth", "height", "width")
_GAP_PX = 8
_PER_CENT = 100


class Editor(QWidget):
    """A field, or some fields, for one parameter."""

    committed = Signal(object)
    """The new value; None stands for an empty one."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_GAP_PX)

    def set_value(self, value: Shown) -> None:
        """Show a value without announcing it."""
        raise NotImplementedError

    def fields(self) -> tuple[QWidget, ...]:
        """The fields that take the keyboard and show an error."""
        raise NotImplementedError

    def set_takes_formulas(self, *, takes: bool) -> None:
        """Let formulas be written in the place of numbers."""
        for field in self.fields():
            if isinstance(field, NumberField):
                field.set_takes_formulas(takes=takes)

    def set_wrong(self, *, wrong: bool) -> None:
        """Outline the fields, or take the outline away."""
        state = "err" if wrong else ""
        for field in self.fields():
            if field.property("state") != state:
                field.setProperty("state", state)
                field.style().polish(field)


class NumberEditor(Editor):
    """A whole or a real number; a share is shown in per cent."""

    def __init__(self, field: Field, *, factor: int = 1) -> None:
        super().__init__(field.param.label)
        self._factor = factor
        self._field = number_field(field, field.param.label, factor=factor)
        self._field.committed.connect(self._on_committed)
        self._field.emptied.connect(lambda: self.committed.emit(None))
        self._field.formula_entered.connect(lambda text: self.committed.emit(Formula(text)))
        self._row.addWidget(self._field)
        if factor == _PER_CENT:
            self._row.addWidget(Label("%", tone="text3"))
        self.setFocusProxy(self._field)

    def set_value(self, value: Shown) -> None:
        _show_number(self._field, value, self._factor)

    def fields(self) -> tuple[QWidget, ...]:
        return (self._field,)

    def _on_committed(self, value: float) -> None:
        self.committed.emit(value if self._factor == 1 else round(value / self._factor, 6))


class SpanEditor(Editor):
    """A number for each axis, which may differ; kept as one number where they do not."""

    def __init__(self, field: Field, axes: int) -> None:
        super().__init__(field.param.label)
        self._fields = [
            number_field(field, f"{field.param.label}, {axis}" if axes > 1 else field.param.label)
            for axis in _AXES[-axes:]
        ]
        for single in self._fields:
            single.setMinimumWidth(56)
            single.committed.connect(self._on_committed)
            single.emptied.connect(lambda: self.committed.emit(None))
            single.formula_entered.connect(lambda text: self.committed.emit(Formula(text)))
            self._row.addWidget(single, stretch=1)
        self.setFocusProxy(self._fields[0])

    def set_value(self, value: Shown) -> None:
        values = value if isinstance(value, list | tuple) else [value] * len(self._fields)
        for single, shown in zip(self._fields, values, strict=False):
            _show_number(single, shown)

    def fields(self) -> tuple[QWidget, ...]:
        return tuple(self._fields)

    def _on_committed(self, value: int) -> None:
        values = [value if single.is_empty else int(single.value) for single in self._fields]
        self.committed.emit(values[0] if len(set(values)) == 1 else values)


class ChoiceSpanEditor(Editor):
    """A word such as "same", or numbers of one's own."""

    def __init__(self, field: Field, axes: int) -> None:
        super().__init__(field.param.label)
        words = [(choice, choice) for choice in field.choices]
        self._choice = ChoiceField(field.param.label, [*words, (_CUSTOM, self.tr("custom"))])
        self._span = SpanEditor(field, axes)
        self._axes = axes
        self._choice.committed.connect(self._on_chosen)
        self._span.committed.connect(self.committed)
        both = QVBoxLayout()
        both.setSpacing(_GAP_PX)
        both.addWidget(self._choice)
        both.addWidget(self._span)
        self._row.addLayout(both)
        self.setFocusProxy(self._choice)

    def set_value(self, value: Shown) -> None:
        is_word = isinstance(value, str)
        self._span.setVisible(not is_word and value is not MIXED)
        if value is MIXED:
            self._choice.set_mixed(self.tr("mixed"))
        else:
            self._choice.set_value(value if is_word else _CUSTOM)
        if not is_word:
            self._span.set_value(value)

    def fields(self) -> tuple[QWidget, ...]:
        return (self._choice, *self._span.fields())

    def _on_chosen(self, word: str) -> None:
        if word != _CUSTOM:
            self.committed.emit(word)
            return
        self._span.set_value(1)
        self._span.show()
        self.committed.emit(1)


class ChoiceEditor(Editor):
    """One of a few words."""

    def __init__(self, name: str, choices: tuple[tuple[str, str], ...]) -> None:
        super().__init__(name)
        self._field = ChoiceField(name, choices)
        self._field.committed.connect(lambda word: self.committed.emit(word))
        self._row.addWidget(self._field)
        self.setFocusProxy(self._field)

    def set_value(self, value: Shown) -> None:
        if value is MIXED:
            self._field.set_mixed(self.tr("mixed"))
        elif isinstance(value, Formula):
            self._field.set_mixed(value.formula)
        else:
            self._field.set_value(str(value))

    def fields(self) -> tuple[QWidget, ...]:
        return (self._field,)


class SwitchEditor(Editor):
    """On or off; while mixed it is off and says so."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._switch = Switch(name)
        self._switch.clicked.connect(self._on_clicked)
        self._row.addWidget(self._switch)
        self._row.addStretch(1)
        self.setFocusProxy(self._switch)
        self.setFixedHeight(30)

    def set_value(self, value: Shown) -> None:
        self._switch.setChecked(value is True)
        self._switch.setToolTip(self.tr("mixed") if value is MIXED else "")
        self._switch.set_mixed(mixed=value is MIXED)

    def fields(self) -> tuple[QWidget, ...]:
        return (self._switch,)

    def _on_clicked(self) -> None:
        self.committed.emit(self._switch.isChecked())


class TextEditor(Editor):
    """A line of text; for a list of whole numbers, these with commas or ``×`` between."""

    def __init__(self, field: Field) -> None:
        super().__init__(field.param.label)
        self._is_list = field.editor == "ints"
        self._shown = ""
        self._field = QLineEdit()
        self._field.setAccessibleName(field.param.label)
        self._field.setFont(font())
        self._field.editingFinished.connect(self._on_finished)
        self._row.addWidget(self._field)
        self.setFocusProxy(self._field)

    def set_value(self, value: Shown) -> None:
        self._field.setPlaceholderText(self.tr("mixed") if value is MIXED else "")
        self._shown = "" if value is MIXED or value is None else self._written(value)
        self._field.setText(self._shown)
        self._field.setCursorPosition(0)

    def fields(self) -> tuple[QWidget, ...]:
        return (self._field,)

    def _written(self, value: object) -> str:
        if isinstance(value, list | tuple):
            return ", ".join(str(item) for item in value)
        if isinstance(value, Formula):
            return value.formula
        return str(value)

    def _on_finished(self) -> None:
        text = self._field.text().strip()
        if text == self._shown:
            return
        value = _whole_numbers(text) if self._is_list else text
        if value is None:
            self._field.setText(self._shown)
            return
        self._shown = text
        self.committed.emit(value)


def make_editor(field: Field, layer: type) -> Editor | None:
    """Return the editor for a parameter; None for one that has a part of its own."""
    match field.editor:
        case "int":
            return NumberEditor(field)
        case "float":
            return NumberEditor(field, factor=_PER_CENT if is_share(field) else 1)
        case "bool":
            return SwitchEditor(field.param.label)
        case "choice":
            return ChoiceEditor(field.param.label, tuple((word, word) for word in field.choices))
        case "span":
            axes = int(getattr(layer, "axes", 2))
            return ChoiceSpanEditor(field, axes) if field.choices else SpanEditor(field, axes)
        case "text" | "ints":
            return TextEditor(field)
        case "fields":
            return None


def is_share(field: Field) -> bool:
    """Say whether a number is a share of the samples, which people write in per cent."""
    return field.name.endswith("_share")


def number_field(field: Field, name: str, *, factor: int = 1) -> NumberField:
    """Return a field for a number in the range of a parameter."""
    param = field.param
    low = -LARGEST if param.low is None else param.low
    high = LARGEST if param.high is None else param.high
    is_whole = field.editor != "float" or factor != 1
    return NumberField(
        name,
        whole=is_whole and factor == 1,
        low=low * factor,
        high=high * factor,
        step=param.step * factor if is_whole or param.step != 1 else None,
        may_be_empty=field.optional,
    )


def _show_number(field: NumberField, value: Shown, factor: int = 1) -> None:
    if value is MIXED:
        field.set_empty(field.tr("mixed"))
    elif isinstance(value, Formula):
        field.set_formula(value.formula)
    elif isinstance(value, int | float) and math.isfinite(value):
        field.set_value(round(value * factor, 6) if factor != 1 else value)
    else:
        field.set_empty(field.tr("auto"))


def _whole_numbers(text: str) -> list[int] | None:
    parts = text.replace("×", ",").replace("x", ",").replace(" ", ",").split(",")
    try:
        return [int(part) for part in parts if part]
    except ValueError:
        return None
