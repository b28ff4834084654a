"""How files are read: the settings of a source that a person may want to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QWidget

from app.widgets import ChoiceField, Label, NumberField
from nodes.sources import (
    Arrays,
    Images,
    Pairs,
    PictureTable,
    Prose,
    Series,
    Sounds,
    SoundTable,
    Source,
    Table,
    Texts,
)

_TOKENS: Final = (("length", "Tokens kept", 4000), ("words", "Tokens known", 200_000))
_WAVE: Final = (("rate", "Samples a second", 48_000), ("length", "Samples kept", 960_000))
_NUMBERS: Final[dict[type, tuple[tuple[str, str, int], ...]]] = {
    Images: (("height", "Height, pixels", 1024), ("width", "Width, pixels", 1024)),
    Pairs: (("height", "Height, pixels", 1024), ("width", "Width, pixels", 1024)),
    PictureTable: (("height", "Height, pixels", 1024), ("width", "Width, pixels", 1024)),
    Sounds: _WAVE,
    SoundTable: _WAVE,
    Texts: _TOKENS,
    Prose: (("length", "Tokens of a passage", 4000), ("words", "Tokens known", 200_000)),
    Series: (("window", "Rows of a window", 4000), ("ahead", "Rows ahead", 1000)),
}
_LOST = (("False", "Go on with the others"), ("True", "Hold training"))
_COLOURS = (("1", "Grey"), ("3", "Colour"))
_UNITS = (("character", "Letters"), ("word", "Words"), ("subword", "Pieces of words (BPE)"))


class SourceForm(QWidget):
    """A few fields, by the kind of source."""

    sheet_chosen = Signal(str)
    """Another sheet of the workbook is to be looked at."""

    changed = Signal()
    """A setting of the source was changed."""

    def __init__(self) -> None:
        super().__init__()
        self._source: Source | None = None
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setSpacing(6)

    @property
    def has_fields(self) -> bool:
        """Whether there is anything to set."""
        return self._form.rowCount() > 0

    def source(self) -> Source | None:
        """Return the source as it is set now."""
        return self._source

    def show_source(self, source: Source | None, sheets: Sequence[str] = ()) -> None:
        """Show the settings of a source, and the sheets of its workbook where there are several."""
        self._source = source
        while self._form.rowCount():
            self._form.removeRow(0)
        if source is None:
            return
        if len(sheets) > 1 and isinstance(source, Table | Series | PictureTable | SoundTable):
            self._add_sheets(sheets, source.sheet)
        for name, label, most in self._numbers(source):
            self._add_number(name, label, most)
        match source:
            case Images() | Pairs() | PictureTable():
                self._add_choice("channels", "Colours", _COLOURS, str(source.channels))
            case Prose() | Texts():
                self._add_choice("unit", "Tokens are", _UNITS, source.unit)
            case Table() if _reads_text(source):
                self._add_choice("unit", "Tokens are", _UNITS, source.unit)
            case Series():
                columns = [(name, name) for name in source.columns]
                self._add_choice("target", "Forecast", columns, source.target)
            case Table() | Sounds() | SoundTable() | Arrays():
                pass
        self._add_choice("stop_when_lost", "If files vanish", _LOST, str(source.stop_when_lost))

    def _numbers(self, source: Source) -> tuple[tuple[str, str, int], ...]:
        if isinstance(source, Table):
            return _TOKENS if _reads_text(source) else ()
        return _NUMBERS.get(type(source), ())

    def _add_sheets(self, sheets: Sequence[str], chosen: str) -> None:
        label = self.tr("Sheet")
        field = ChoiceField(label, [(name, name) for name in sheets], chosen or sheets[0])
        field.committed.connect(self.sheet_chosen)
        self._form.addRow(Label(label, tone="text2"), field)

    def _add_number(self, name: str, label: str, most: int) -> None:
        field = NumberField(label, getattr(self._source, name), low=1, high=most)
        field.committed.connect(lambda value: self._set(name, int(value)))
        self._form.addRow(Label(label, tone="text2"), field)

    def _add_choice(
        self,
        name: str,
        label: str,
        choices: list[tuple[str, str]] | tuple[tuple[str, str], ...],
        value: str,
    ) -> None:
        field = ChoiceField(label, choices, value)
        before = getattr(self._source, name)
        field.committed.connect(lambda word: self._set(name, _meant(word, before)))
        self._form.addRow(Label(label, tone="text2"), field)

    def _set(self, name: str, value: int | str) -> None:
        assert self._source is not None, "a field belongs to a source"
        self._source = msgspec.structs.replace(self._source, **{name: value})
        self.changed.emit()


def _meant(word: str, before: object) -> int | str:
    """Return a choice in the form in which the source holds it."""
    if isinstance(before, bool):
        return word == str(True)
    return int(word) if isinstance(before, int) else word


def _reads_text(source: Table) -> bool:
    return any(column.kind == "text" and column.role != "ignore" for column in source.columns)
