"""What the program remembers of a person between two starts: theme, layouts, recent files."""

from __future__ import annotations

from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from app.theme import THEME_CHOICES, ThemeChoice

_NAME = "layerloom"
_RECENT = 10
_RECENT_COMMANDS = 8


def data_folder() -> Path:
    """Return the folder for recovery files and logs."""
    return platformdirs.user_data_path(_NAME, appauthor=False)


class Settings:
    """A person's settings, kept in one readable file in their configuration folder."""

    def __init__(self, file: Path | None = None) -> None:
        place = file or platformdirs.user_config_path(_NAME, appauthor=False) / "settings.ini"
        self._store = QSettings(str(place), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeChoice:
        """The chosen theme."""
        value = self._store.value("theme", "system")
        return value if value in THEME_CHOICES else "system"

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("theme", choice)

    @property
    def geometry(self) -> QByteArray:
        """The window's place and size; empty on a first start."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    def layout_state(self, layout: str) -> QByteArray:
        """Return how the docks of a layout were left; empty where they never were moved."""
        return self._bytes(f"layouts/{layout}")

    def set_layout_state(self, layout: str, state: QByteArray) -> None:
        """Remember how the docks of a layout stand."""
        self._store.setValue(f"layouts/{layout}", state)

    def forget_layouts(self) -> None:
        """Let all layouts begin as they were made."""
        self._store.remove("layouts")

    @property
    def recent(self) -> tuple[Path, ...]:
        """The files opened or saved last, newest first."""
        return tuple(Path(entry) for entry in self._texts("recent"))

    def add_recent(self, file: Path) -> None:
        """Put a file at the top of the recent ones."""
        others = [entry for entry in self.recent if entry != file]
        self._store.setValue("recent", [str(entry) for entry in [file, *others][:_RECENT]])

    @property
    def recent_commands(self) -> tuple[str, ...]:
        """The commands that were chosen in the palette last, newest first."""
        return self._texts("commands")

    def add_recent_command(self, key: str) -> None:
        """Put a command at the top of the recent ones."""
        others = [entry for entry in self.recent_commands if entry != key]
        self._store.setValue("commands", [key, *others][:_RECENT_COMMANDS])

    def is_done(self, hint: str) -> bool:
        """Whether a hint was seen and need not come again."""
        return self._store.value(f"hints/{hint}", "") == "done"

    def set_done(self, hint: str) -> None:
        """Remember that a hint was seen."""
        self._store.setValue(f"hints/{hint}", "done")

    def sync(self) -> None:
        """Write now what was set."""
        self._store.sync()

    def _texts(self, key: str) -> tuple[str, ...]:
        # A list of one comes back from the file as its only entry.
        value = self._store.value(key, [])
        entries = value if isinstance(value, list) else [value]
        return tuple(str(entry) for entry in entries if entry)

    def _bytes(self, key: str) -> QByteArray:
        value = self._store.value(key, QByteArray())
        return value if isinstance(value, QByteArray) else QByteArray()
