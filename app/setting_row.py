"""One setting of a recipe or a step: a label and the field that fits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.widgets import ChoiceField, Label, NumberField, Switch, number_text
from app.widgets.growing import follow_width
from nodes.params import LARGEST, Field

LABEL_PX = 108
_ROW_PX = 30
Value: TypeAlias = int | float | str | bool


class SettingRow(QWidget):
    """Shows a value and says when the person gives it another one.

    Args:
        choice_word: Writes a choice for people.
        label_px: The width of the label at the usual size of text.
    """

    committed = Signal(str, object)
    """The name of the setting and its new value."""

    def __init__(
        self,
        field: Field,
        parent: QWidget,
        choice_word: Callable[[str], str] = str.capitalize,
        label_px: int = LABEL_PX,
    ) -> None:
        super().__init__(parent)
        self.label = field.param.label
        self._name = field.name
        self._help = _help(field)
        # In its place from the beginning: Qt dresses a widget anew when it is put into another.
        self._field = _editor(field, choice_word, self)
        self._connect(self._field)
        self._field.setToolTip(self._help)
        self._field.setAccessibleDescription(self._help)
        caption = Label(self.label, tone="text2", parent=self)
        follow_width(caption, label_px)
        caption.setBuddy(self._field)
        caption.setToolTip(self._help)
        self.setMinimumHeight(_ROW_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(caption)
        row.addWidget(self._field, stretch=1)
        if field.param.unit:
            row.addWidget(Label(field.param.unit, "small", "text3"))
        if isinstance(self._field, Switch):
            row.addStretch(1)

    def show_value(self, value: Value) -> None:
        """Show a value without announcing it."""
        with QSignalBlocker(self._field):
            match self._field:
                case ChoiceField():
                    self._field.set_value(str(value))
                case Switch():
                    self._field.setChecked(bool(value))
                case NumberField():
                    assert not isinstance(value, str), "numbers stand in fields for numbers"
                    self._field.set_value(value)

    def set_locked(self, why: str) -> None:
        """Keep the field from being changed and say why; an empty reason unlocks it."""
        self._field.setEnabled(not why)
        self._field.setToolTip(why or self._help)

    def set_refused(self, why: Mapping[str, str]) -> None:
        """Grey the choices that cannot be had here, each with the reason."""
        if isinstance(self._field, ChoiceField):
            self._field.set_refused(why)

    def _connect(self, field: ChoiceField | NumberField | Switch) -> None:
        if isinstance(field, Switch):
            field.clicked.connect(lambda: self._on_committed(field.isChecked()))
        else:
            field.committed.connect(self._on_committed)

    def _on_committed(self, value: object) -> None:
        self.committed.emit(self._name, value)


def _editor(
    field: Field, choice_word: Callable[[str], str], parent: QWidget
) -> ChoiceField | NumberField | Switch:
    match field.editor:
        case "choice":
            words = [(choice, choice_word(choice)) for choice in field.choices]
            return ChoiceField(field.param.label, words, parent=parent)
        case "bool":
            return Switch(field.param.label, parent=parent)
        case _:
            return _number(field, parent)


def _number(field: Field, parent: QWidget) -> NumberField:
    param = field.param
    return NumberField(
        param.label,
        whole=field.editor == "int",
        low=param.low if param.low is not None else -LARGEST,
        high=param.high if param.high is not None else LARGEST,
        step=param.step if field.editor == "int" else None,
        parent=parent,
    )


def _help(field: Field) -> str:
    parts = [field.param.help]
    if field.param.suggest:
        parts.append("Typical: " + ", ".join(number_text(v) for v in field.param.suggest) + ".")
    if isinstance(field.default, bool):
        parts.append(f"Default: {'on' if field.default else 'off'}.")
    elif isinstance(field.default, int | float):
        parts.append(f"Default: {number_text(field.default)}.")
    return " ".join(parts)
