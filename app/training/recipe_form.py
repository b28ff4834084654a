"""The recipe as a form, built from what the recipe says of its own fields."""

from __future__ import annotations

import itertools
from typing import TypeAlias

import msgspec
from PySide6.QtCore import QElapsedTimer, QSignalBlocker, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from app.training.words import choice_word
from app.widgets import ChoiceField, FlowText, Label, NumberField, number_text
from app.widgets.growing import follow_width
from engine.project.recipe import Recipe
from nodes.params import LARGEST, Field, fields_of

_TWO_COLUMNS_PX = 600
_LABEL_PX = 108
_BETWEEN_COLUMNS_PX = 32
_GESTURE_MS = 1000
_Value: TypeAlias = int | float | str
# Below zero, where no other part of the window counts its gestures.
_gestures = itertools.count(-1, -1)


class RecipeForm(QWidget):
    """A row for each setting of the recipe, in two columns where there is room."""

    recipe_changed = Signal(object, str, object)
    """The new recipe, what changed in words, and the gesture it belongs to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Recipe"))
        self._recipe = Recipe()
        self._rows = {field.name: _Row(field, self) for field in fields_of(Recipe)}
        self._columns = 1
        self._shown = 0
        self._gesture = 0
        self._last_name = ""
        self._since_last = QElapsedTimer()
        self._lock = FlowText("", tone="text3")
        self._lock.hide()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(8)
        for row in self._rows.values():
            row.committed.connect(self._on_committed)
        self.show_recipe(self._recipe)

    @property
    def recipe(self) -> Recipe:
        """What the form shows."""
        return self._recipe

    def show_recipe(self, recipe: Recipe) -> None:
        """Show a recipe without announcing it."""
        self._recipe = recipe
        for name, row in self._rows.items():
            row.show_value(getattr(recipe, name))
        self._rows["momentum"].setVisible(recipe.optimizer in ("sgd", "rmsprop"))
        self._arrange(self._columns)

    def set_locked(self, why: str = "") -> None:
        """Keep the fields from being changed and say why; an empty reason unlocks them."""
        for row in self._rows.values():
            row.set_locked(why)
        self._lock.set_words(why)
        self._lock.setVisible(bool(why))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt override
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= _TWO_COLUMNS_PX else 1)

    def _arrange(self, columns: int) -> None:
        rows = [row for row in self._rows.values() if not row.isHidden()]
        if (columns, len(rows)) == (self._columns, self._shown):
            return
        self._columns, self._shown = columns, len(rows)
        per_column = -(-len(rows) // columns)
        for index, row in enumerate(rows):
            self._grid.addWidget(row, index % per_column, index // per_column)
        self._grid.addWidget(self._lock, len(self._rows), 0, 1, 2)
        # A gap stands beside an empty column too.
        self._grid.setHorizontalSpacing(_BETWEEN_COLUMNS_PX if columns > 1 else 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if columns > 1 else 0)

    def _on_committed(self, name: str, value: _Value) -> None:
        changed = msgspec.structs.replace(self._recipe, **{name: value})
        if changed != self._recipe:
            self.show_recipe(changed)
            label = self.tr("Set {0}").format(self._rows[name].label.lower())
            self.recipe_changed.emit(changed, label, self._gesture_of(name))

    def _gesture_of(self, name: str) -> int:
        """One number for quick steps in one field, so that one undo takes them back."""
        is_same = name == self._last_name and self._since_last.isValid()
        if not is_same or self._since_last.elapsed() > _GESTURE_MS:
            self._gesture = next(_gestures)
        self._last_name = name
        self._since_last.start()
        return self._gesture


class _Row(QWidget):
    """A label and the field that fits the setting."""

    committed = Signal(str, object)

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self.label = field.param.label
        self._name = field.name
        self._help = _help(field)
        self._field = _number(field) if field.editor != "choice" else _choice(field)
        self._field.committed.connect(self._on_committed)
        self._field.setToolTip(self._help)
        self._field.setAccessibleDescription(self._help)
        caption = Label(self.label, tone="text2")
        follow_width(caption, _LABEL_PX)
        caption.setBuddy(self._field)
        caption.setToolTip(self._help)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(caption)
        row.addWidget(self._field, stretch=1)
        if field.param.unit:
            row.addWidget(Label(field.param.unit, "small", "text3"))

    def show_value(self, value: _Value) -> None:
        with QSignalBlocker(self._field):
            if isinstance(self._field, ChoiceField):
                self._field.set_value(str(value))
            elif not isinstance(value, str):
                self._field.set_value(value)

    def set_locked(self, why: str) -> None:
        self._field.setEnabled(not why)
        self._field.setToolTip(why or self._help)

    def _on_committed(self, value: object) -> None:
        self.committed.emit(self._name, value)


def _number(field: Field) -> NumberField:
    param = field.param
    return NumberField(
        param.label,
        whole=field.editor == "int",
        low=param.low if param.low is not None else -LARGEST,
        high=param.high if param.high is not None else LARGEST,
        step=param.step if field.editor == "int" else None,
    )


def _choice(field: Field) -> ChoiceField:
    words = [(choice, choice_word(choice)) for choice in field.choices]
    return ChoiceField(field.param.label, words)


def _help(field: Field) -> str:
    parts = [field.param.help]
    if field.param.suggest:
        parts.append("Typical: " + ", ".join(number_text(v) for v in field.param.suggest) + ".")
    if isinstance(field.default, int | float):
        parts.append(f"Default: {number_text(field.default)}.")
    return " ".join(parts)
