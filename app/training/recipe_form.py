"""The recipe as a form, built from what the recipe says of its own fields."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence

import msgspec
from PySide6.QtCore import QElapsedTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.setting_row import SettingRow, Value
from app.training.words import choice_word
from app.widgets import Button, FlowText, Label
from engine.project.optimizers import OPTIMIZERS
from engine.project.recipe import Recipe, applies, recipe_fields
from nodes.params import Field, fields_of

_TWO_COLUMNS_PX = 600
_BETWEEN_COLUMNS_PX = 32
_GESTURE_MS = 1000
# Below zero, where no other part of the window counts its gestures.
_gestures = itertools.count(-1, -1)


class RecipeForm(QWidget):
    """The common settings of a recipe, and the rest of them under a fold."""

    recipe_changed = Signal(object, str, object)
    """The new recipe, what changed in words, and the gesture it belongs to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Recipe"))
        self._recipe = Recipe()
        self._gesture = 0
        self._last_name = ""
        self._since_last = QElapsedTimer()
        self._why_locked = ""
        self._live: frozenset[str] = frozenset()
        self._refused: Mapping[str, str] = {}
        self._common = _Rows([f for f in recipe_fields() if not f.param.advanced], self)
        # Made when they are first shown: most people never unfold them.
        self._more: _Rows | None = None
        self._own: _Rows | None = None
        self._fold = Button(
            self.tr("More settings"), "fold", icon_name="chevron-right", extent="small", parent=self
        )
        self._folded = QWidget(self)
        self._own_title = Label("", weight=600, parent=self._folded)
        self._lock = FlowText("", tone="text3")
        self._lock.hide()
        self._common.committed.connect(self._on_committed)
        self._build()
        self.show_recipe(self._recipe)

    @property
    def recipe(self) -> Recipe:
        """What the form shows."""
        return self._recipe

    def show_recipe(self, recipe: Recipe) -> None:
        """Show a recipe without announcing it."""
        is_other = recipe.optimizer != self._recipe.optimizer
        self._recipe = recipe
        self._common.show_recipe(recipe)
        if self._more is not None:
            self._more.show_recipe(recipe)
            if is_other or self._own is None:
                self._make_own()
            self._show_own()
        self._name_fold()

    def set_locked(self, why: str = "", live: Collection[str] = ()) -> None:
        """Keep fields from being changed and say why; an empty reason unlocks them.

        Args:
            live: The settings that can be changed all the same.
        """
        self._why_locked, self._live = why, frozenset(live)
        for rows in (self._common, self._more, self._own):
            if rows is not None:
                rows.set_locked(why, self._live)
        self._lock.set_words(why)
        self._lock.setVisible(bool(why))

    def set_refused(self, why: Mapping[str, str]) -> None:
        """Grey the precisions that no device here can compute with, each with the reason."""
        self._refused = why
        if self._more is not None:
            self._more.set_refused("precision", why)

    def set_unfolded(self, *, unfolded: bool) -> None:
        """Show or hide the settings that few people change."""
        if unfolded and self._more is None:
            self._make_more()
        self._fold.setChecked(unfolded)
        self._fold.set_icon_name("chevron-down" if unfolded else "chevron-right")
        self._folded.setVisible(unfolded)

    def _build(self) -> None:
        self._fold.setCheckable(True)
        self._fold.clicked.connect(lambda on: self.set_unfolded(unfolded=on))
        flush = QHBoxLayout()
        flush.setContentsMargins(0, 0, 0, 0)
        flush.addWidget(self._fold)
        flush.addStretch(1)
        self._inner = QVBoxLayout(self._folded)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._inner.setSpacing(8)
        self._folded.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._common)
        column.addLayout(flush)
        column.addWidget(self._folded)
        column.addWidget(self._lock)

    def _make_more(self) -> None:
        self._more = _Rows([f for f in recipe_fields() if f.param.advanced], self._folded)
        self._more.committed.connect(self._on_committed)
        self._more.set_refused("precision", self._refused)
        self._inner.addWidget(self._more)
        self._inner.addWidget(self._own_title)
        self._make_own()
        self.show_recipe(self._recipe)
        self.set_locked(self._why_locked, tuple(self._live))

    def _make_own(self) -> None:
        """Make the rows of the chosen optimiser."""
        if self._own is not None:
            self._own.deleteLater()
        described = OPTIMIZERS[self._recipe.optimizer]
        self._own = _Rows(fields_of(described), self._folded)
        self._own.committed.connect(self._on_own_committed)
        self._own.set_locked(self._why_locked, self._live)
        self._own_title.setText(described.info.title)
        self._inner.addWidget(self._own)

    def _show_own(self) -> None:
        assert self._own is not None, "made together with the fold"
        self._own.show_values(msgspec.structs.asdict(self._recipe.own_settings))

    def _name_fold(self) -> None:
        """Say how many of the folded settings differ from their defaults."""
        default = Recipe()
        names = [field.name for field in recipe_fields() if field.param.advanced]
        changed = sum(getattr(self._recipe, name) != getattr(default, name) for name in names)
        changed += self._recipe.own_settings != OPTIMIZERS[self._recipe.optimizer]()
        text = self.tr("More settings")
        if changed:
            text = self.tr("More settings · {0} changed").format(changed)
        self._fold.setText(text)
        self._fold.setAccessibleName(text)

    def _on_committed(self, name: str, value: Value) -> None:
        changed = msgspec.structs.replace(self._recipe, **{name: value})
        if name == "optimizer" and changed != self._recipe:
            # Another optimiser has other settings, and its own defaults.
            changed = msgspec.structs.replace(changed, optimizer_settings={})
        self._announce(name, changed)

    def _on_own_committed(self, name: str, value: Value) -> None:
        own = {**self._recipe.optimizer_settings, name: value}
        if value == getattr(OPTIMIZERS[self._recipe.optimizer](), name):
            del own[name]
        self._announce(name, msgspec.structs.replace(self._recipe, optimizer_settings=own))

    def _announce(self, name: str, changed: Recipe) -> None:
        if changed != self._recipe:
            label = self.tr("Set {0}").format(self._label_of(name))
            self.show_recipe(changed)
            self.recipe_changed.emit(changed, label, self._gesture_of(name))

    def _label_of(self, name: str) -> str:
        for rows in (self._common, self._more, self._own):
            if rows is not None and name in rows.labels:
                return rows.labels[name].lower()
        return name

    def _gesture_of(self, name: str) -> int:
        """One number for quick steps in one field, so that one undo takes them back."""
        is_same = name == self._last_name and self._since_last.isValid()
        if not is_same or self._since_last.elapsed() > _GESTURE_MS:
            self._gesture = next(_gestures)
        self._last_name = name
        self._since_last.start()
        return self._gesture


class _Rows(QWidget):
    """Some settings, in two columns where there is room."""

    committed = Signal(str, object)

    def __init__(self, fields: Sequence[Field], parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = {field.name: SettingRow(field, self, choice_word) for field in fields}
        self.labels = {name: row.label for name, row in self._rows.items()}
        self._columns = 1
        self._shown = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(8)
        for row in self._rows.values():
            row.committed.connect(self.committed)

    def show_recipe(self, recipe: Recipe) -> None:
        self.show_values({name: getattr(recipe, name) for name in self._rows})
        for name, row in self._rows.items():
            row.setVisible(applies(recipe, name))
        self._arrange(self._columns)

    def show_values(self, values: Mapping[str, Value]) -> None:
        for name, row in self._rows.items():
            row.show_value(values[name])
        self._arrange(self._columns)

    def set_locked(self, why: str, live: frozenset[str]) -> None:
        for name, row in self._rows.items():
            row.set_locked("" if name in live else why)

    def set_refused(self, name: str, why: Mapping[str, str]) -> None:
        self._rows[name].set_refused(why)

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
        # A gap stands beside an empty column too.
        self._grid.setHorizontalSpacing(_BETWEEN_COLUMNS_PX if columns > 1 else 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if columns > 1 else 0)
