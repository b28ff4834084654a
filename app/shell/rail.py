"""The rail: one button per panel of the left dock, and Problems, Help and Preferences below.

Where the window is narrow, another at the right edge opens the panels of the right dock.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.theme import current_theme
from app.theme.icons import RAIL_SIZE_PX
from app.widgets import IconButton

_BUTTON_PX = 34


class Rail(QWidget):
    """48 px along an edge: a closed panel is one click away."""

    asked = Signal(str)
    """The key of the panel, or of the action, whose button was pressed."""

    def __init__(
        self,
        panels: Sequence[tuple[str, str, str, str]],
        below: Sequence[tuple[str, str, str, str]],
        parent: QWidget | None = None,
        *,
        at_right: bool = False,
    ) -> None:
        """Lay out buttons from (key, icon, name, keys): panels on top, the rest below."""
        super().__init__(parent)
        self._at_right = at_right
        self._buttons: dict[str, IconButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(7, 8, 7, 8)
        column.setSpacing(4)
        for entry in panels:
            column.addWidget(self._button(*entry, checkable=True))
        column.addStretch(1)
        for entry in below:
            column.addWidget(self._button(*entry, checkable=False))
        self.setFixedWidth(current_theme().size.rail)
        self.setAccessibleName(self.tr("Panels"))

    def set_open(self, key: str | None) -> None:
        """Show which panel of its dock is open, if one is."""
        for name, button in self._buttons.items():
            if button.isCheckable():
                button.setChecked(name == key)

    def set_badge(self, key: str, count: int) -> None:
        """Show a count on a button; none for 0."""
        self._buttons[key].set_badge(count)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        colours = current_theme().colours
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.window)
        edge = 0 if self._at_right else self.width() - 1
        painter.fillRect(edge, 0, 1, self.height(), colours.line)

    def follow(self, key: str, action: QAction) -> None:
        """Name a button's keys as its action has them, now and later."""
        button = self._buttons[key]

        def show_keys() -> None:
            button.set_name(button.accessibleName().partition(",")[0], action.shortcut())

        action.changed.connect(show_keys)
        show_keys()

    def _button(
        self, key: str, icon_name: str, name: str, keys: str, *, checkable: bool
    ) -> IconButton:
        button = IconButton(
            icon_name,
            name,
            keys=QKeySequence(keys) if keys else None,
            size_px=_BUTTON_PX,
            icon_size_px=RAIL_SIZE_PX,
            parent=self,
        )
        button.setCheckable(checkable)
        button.clicked.connect(lambda _checked=False: self.asked.emit(key))
        self._buttons[key] = button
        return button
