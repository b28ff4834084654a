"""The recipe as a form, built from what the recipe says of its own fields."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping

import msgspec
from PySide6.QtCore import QElapsedTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.setting_row import Value
from app.training.players_part import PlayersPart
from app.training.recipe_rows import RecipeRows
from app.widgets import Button, FlowText, Label
from engine.project.optimizers import OPTIMIZERS
from engine.project.players import Player
from engine.project.recipe import Recipe, recipe_fields
from nodes.params import fields_of

_GESTURE_MS = 1000
# Below zero, where no other part of the window counts its gestures.
_gestures = itertools.count(-1, -1)


class RecipeForm(QWidget):
    """The common settings of a recipe, and the rest of them under a fold."""

    recipe_changed = Signal(object, str, object)
    """The new recipe, what changed in words, and the gesture it belongs to."""

    def __init__(self, parent: QWidget | None = None, *, says_why: bool = True) -> None:
        """Make the form.

        Args:
            says_why: Whether it tells why it is locked; False where a banner above it does.
        """
        super().__init__(parent)
        self.setAccessibleName(self.tr("Recipe"))
        self._says_why = says_why
        self._recipe = Recipe()
        self._gesture = 0
        self._last_name = ""
        self._since_last = QElapsedTimer()
        self._why_locked = ""
        self._live: frozenset[str] = frozenset()
        self._refused: Mapping[str, str] = {}
        self._common = RecipeRows([f for f in recipe_fields() if not f.param.advanced], self)
        # Made when they are first shown: most people never unfold them.
        self._more: RecipeRows | None = None
        self._own: RecipeRows | None = None
        self._fold = Button(
            self.tr("More settings"), "fold", icon_name="chevron-right", extent="small", parent=self
        )
        self._folded = QWidget(self)
        self._own_title = Label("", weight=600, parent=self._folded)
        self._lock = FlowText("", tone="text3")
        self._lock.hide()
        self._common.committed.connect(self._on_committed)
        self._players = PlayersPart(self)
        self._players.changed.connect(self._on_players)
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
        self._players.show_recipe(recipe)
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
        self._players.set_locked(why)
        self._lock.set_words(why)
        self._lock.setVisible(bool(why) and self._says_why)

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
        column.addWidget(self._players)
        column.addLayout(flush)
        column.addWidget(self._folded)
        column.addWidget(self._lock)

    def _make_more(self) -> None:
        self._more = RecipeRows([f for f in recipe_fields() if f.param.advanced], self._folded)
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
        self._own = RecipeRows(fields_of(described), self._folded)
        self._own.committed.connect(self._on_own_committed)
        self._own.set_locked(self._why_locked, self._live)
        self._own_title.setText(described.info.title)
        self._inner.addWidget(self._own)

    def _show_own(self) -> None:
        assert self._own is not None, "made together with the fold"
        self._own.show_values(msgspec.structs.asdict(self._recipe.own_settings))
        for part in (self._own, self._own_title):
            part.setVisible(not self._recipe.players)

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

    def _on_players(self, players: tuple[Player, ...], label: str) -> None:
        changed = msgspec.structs.replace(self._recipe, players=players)
        if changed != self._recipe:
            self.show_recipe(changed)
            self.recipe_changed.emit(changed, label, self._gesture_of(label))

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
