"""What is told of records alike: of pictures and of recordings that a table says something of."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from engine.data.inspect.classes import about_classes
from engine.data.inspect.columns import (
    Array,
    answer_kind,
    column_facts,
    split_by,
    target_classes,
    with_roles,
)
from engine.data.inspect.pictures import about_part, unreadable
from engine.data.inspect.report import ColumnFacts, Finding, Inspection
from engine.data.inspect.table_findings import about_columns, texts_of_columns
from engine.data.places import Places, Records
from nodes.errors import DataError
from nodes.sources import PictureTable, SoundTable

_PREVIEWED: Final = 12
_CLASS: Final = "cls"


def inspection_of(
    found: Records,
    title: str,
    source: PictureTable | SoundTable,
    looked_at: Places,
    problems: Sequence[tuple[str, str]],
) -> Inspection:
    """Put together what was found.

    Args:
        source: How it would be read, but for its columns.
        looked_at: The files of which some cannot be read.
    """
    path = Path(source.path)
    described = _described(found)
    classes = target_classes(found.columns, described)
    files, size_bytes = found.places.amounts
    columns = tuple(facts.column for facts in described)
    return Inspection(
        path=source.path,
        title=title,
        name=path.name.partition(".")[0] or "data",
        source=msgspec.structs.replace(source, path=str(path.absolute()), columns=columns),
        samples=len(found.places),
        files=files,
        size_bytes=size_bytes,
        classes=classes,
        class_column=_target(described) if classes else "",
        columns=tuple(described),
        findings=(
            *unreadable(problems, len(looked_at)),
            *about_part(len(looked_at), len(found.places)),
            *about_columns(described, texts_of_columns(found.columns, described)),
            *about_classes(classes),
        ),
        preview=_preview(looked_at, problems),
        split_by=split_by(described, is_class=len(classes) > 1),
    )


def unreadable_records(path: Path, title: str, error: DataError) -> Inspection:
    """Say that nothing can be read."""
    stop = Finding(code="unreadable", title=error.title, why=error.why, weight="stop")
    return Inspection(path=str(path), title=title, findings=(stop,))


def _described(found: Records) -> list[ColumnFacts]:
    """Say what each column seems to be for: the file is what goes in, and one is the answer."""
    facts = with_roles({name: _told(name, one) for name, one in found.columns.items()})
    if found.masks is not None:
        return [_with_role(one, "ignore") for one in facts]
    if len(facts) == 1 and facts[0].column.role == "input":
        answer = _with_role(facts[0], "target")
        column = msgspec.structs.replace(answer.column, kind=answer_kind(answer))
        return [msgspec.structs.replace(answer, column=column)]
    return [_with_role(one, "ignore") if one.column.role == "input" else one for one in facts]


def _told(name: str, values: Array) -> ColumnFacts:
    """Describe a column; what WebDataset calls ``cls`` numbers classes, however many there are."""
    facts = column_facts(name, values)
    if name != _CLASS or facts.column.kind != "number":
        return facts
    column = msgspec.structs.replace(facts.column, kind="category")
    return msgspec.structs.replace(facts, column=column, mean=None)


def _with_role(facts: ColumnFacts, role: str) -> ColumnFacts:
    column = msgspec.structs.replace(facts.column, role=role)
    return msgspec.structs.replace(facts, column=column)


def _target(described: list[ColumnFacts]) -> str:
    return next((one.column.name for one in described if one.column.role == "target"), "")


def _preview(places: Places, problems: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    broken = {path for path, _ in problems}
    files = [place.named for place in places if place.size is None and place.content is None]
    return tuple((str(file), "") for file in files if str(file) not in broken)[:_PREVIEWED]
