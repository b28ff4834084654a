"""Searching the whole window: the command palette, Find on the canvas, and the history."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.shell.menus import places_in_menus

if TYPE_CHECKING:
    from app.commands import CommandPalette
    from app.main_window import MainWindow
    from app.runs import RunsPanel
    from app.shell.find_bar import FindBar
    from app.shell.history_list import HistoryList


class WindowSearch(QObject):
    """Opens what finds things; it is made when it is first asked for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._palette: CommandPalette | None = None
        self._find: FindBar | None = None
        self._history: HistoryList | None = None
        self.runs: RunsPanel | None = None
        """Knows the runs; None until the panels stand."""

    def open_palette(self) -> CommandPalette:
        """Open the palette, or close it where it is open."""
        if self._palette is None:
            self._palette = self._made()
        if self._palette.isVisible():
            self._palette.close_list()
        else:
            if self.runs is not None:
                self.runs.refresh()
            self._palette.open()
        return self._palette

    def open_find(self) -> FindBar:
        """Open the field that finds layers on the canvas."""
        from app.shell.find_bar import FindBar

        canvas = self._window.canvas
        if self._find is None:
            self._find = FindBar(self._window.document, canvas)
            self._find.found.connect(canvas.centre_on)
            self._find.closed.connect(canvas.setFocus)
        self._find.open()
        return self._find

    def open_history(self) -> HistoryList:
        """List the steps of the history."""
        from app.shell.history_list import HistoryList

        if self._history is None:
            self._history = HistoryList(self._window.document, self._window)
        self._history.open()
        return self._history

    def _made(self) -> CommandPalette:
        from app.commands import CommandPalette
        from app.commands.sources import (
            from_actions,
            from_blocks,
            from_drawing,
            from_layers,
            from_preferences,
            from_runs,
            from_templates,
        )

        window = self._window
        places = places_in_menus()
        actions = {key: action for key, action in window.actions_by_key.items() if key in places}
        actions.pop("commands", None)
        sources = (
            from_actions(actions, places),
            from_layers(window.canvas.add_layer),
            from_blocks(window.canvas.add_layer, window.document),
            from_drawing(window.document, window.canvas.centre_and_select),
            from_templates(window.begin_with),
            from_preferences(window.preferences),
            from_runs(self._run_lines, window.show_run),
        )
        return CommandPalette(sources, window.settings, window)

    def _run_lines(self) -> Sequence[tuple[Path, str, str]]:
        # It comes with numpy, which the window does not wait for when it opens.
        from app.runs.words import best_words, when_words

        lines = self.runs.lines if self.runs is not None else ()
        return [
            (line.folder, line.name, f"{when_words(line)} · {best_words(line)}") for line in lines
        ]
