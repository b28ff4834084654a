"""The optimisers that take turns: what each is called, how it steps, and how often."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.setting_row import Value
from app.theme import font
from app.training.recipe_rows import RecipeRows
from app.widgets import Button, FlowText, IconButton, SectionTitle
from engine.project.optimizers import OPTIMIZERS
from engine.project.players import Player, player_fields
from engine.project.playing import renamed, several, without
from engine.project.recipe import Recipe
from nodes.params import fields_of

_LIVE = frozenset({"learning_rate", "momentum", "weight_decay", "every"})


class PlayersPart(QWidget):
    """A block for each optimiser, in the order in which they act."""

    changed = Signal(object, str)
    """The players as they are now, and what changed in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Optimisers"))
        self._recipe = Recipe()
        self._blocks: list[_Block] = []
        self._why_locked = ""
        self._title = SectionTitle(self.tr("Optimisers"), self.tr("act in this order at each step"))
        words = self.tr("Layers and losses say in Properties which one they belong to.")
        self._words = FlowText(words, "small", "text2")
        self._add = Button("", "ghost", icon_name="plus", extent="small")
        self._add.clicked.connect(self._on_add)
        self._column = QVBoxLayout()
        self._column.setSpacing(12)
        flush = QHBoxLayout()
        flush.addWidget(self._add)
        flush.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addLayout(self._column)
        column.addLayout(flush)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show the optimisers of a recipe; none of it where there is but one."""
        self._recipe = recipe
        rules = [player.optimizer for player in recipe.players]
        if rules != [block.rule for block in self._blocks]:
            self._make_blocks()
        for block, player in zip(self._blocks, recipe.players, strict=True):
            block.show_player(player)
        for part in (self._title, self._words):
            part.setVisible(bool(recipe.players))
        text = self.tr("Add an optimiser") if recipe.players else self.tr("Let several take turns")
        self._add.setText(text)
        self._add.setAccessibleName(text)

    def set_locked(self, why: str) -> None:
        """Keep what a run cannot take between two steps from being changed, and say why."""
        self._why_locked = why
        self._add.setEnabled(not why)
        self._add.setToolTip(why)
        for block in self._blocks:
            block.set_locked(why)

    def _make_blocks(self) -> None:
        for block in self._blocks:
            block.hide()
            block.deleteLater()
        self._blocks = [
            _Block(player, place, self) for place, player in enumerate(self._recipe.players)
        ]
        for block in self._blocks:
            block.set_locked(self._why_locked)
            self._column.addWidget(block)

    def _on_add(self) -> None:
        self.changed.emit(several(self._recipe), self._add.text())

    def rename(self, place: int, name: str) -> None:
        """Call an optimiser otherwise."""
        label = self.tr("Rename optimiser")
        self.changed.emit(renamed(self._recipe.players, place, name), label)

    def remove(self, place: int) -> None:
        """Take an optimiser away."""
        label = self.tr("Remove {0}").format(self._recipe.players[place].name)
        self.changed.emit(without(self._recipe.players, place), label)

    def change(self, place: int, player: Player, label: str) -> None:
        """Put another setting into an optimiser."""
        players = self._recipe.players
        self.changed.emit((*players[:place], player, *players[place + 1 :]), label)


class _Block(QWidget):
    """The name of one optimiser, and its settings."""

    def __init__(self, player: Player, place: int, part: PlayersPart) -> None:
        super().__init__(part)
        self._part = part
        self._place = place
        self._player = player
        self.rule = player.optimizer
        self._name = QLineEdit()
        self._name.setFont(font())
        self._name.setAccessibleName(self.tr("Name of optimiser {0}").format(place + 1))
        self._name.editingFinished.connect(self._on_name)
        self._remove = IconButton("close", self.tr("Remove this optimiser"))
        self._remove.clicked.connect(lambda: part.remove(place))
        self._rows = RecipeRows(player_fields(), self)
        self._rows.committed.connect(self._on_committed)
        self._own = RecipeRows(fields_of(OPTIMIZERS[player.optimizer]), self)
        self._own.committed.connect(self._on_own)
        head = QHBoxLayout()
        head.addWidget(self._name, stretch=1)
        head.addWidget(self._remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._rows)
        column.addWidget(self._own)

    def show_player(self, player: Player) -> None:
        """Show the settings without announcing them."""
        self._player = player
        if not self._name.isModified():
            self._name.setText(player.name)
        own = Recipe(optimizer=player.optimizer, optimizer_settings=player.optimizer_settings)
        plain = Recipe(optimizer=player.optimizer)
        self._rows.show_values({f.name: getattr(player, f.name) for f in player_fields()}, plain)
        self._own.show_values(msgspec.structs.asdict(own.own_settings))

    def set_locked(self, why: str) -> None:
        self._rows.set_locked(why, _LIVE)
        self._own.set_locked(why, frozenset())
        for field in (self._name, self._remove):
            field.setEnabled(not why)

    def _on_name(self) -> None:
        if self._name.isModified():
            self._name.setModified(False)
            self._part.rename(self._place, self._name.text())
            self._name.setText(self._player.name)

    def _on_committed(self, name: str, value: Value) -> None:
        changed = msgspec.structs.replace(self._player, **{name: value})
        if changed.optimizer != self._player.optimizer:
            # Another optimiser has other settings, and its own defaults.
            changed = msgspec.structs.replace(changed, optimizer_settings={})
        self._part.change(self._place, changed, self._label(self._rows.labels[name]))

    def _on_own(self, name: str, value: Value) -> None:
        own = {**self._player.optimizer_settings, name: value}
        if value == getattr(OPTIMIZERS[self._player.optimizer](), name):
            del own[name]
        changed = msgspec.structs.replace(self._player, optimizer_settings=own)
        self._part.change(self._place, changed, self._label(self._own.labels[name]))

    def _label(self, setting: str) -> str:
        return self.tr("Set {0} of {1}").format(setting.lower(), self._player.name)
