"""Which keys do what: those of the table of actions, and where the person chose others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from app.settings import Settings

_PORTABLE = QKeySequence.SequenceFormat.PortableText

RESERVED: Mapping[str, str] = {
    "Tab": "Quick add",
    "Shift+Tab": "Moving backwards",
    "Esc": "Cancel",
    "Space": "Pan",
    "Up": "Walking along the wires",
    "Down": "Walking along the wires",
    "Left": "Walking along the wires",
    "Right": "Walking along the wires",
    "Return": "Pressing what has the focus",
    "F10": "The menu bar",
}
"""Keys that no action can have, and what they are for."""


class Keymap(QObject):
    """The keys of every action; a person's own are remembered and can be taken back."""

    changed = Signal()

    def __init__(self, actions: Mapping[str, QAction], canvas: QWidget, settings: Settings) -> None:
        super().__init__(canvas)
        self._actions = actions
        self._canvas = canvas
        self._settings = settings
        self._defaults = {key: tuple(action.shortcuts()) for key, action in actions.items()}
        for key in actions:
            self._apply(key)
        canvas.installEventFilter(self)

    def keys_of(self, key: str) -> tuple[QKeySequence, ...]:
        """Return the keys of an action."""
        return tuple(self._actions[key].shortcuts())

    def is_default(self, key: str) -> bool:
        """Say whether an action has the keys that it came with."""
        return self.keys_of(key) == self._defaults[key]

    def reserved_for(self, sequence: QKeySequence) -> str:
        """Say what a key is for that no action can have; nothing for any other key."""
        return RESERVED.get(sequence.toString(_PORTABLE), "")

    def holder_of(self, sequence: QKeySequence, *, but: str = "") -> str:
        """Return the key of the action that a sequence belongs to, other than ``but``; or nothing.

        Of two sequences of which one begins the other, Qt would carry out neither.
        """
        for key in self._actions:
            if key != but and any(_collide(sequence, other) for other in self.keys_of(key)):
                return key
        return ""

    def set_keys(self, key: str, sequences: Sequence[QKeySequence]) -> None:
        """Give an action other keys, and take them from whoever had them."""
        for sequence in sequences:
            holder = self.holder_of(sequence, but=key)
            if holder:
                kept = [own for own in self.keys_of(holder) if not _collide(sequence, own)]
                self._keep(holder, kept)
        self._keep(key, sequences)
        self.changed.emit()

    def reset(self, key: str) -> None:
        """Give an action the keys back that it came with, as far as no other has them now."""
        free = [own for own in self._defaults[key] if not self.holder_of(own, but=key)]
        self._keep(key, free)
        self.changed.emit()

    def reset_all(self) -> None:
        """Give every action the keys that it came with."""
        for key in self._actions:
            self._keep(key, self._defaults[key])
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt override
        """Keep from the canvas the keys that its actions had before: it knows them by itself."""
        if (
            watched is self._canvas
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and self._is_given_up(QKeySequence(event.keyCombination()))
        ):
            event.ignore()
            return True
        return False

    def _is_given_up(self, sequence: QKeySequence) -> bool:
        return any(
            sequence in self._defaults[key] and sequence not in self.keys_of(key)
            for key in self._actions
            if not self.is_default(key)
        )

    def _keep(self, key: str, sequences: Sequence[QKeySequence]) -> None:
        own = None
        if tuple(sequences) != self._defaults[key]:
            own = tuple(sequence.toString(_PORTABLE) for sequence in sequences)
        self._settings.set_keys(key, own)
        self._apply(key)

    def _apply(self, key: str) -> None:
        own = self._settings.keys_of(key)
        sequences = self._defaults[key] if own is None else [QKeySequence(text) for text in own]
        self._actions[key].setShortcuts(list(sequences))


def native(sequences: Sequence[QKeySequence]) -> str:
    """Write keys as the desktop does."""
    shown = QKeySequence.SequenceFormat.NativeText
    return ", ".join(sequence.toString(shown) for sequence in sequences)


def _collide(one: QKeySequence, other: QKeySequence) -> bool:
    none = QKeySequence.SequenceMatch.NoMatch
    return one.matches(other) != none or other.matches(one) != none


def is_modifier(key: int) -> bool:
    """Say whether a key only changes what others mean."""
    return key in (
        Qt.Key.Key_Control,
        Qt.Key.Key_Shift,
        Qt.Key.Key_Alt,
        Qt.Key.Key_Meta,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_unknown,
    )
