"""Preferences: what the person chooses, and the keys of every action."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.key_list import KeyList
from app.dialogs.trusted_code import TrustedCode
from app.shell.keymap import Keymap
from app.shell.preferences import PREFERENCES, Preference, Preferences
from app.theme import text_scale
from app.widgets import Button, ChoiceField, FlowText, Label, SegmentedControl
from app.widgets.growing import follow_width

_FIELD_PX = 200
_SHARE_OF_SCREEN = 0.9


class PreferencesDialog(QDialog):
    """Two pages; every change is in force at once, so there is nothing to confirm."""

    def __init__(
        self,
        preferences: Preferences,
        keymap: Keymap,
        actions: Mapping[str, QAction],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.setWindowTitle(self.tr("Preferences"))
        room = self.screen().availableGeometry().size() * _SHARE_OF_SCREEN
        self.resize((QSize(620, 660) * text_scale()).boundedTo(room))
        self._fields: dict[str, ChoiceField] = {}
        self.trusted = TrustedCode()
        self.pages = SegmentedControl(
            self.tr("Page"), [("general", self.tr("General")), ("keys", self.tr("Keys"))]
        )
        self.keys = KeyList(keymap, actions)
        self._stack = QStackedWidget()
        self._stack.addWidget(_scrolled(self._general()))
        self._stack.addWidget(self.keys)
        self.pages.chosen.connect(self.show_page)
        close = Button(self.tr("Close"))
        close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(16)
        column.addWidget(self.pages, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._stack, 1)
        column.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)
        preferences.changed.connect(self._follow)

    def show_page(self, page: str) -> None:
        """Show ``general`` or ``keys``."""
        self.pages.set_current(page)
        self._stack.setCurrentIndex(1 if page == "keys" else 0)

    def field(self, key: str) -> ChoiceField:
        """Return the field of a preference."""
        return self._fields[key]

    def _general(self) -> QWidget:
        page = QWidget()
        page.setProperty("surface", "window")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(18)
        for preference in PREFERENCES.values():
            column.addLayout(self._row(preference))
        column.addWidget(self.trusted)
        column.addStretch(1)
        return page

    def _row(self, preference: Preference) -> QGridLayout:
        title = self.tr(preference.title)
        choices = [(value, self.tr(word)) for value, word in preference.choices]
        field = ChoiceField(title, choices, self._preferences.value(preference.key))
        follow_width(field, _FIELD_PX)
        field.setAccessibleDescription(self.tr(preference.help))
        field.committed.connect(lambda value: self._preferences.choose(preference.key, value))
        self._fields[preference.key] = field
        caption = Label(title, weight=600)
        caption.setBuddy(field)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(caption, 0, 0)
        grid.addWidget(FlowText(self.tr(preference.help), "small"), 1, 0)
        grid.addWidget(field, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        return grid

    def _follow(self, key: str) -> None:
        self._fields[key].set_value(self._preferences.value(key))


def _scrolled(page: QWidget) -> QScrollArea:
    """Let a page scroll where large text makes it higher than the screen."""
    area = QScrollArea()
    area.setProperty("surface", "window")
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(page)
    return area
