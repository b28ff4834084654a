"""What the program remembers of a person between two starts: theme, layouts, recent files."""

from __future__ import annotations

from pathlib import Path

import msgspec
import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from app.theme import TEXT_SIZES, THEME_CHOICES, ThemeChoice
from engine.training.keeping import Keeping

_NAME = "layerloom"
_RECENT = 10
_RECENT_COMMANDS = 8
_BETWEEN_KEYS = " | "
"""Portable names of keys hold commas and blanks, but never a stroke between two blanks."""


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
        value = self.preference("theme")
        return next((choice for choice in THEME_CHOICES if choice == value), "system")

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self.set_preference("theme", choice)

    @property
    def text_size(self) -> int:
        """The size of text in per cent."""
        kept = self.preference("text_size")
        return next((size for size in TEXT_SIZES if str(size) == kept), TEXT_SIZES[0])

    def preference(self, key: str) -> str:
        """Return what was chosen for a preference; empty where nothing was."""
        return str(self._store.value(key, ""))

    def set_preference(self, key: str, value: str) -> None:
        """Remember what was chosen for a preference."""
        self._store.setValue(key, value)

    @property
    def keeping(self) -> Keeping:
        """What is kept of the moments of a run."""
        kept = {name: self.preference(f"record/{name}") for name in Keeping.__struct_fields__}
        try:
            return msgspec.convert({k: v for k, v in kept.items() if v}, Keeping, strict=False)
        except msgspec.ValidationError:
            return Keeping()

    @keeping.setter
    def keeping(self, keeping: Keeping) -> None:
        for name, value in msgspec.structs.asdict(keeping).items():
            self.set_preference(f"record/{name}", str(value))

    def keys_of(self, action: str) -> tuple[str, ...] | None:
        """Return the keys that the person gave an action; None where they gave none."""
        kept = self._store.value(f"keys/{action}")
        return (
            None if kept is None else tuple(part for part in str(kept).split(_BETWEEN_KEYS) if part)
        )

    def set_keys(self, action: str, keys: tuple[str, ...] | None) -> None:
        """Remember the keys of an action; None forgets them."""
        if keys is None:
            self._store.remove(f"keys/{action}")
        else:
            # A text, since an empty list would come back as nothing at all.
            self._store.setValue(f"keys/{action}", _BETWEEN_KEYS.join(keys))

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
