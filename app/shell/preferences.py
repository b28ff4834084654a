"""The preferences as a table: what can be chosen, what it means, and what is in force.

The dialog, the menus and the command palette are made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from app.settings import Settings
from app.theme import TEXT_SIZES


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """One thing that a person can choose; the first choice holds until they do."""

    key: str
    title: str
    help: str
    choices: tuple[tuple[str, str], ...]
    """The value and the word of each choice."""

    words: str = ""
    """Other words that it is searched by."""


PREFERENCES: Mapping[str, Preference] = {
    preference.key: preference
    for preference in (
        Preference(
            key="theme",
            title="Theme",
            help="System follows the desktop. High contrast draws every edge.",
            choices=(
                ("system", "System"),
                ("light", "Light"),
                ("dark", "Dark"),
                ("contrast", "High Contrast"),
            ),
            words="colours appearance look night",
        ),
        Preference(
            key="text_size",
            title="Text Size",
            help="Of all text around the canvas. The canvas has its zoom.",
            choices=tuple((str(size), f"{size}\u202f%") for size in TEXT_SIZES),
            words="font zoom larger smaller",
        ),
        Preference(
            key="motion",
            title="Motion",
            help="Cards glide to their places. Off puts them there at once.",
            choices=(("system", "As the desktop"), ("off", "Off")),
            words="animation accessibility",
        ),
        Preference(
            key="wheel",
            title="Mouse Wheel",
            help="What the wheel does on the canvas; with Ctrl it always zooms.",
            choices=(("zoom", "Zooms"), ("scroll", "Scrolls")),
            words="scroll pan zoom canvas",
        ),
        Preference(
            key="tab",
            title="Tab on the Canvas",
            help="Opens quick add, or moves on to the next control. F6 always moves on.",
            choices=(("add", "Adds a layer"), ("focus", "Moves on")),
            words="focus keyboard quick add",
        ),
        Preference(
            key="shapes",
            title="Shapes",
            help="Beside the wires. On change leaves out what a layer passes on as it came.",
            choices=(("all", "All"), ("change", "On Change"), ("off", "Off")),
            words="wires sizes tensor canvas",
        ),
        Preference(
            key="batch",
            title="Batch Size",
            help="In the shapes beside the wires: N stands for the number of samples.",
            choices=(("hidden", "Hidden"), ("shown", "Shown")),
            words="shapes wires samples N",
        ),
        Preference(
            key="previews",
            title="Live Previews",
            help="How often what layers put out is drawn on their cards while a run goes on.",
            choices=(
                ("step", "Every Step"),
                ("ten", "Every 10 Steps"),
                ("epoch", "Every Epoch"),
                ("off", "Off"),
            ),
            words="thumbnails activations canvas cards rate",
        ),
        Preference(
            key="ports",
            title="Unused Ports",
            help="Optional inputs and further outputs without a wire; the pointer shows them.",
            choices=(("shown", "Shown"), ("hidden", "Hidden")),
            words="inputs outputs sockets canvas tidy",
        ),
    )
}


class Preferences(QObject):
    """What the person chose, and who is to act on it."""

    changed = Signal(str)
    """The key of the preference that has another value."""

    def __init__(
        self,
        settings: Settings,
        effects: Mapping[str, Callable[[str], object]],
        parent: QObject,
    ) -> None:
        """Bring everything in force.

        Args:
            effects: What carries out a value, by the key of the preference.
        """
        super().__init__(parent)
        self._settings = settings
        self._effects = dict(effects)
        for key, effect in effects.items():
            effect(self.value(key))

    def carry_out(self, key: str, effect: Callable[[str], object]) -> None:
        """Let something that came later carry out a value, and bring it in force."""
        self._effects[key] = effect
        effect(self.value(key))

    def value(self, key: str) -> str:
        """Return what is in force."""
        values = [value for value, _ in PREFERENCES[key].choices]
        kept = self._settings.preference(key)
        return kept if kept in values else values[0]

    def choose(self, key: str, value: str) -> None:
        """Bring another value in force and remember it."""
        if value == self.value(key):
            return
        self._settings.set_preference(key, value)
        self._effects[key](value)
        self.changed.emit(key)

    def flip(self, key: str) -> None:
        """Bring the other of two values in force."""
        first, second = (value for value, _ in PREFERENCES[key].choices)
        self.choose(key, second if self.value(key) == first else first)

    def menu(self, key: str, owner: QWidget) -> QMenu:
        """Return a menu of the choices, the one in force ticked."""
        menu = QMenu(owner.tr(PREFERENCES[key].title), owner)
        group = QActionGroup(menu)
        entries: dict[str, QAction] = {}
        for value, word in PREFERENCES[key].choices:
            entries[value] = action = menu.addAction(owner.tr(word))
            action.setCheckable(True)
            action.triggered.connect(lambda _checked=False, value=value: self.choose(key, value))
            group.addAction(action)
        menu.aboutToShow.connect(lambda: entries[self.value(key)].setChecked(True))
        entries[self.value(key)].setChecked(True)
        return menu
