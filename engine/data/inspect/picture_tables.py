"""Looking at pictures with a table: files that it names, tar files, saved data sets."""

from pathlib import Path

import msgspec

from engine.data import hugging
from engine.data.hugging import Beginning
from engine.data.inspect.naming import MASKS
from engine.data.inspect.pictures import about_colours, facts_of, heads_of, proposed_size, spread
from engine.data.inspect.records import inspection_of, unreadable_records
from engine.data.inspect.report import Inspection
from engine.data.places import Places, Records
from engine.data.records import first_records, read_records
from engine.data.tars import TAR_PICTURE
from engine.data.workbooks import is_workbook, sheet_names
from nodes.errors import DataError
from nodes.sources import PictureTable


def inspect_named_pictures(table: Path, picture: str, mask: str, sheet: str = "") -> Inspection:
    """Look at pictures that a column of a table names, and at masks where another names some."""
    found = _inspected(table, "Pictures that a table names", picture, mask, sheet)
    sheets = sheet_names(table) if is_workbook(table) else ()
    return msgspec.structs.replace(found, sheets=sheets)


def inspect_tars(path: Path, first: Records | None = None) -> Inspection:
    """Look at the pictures of tar files, or at the first few."""
    return _inspected(path, "Pictures in tar files", TAR_PICTURE, first=first)


def inspect_saved(path: Path, first: Beginning | None = None) -> Inspection:
    """Look at the pictures of a data set that Hugging Face's library saved, or at the first few."""
    names = first.pictures if first else hugging.picture_columns(path)
    mask = next((name for name in names[::-1] if MASKS.search(name)), "") if names[1:] else ""
    picture = next(name for name in names if name != mask)
    records = first_records(path, first, picture, mask) if first else None
    found = _inspected(path, "Saved data set of pictures", picture, mask, first=records)
    files = hugging.source_files(path)
    size = sum(file.stat().st_size for file in files)
    return msgspec.structs.replace(found, files=len(files), size_bytes=size)


def _inspected(
    path: Path,
    title: str,
    picture: str,
    mask: str = "",
    sheet: str = "",
    first: Records | None = None,
) -> Inspection:
    try:
        found = first or read_records(path, picture, sheet, mask=mask)
    except DataError as error:
        return unreadable_records(path, title, error)
    looked_at = found.places.chosen(spread(len(found.places)))
    heads, problems = _heads(looked_at)
    if found.masks is not None:
        problems += _heads(found.masks.chosen(spread(len(found.masks))))[1]
    channels, height, width = proposed_size(heads)
    source = PictureTable(
        path=str(path),
        picture=picture,
        mask=mask,
        sheet=sheet,
        channels=channels,
        height=height,
        width=width,
    )
    title += " with masks" if mask else ""
    whole = inspection_of(found, title, source, looked_at, problems)
    findings = (*whole.findings, *about_colours(heads))
    return msgspec.structs.replace(whole, facts=facts_of(heads), findings=findings)


def _heads(places: Places) -> tuple[list[tuple[int, int, str]], list[tuple[str, str]]]:
    return heads_of(((str(place.named), place.open) for place in places), len(places))
