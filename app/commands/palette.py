"""The pop-up that finds everything: type, choose, done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QTimer
from PySide6.QtWidgets import QWidget

from app.commands.command import GROUP_WORDS, Command, Group, Source
from app.commands.rows import ROW_PX, CommandPainter, CommandRows
from app.settings import Settings
from app.widgets import FlowText
from app.widgets.list_popup import ListPopup

_WIDTH_PX = 600
_TOP_PX = 84
_ROWS = 11
_MOST = 200


class CommandPalette(ListPopup):
    """Searches all sources at once; what was used last comes first."""

    def __init__(self, sources: Sequence[Source], settings: Settings, parent: QWidget) -> None:
        super().__init__(
            "Command palette",
            "Search commands, layers, runs, preferences",
            width_px=_WIDTH_PX,
            parent=parent,
        )
        self._sources = sources
        self._settings = settings
        self._rows = CommandRows(self)
        self.set_rows(self._rows, CommandPainter(self.list))
        self._miss = FlowText()
        self._miss.setContentsMargins(8, 4, 8, 8)
        self.column.addWidget(self._miss)
        self.field.textChanged.connect(self._refill)
        self.chosen.connect(self._on_chosen)

    @property
    def commands(self) -> Sequence[Command]:
        """What is listed."""
        return self._rows.commands

    def open(self) -> None:
        """Show everything, what was used last first."""
        super().open()
        self._refill()

    def _refill(self) -> None:
        text = self.field.text().strip()
        found = [command for source in self._sources for command in source(text)]
        self._rows.show(self._ranked(found, text)[:_MOST])
        self.set_current_row(0)
        self._miss.set_words("" if found else self._miss_words(text))
        self._miss.setVisible(not found)
        self.list.setVisible(bool(found))
        self.list.setFixedHeight(min(_ROWS, len(found)) * ROW_PX + 2)
        self._place()

    def _ranked(self, found: list[Command], text: str) -> list[Command]:
        """Order by how well each fits; what was used last breaks ties, or leads without a text."""
        places = {key: place for place, key in enumerate(self._settings.recent_commands)}
        last = len(places)
        if not text:
            return sorted(found, key=lambda command: places.get(command.key, last))
        return sorted(found, key=lambda c: (-c.score, places.get(c.key, last), len(c.title)))

    def _miss_words(self, text: str) -> str:
        """Say what was looked through."""
        every = [command for source in self._sources for command in source("")]
        counts: dict[Group, int] = {}
        for command in every:
            counts[command.group] = counts.get(command.group, 0) + 1
        parts = [_counted(group, count) for group, count in counts.items()]
        among = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
        return self.tr("Nothing called “{0}” among {1}.").format(text, among)

    def _place(self) -> None:
        self.column.activate()
        height = self.column.totalSizeHint().height()
        if self.column.hasHeightForWidth():
            height = self.column.totalHeightForWidth(self.width())
        self.resize(self.width(), height)
        window = self.window()
        self.move((window.width() - self.width()) // 2, min(_TOP_PX, window.height() // 8))

    def _on_chosen(self, index: QModelIndex) -> None:
        command = self._rows.commands[index.row()]
        if not command.can_run:
            return
        self._settings.add_recent_command(command.key)
        self.close_list()
        # The focus is back where it was before the command looks at it.
        QTimer.singleShot(0, command.run)


def _counted(group: Group, count: int) -> str:
    _, one, several = GROUP_WORDS[group]
    return f"{count} {one if count == 1 else several}"
