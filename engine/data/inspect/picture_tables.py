"""Looking at pictures with a table: files that it names, tar files, saved data sets."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data import hugging
from engine.data.inspect.classes import about_classes
from engine.data.inspect.columns import (
    answer_kind,
    column_facts,
    split_by,
    target_classes,
    with_roles,
)
from engine.data.inspect.pictures import (
    about_part,
    facts_of,
    heads_of,
    proposed_size,
    spread,
    unreadable,
)
from engine.data.inspect.report import ColumnFacts, Finding, Inspection
from engine.data.inspect.table_findings import about_columns, texts_of_columns
from engine.data.kinds import PICTURES
from engine.data.named_files import Finder
from engine.data.places import Places, Records
from engine.data.records import read_records
from engine.data.tables import read_columns
from engine.data.tars import TAR_PICTURE
from engine.data.workbooks import is_workbook, sheet_names
from nodes.errors import DataError
from nodes.sources import PictureTable

Array = npt.NDArray[Any]

_LOOKED_AT: Final = 50
_ENOUGH: Final = 0.8
_PREVIEWED: Final = 12
_MASKS: Final = re.compile(r"mask|segment|annotation|label", re.IGNORECASE)


def picture_column(table: Path, columns: Mapping[str, Array], *, by_stem: bool = False) -> str:
    """Return the column that names pictures which lie beside a table; empty where none does.

    Args:
        by_stem: The names may be without their ending.
    """
    likely = [
        name for name, values in columns.items() if _looks_like_names(values, by_stem=by_stem)
    ]
    finder = Finder(table.parent) if likely else None
    for name in likely:
        some = _some(columns[name])
        assert finder is not None, "there are likely columns"
        if finder.known(some) >= _ENOUGH * len(some):
            return name
    return ""


def mask_column(table: Path, columns: Mapping[str, Array], picture: str) -> str:
    """Return the column that names masks of the pictures by its own name; empty for none."""
    for name, values in columns.items():
        if name != picture and _MASKS.search(name) and _looks_like_names(values, by_stem=True):
            some = _some(values)
            if Finder(table.parent).known(some) >= _ENOUGH * len(some):
                return name
    return ""


def inspect_named_pictures(table: Path, picture: str, mask: str, sheet: str = "") -> Inspection:
    """Look at pictures that a column of a table names, and at masks where another names some."""
    found = _inspected(table, "Pictures that a table names", picture, mask, sheet)
    sheets = sheet_names(table) if is_workbook(table) else ()
    return msgspec.structs.replace(found, sheets=sheets)


def inspect_tars(path: Path) -> Inspection:
    """Look at the pictures of tar files."""
    return _inspected(path, "Pictures in tar files", TAR_PICTURE, "")


def inspect_saved(path: Path) -> Inspection:
    """Look at the pictures of a data set that Hugging Face's library saved."""
    names = hugging.picture_columns(path)
    mask = next((name for name in names[::-1] if _MASKS.search(name)), "") if names[1:] else ""
    picture = next(name for name in names if name != mask)
    found = _inspected(path, "Saved data set of pictures", picture, mask)
    files = hugging.source_files(path)
    size = sum(file.stat().st_size for file in files)
    return msgspec.structs.replace(found, files=len(files), size_bytes=size)


def table_naming_pictures(folder: Path) -> tuple[Path, str, str] | None:
    """Return the table of a folder that names its pictures, their column and that of masks."""
    for table in sorted(folder.glob("*.csv")) + sorted(folder.glob("*.tsv")):
        try:
            columns = read_columns(table, skips_ragged=True)
        except DataError:
            continue
        picture = picture_column(table, columns, by_stem=True)
        if picture:
            return table, picture, mask_column(table, columns, picture)
    return None


def _inspected(path: Path, title: str, picture: str, mask: str, sheet: str = "") -> Inspection:
    try:
        found = read_records(path, picture, sheet, mask=mask)
    except DataError as error:
        stop = Finding(code="unreadable", title=error.title, why=error.why, weight="stop")
        return Inspection(path=str(path), title=title, findings=(stop,))
    looked_at = found.places.chosen(spread(len(found.places)))
    opened = ((str(place.named), place.open) for place in looked_at)
    heads, problems = heads_of(opened, len(looked_at))
    if found.masks is not None:
        problems += _problems_of(found.masks.chosen(spread(len(found.masks))))
    channels, height, width = proposed_size(heads)
    described = _described(found)
    classes = target_classes(found.columns, described)
    files, size_bytes = found.places.amounts
    return Inspection(
        path=str(path),
        title=title + (" with masks" if mask else ""),
        name=path.name.partition(".")[0] or "pictures",
        source=PictureTable(
            path=str(path.absolute()),
            picture=picture,
            mask=mask,
            columns=tuple(facts.column for facts in described),
            sheet=sheet,
            channels=channels,
            height=height,
            width=width,
        ),
        samples=len(found.places),
        files=files,
        size_bytes=size_bytes,
        classes=classes,
        class_column=_target(described) if classes else "",
        columns=tuple(described),
        facts=facts_of(heads),
        findings=(
            *unreadable(problems, len(looked_at)),
            *about_part(len(looked_at), len(found.places)),
            *about_columns(described, texts_of_columns(found.columns, described)),
            *about_classes(classes),
        ),
        preview=_preview(looked_at, problems),
        split_by=split_by(described, is_class=len(classes) > 1),
    )


def _described(found: Records) -> list[ColumnFacts]:
    """Say what each column seems to be for: the picture is what goes in, and one is the answer."""
    facts = with_roles({name: column_facts(name, one) for name, one in found.columns.items()})
    if found.masks is not None:
        return [_with_role(one, "ignore") for one in facts]
    if len(facts) == 1 and facts[0].column.role == "input":
        answer = _with_role(facts[0], "target")
        column = msgspec.structs.replace(answer.column, kind=answer_kind(answer))
        return [msgspec.structs.replace(answer, column=column)]
    return [_with_role(one, "ignore") if one.column.role == "input" else one for one in facts]


def _problems_of(masks: Places) -> list[tuple[str, str]]:
    opened = ((str(place.named), place.open) for place in masks)
    return heads_of(opened, len(masks))[1]


def _with_role(facts: ColumnFacts, role: str) -> ColumnFacts:
    column = msgspec.structs.replace(facts.column, role=role)
    return msgspec.structs.replace(facts, column=column)


def _target(described: list[ColumnFacts]) -> str:
    return next((one.column.name for one in described if one.column.role == "target"), "")


def _preview(places: Places, problems: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    broken = {path for path, _ in problems}
    files = [place.named for place in places if place.size is None and place.content is None]
    return tuple((str(file), "") for file in files if str(file) not in broken)[:_PREVIEWED]


def _looks_like_names(values: Array, *, by_stem: bool) -> bool:
    if values.dtype != object:
        return False
    some = _some(values)
    named = sum(one.lower().endswith(PICTURES) for one in some)
    return bool(some) and (by_stem or named >= _ENOUGH * len(some))


def _some(values: Array) -> list[str]:
    places = np.linspace(0, len(values) - 1, min(len(values), _LOOKED_AT)).astype(int)
    return [str(values[place]) for place in places if values[place]]
