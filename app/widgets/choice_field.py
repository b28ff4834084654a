"""A field that picks one of several words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyledItemDelegate, QWidget

from app.theme.fonts import font

_FLAGS_ROLE = Qt.ItemDataRole.UserRole - 1
"""Under which a combo box keeps whether a row can be chosen."""

_CHOSEN = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class ChoiceField(QComboBox):
    """A combo box over (value, word) pairs that leaves the wheel to the panel."""

    committed = Signal(str)
    """The value that the person picked."""

    def __init__(
        self,
        name: str,
        choices: Sequence[tuple[str, str]],
        value: str = "",
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        # A wheel that passes by must not bring the focus, with which it would change the choice.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(font())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(6)
        # Only this delegate draws the rows of the list as the style sheet says.
        self.setItemDelegate(QStyledItemDelegate(self))
        for choice, word in choices:
            self.addItem(word, choice)
        if value:
            self.set_value(value)
        self.activated.connect(self._on_activated)

    @property
    def value(self) -> str:
        """The value that holds."""
        return str(self.currentData())

    def set_value(self, value: str) -> None:
        """Show a value without announcing it."""
        self.setCurrentIndex(self.findData(value))

    def set_mixed(self, word: str) -> None:
        """Show that no single value holds."""
        self.setPlaceholderText(word)
        self.setCurrentIndex(-1)

    def set_refused(self, why: Mapping[str, str]) -> None:
        """Grey the choices that cannot be had, each with its reason as a tooltip."""
        for row in range(self.count()):
            reason = why.get(str(self.itemData(row)), "")
            flags = Qt.ItemFlag.NoItemFlags if reason else _CHOSEN
            self.setItemData(row, flags.value, _FLAGS_ROLE)
            self.setItemData(row, reason or None, Qt.ItemDataRole.ToolTipRole)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt override
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_activated(self, index: int) -> None:
        self.committed.emit(str(self.itemData(index)))
