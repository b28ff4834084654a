"""Looking at recordings with a table: files that it names, saved data sets."""

from pathlib import Path

import msgspec

from engine.data import hugging
from engine.data.hugging import Beginning
from engine.data.inspect.pictures import spread
from engine.data.inspect.records import inspection_of, unreadable_records
from engine.data.inspect.report import Inspection
from engine.data.inspect.sounds import about_rates, facts_of, heads_of, proposed_form
from engine.data.kinds import RECORDINGS
from engine.data.places import Records
from engine.data.records import first_records, read_records
from engine.data.workbooks import is_workbook, sheet_names
from nodes.errors import DataError
from nodes.sources import SoundTable


def inspect_named_sounds(table: Path, sound: str, sheet: str = "") -> Inspection:
    """Look at recordings that a column of a table names."""
    found = _inspected(table, "Recordings that a table names", sound, sheet)
    sheets = sheet_names(table) if is_workbook(table) else ()
    return msgspec.structs.replace(found, sheets=sheets)


def inspect_saved_sounds(path: Path, first: Beginning | None = None) -> Inspection:
    """Look at the recordings of a data set that Hugging Face's library saved, or at the first."""
    sound = (first.sounds if first else hugging.sound_columns(path))[0]
    records = first_records(path, first, sound) if first else None
    found = _inspected(path, "Saved data set of recordings", sound, first=records)
    files = hugging.source_files(path)
    size = sum(file.stat().st_size for file in files)
    return msgspec.structs.replace(found, files=len(files), size_bytes=size)


def _inspected(
    path: Path, title: str, sound: str, sheet: str = "", first: Records | None = None
) -> Inspection:
    try:
        found = first or read_records(path, sound, sheet, suffixes=RECORDINGS)
    except DataError as error:
        return unreadable_records(path, title, error)
    looked_at = found.places.chosen(spread(len(found.places)))
    opened = ((str(place.named), place.open) for place in looked_at)
    heads, problems = heads_of(opened, len(looked_at))
    rate, length = proposed_form(heads)
    source = SoundTable(path=str(path), sound=sound, sheet=sheet, rate=rate, length=length)
    whole = inspection_of(found, title, source, looked_at, problems)
    findings = (*whole.findings, *about_rates(heads, rate))
    return msgspec.structs.replace(whole, facts=facts_of(heads), findings=findings)
