"""What kind of data lies at a path; it is read, never run."""

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from engine.data import arrays, hugging, tables
from engine.data.fetched import fetched_from
from engine.data.inspect.arrays import inspect_arrays
from engine.data.inspect.naming import table_naming
from engine.data.inspect.picture_tables import (
    inspect_named_pictures,
    inspect_saved,
    inspect_tars,
)
from engine.data.inspect.pictures import inspect_pairs, inspect_pictures
from engine.data.inspect.prose import inspect_prose, inspect_texts
from engine.data.inspect.report import MOST_NAMED, Finding, Inspection
from engine.data.inspect.sound_tables import inspect_named_sounds, inspect_saved_sounds
from engine.data.inspect.sounds import inspect_sounds
from engine.data.inspect.table import inspect_table
from engine.data.kinds import PICTURES, RECORDINGS, TEXTS
from engine.data.progress import tell
from engine.data.scanning import folders_below
from engine.graph.names import whole
from nodes.errors import DataError, UsageError
from nodes.sources import Arrays, Prose

_MASKS = ("masks", "mask", "labels", "annotations", "segmentation")
_PICTURE_FOLDERS = ("images", "image", "pictures", "imgs", "photos")


def inspect_path(path: Path, *, sheet: str = "") -> Inspection:
    """Look at a file or folder and say what data set it would be.

    Args:
        sheet: Which sheet of a workbook; the first that holds a table if empty.

    Raises:
        UsageError: There is nothing.
        DataError: It may not be read.
    """
    if whole(str(path.absolute())) != str(path.absolute()):
        raise DataError(
            "The name of the data is no text",
            why="It holds bytes that no project can keep.",
            where=str(path),
            hint="Rename the file or folder, or the folders around it.",
        )
    try:
        if path.is_dir():
            return _folder(path)
        if not path.exists():
            raise UsageError(
                "There is no such file or folder", where=str(path), hint="Check the name."
            )
        return _file(path, sheet)
    except OSError as error:
        raise DataError(
            "The data cannot be read",
            why=f"{error.strerror or error}.",
            where=str(path),
            hint="Choose another file or folder, or change its permissions.",
        ) from error


def _file(path: Path, sheet: str) -> Inspection:
    if not path.stat().st_size:
        return _useless(path, "empty", "The file is empty", "It has no bytes.")
    name = path.name.lower()
    if hugging.is_saved(path):
        return _saved(path)
    if name.removesuffix(".gz").endswith(tables.SUFFIXES):
        return inspect_table(path, sheet)
    if name.endswith(arrays.SUFFIXES):
        return inspect_arrays(path)
    if name.removesuffix(".gz").endswith(TEXTS):
        return inspect_prose(Prose(path=str(path)))
    if name.endswith(".tar"):
        return inspect_tars(path)
    if name.endswith(".zip"):
        return inspect_sounds(path)
    if name.endswith((*PICTURES, *RECORDINGS)):
        return _useless(
            path,
            "single",
            "One file is one sample, not a data set",
            "Choose the folder that holds one folder of such files for each class.",
        )
    return _useless(
        path,
        "unknown",
        "Layerloom does not know this kind of file",
        f"It reads tables ({', '.join(tables.SUFFIXES)}), arrays (.npz, .npy, .safetensors, IDX), "
        "texts (.txt), tar files and folders of pictures, sounds or texts.",
    )


def _folder(path: Path) -> Inspection:
    if hugging.is_saved(path):
        return _saved(path)
    seen = _listed(path)
    notes = _passed_over(seen.kinds, seen.linked)
    notes += _empty(path, seen.filled)
    known = [kind for kind, _ in seen.kinds.most_common() if kind]
    if not known:
        return _useless(
            path,
            "nothing",
            "The folder holds no data",
            _without_data(seen.kinds.total()),
        )
    found = _inspected(path, known[0], seen.named)
    return _with_findings(found, notes) if found.path == str(path) else found


def _without_data(files: int) -> str:
    if not files:
        return "There is no file in it."
    return f"Files in it: {files}. None is a picture, a sound, a text, a table or an array."


def _saved(path: Path) -> Inspection:
    try:
        inspect = (
            inspect_saved_sounds
            if hugging.sound_columns(path)
            else inspect_saved
            if hugging.picture_columns(path)
            else inspect_table
        )
    except DataError as error:
        return _useless(path, "unreadable", error.title, error.why)
    return with_origin(inspect(path), path)


def with_origin(found: Inspection, path: Path) -> Inspection:
    """Say where a data set was fetched from, if it was."""
    fetched = fetched_from(path)
    if fetched is None:
        return found
    told = (("From", fetched.name), ("Licence", fetched.licence or "Its card says none"))
    name = fetched.name.rpartition("/")[2]
    return msgspec.structs.replace(found, name=name, facts=(*found.facts, *told))


def _inspected(path: Path, kind: str, named: Mapping[str, list[Path]]) -> Inspection:
    match kind:
        case "pictures":
            pair = pair_of(path)
            table = None if pair else table_naming(path, PICTURES)
            if table:
                return inspect_named_pictures(*table)
            return inspect_pairs(*pair) if pair else inspect_pictures(path)
        case "shards":
            return inspect_tars(path)
        case "sounds":
            named_by = table_naming(path, RECORDINGS)
            return inspect_named_sounds(*named_by[:2]) if named_by else inspect_sounds(path)
        case "texts":
            return inspect_texts(path)
        case "arrays":
            return _arrays_of_folder(path, named[kind])
        case _:
            if tables.is_one_table(path) and len(named[kind]) > 1:
                return inspect_table(path)
            return inspect_table(max(named[kind], key=lambda file: file.stat().st_size))


def _arrays_of_folder(folder: Path, files: Sequence[Path]) -> Inspection:
    """Look at one file of arrays and what belongs to it; name the others."""
    # The training images of MNIST's layout stand for the whole.
    chosen = min(files, key=lambda file: ("train" not in file.name, file))
    found = inspect_arrays(chosen)
    found = msgspec.structs.replace(found, name=folder.name or found.name)
    used = {chosen.name}
    if isinstance(found.source, Arrays):
        used |= {key for _, key in (*found.source.fields, *found.source.test)}
    others = sorted(str(file) for file in files if file.name not in used)
    if not others:
        return found
    note = Finding(
        code="others",
        title=_counted(len(others), "other file", "other files") + " of arrays passed over",
        why=f"{', '.join(Path(file).name for file in others[:3])}: arrays are read from one file, "
        "with its answers beside it. Drop another one to learn from it instead.",
        count=len(others),
        examples=tuple(others[:MOST_NAMED]),
    )
    return _with_findings(found, [note])


@dataclass(frozen=True, slots=True)
class _Seen:
    """What lies below a folder."""

    kinds: Counter[str] = field(default_factory=Counter)
    filled: set[str] = field(default_factory=set)
    """The folders right in it that hold files."""

    named: dict[str, list[Path]] = field(default_factory=lambda: {"arrays": [], "tables": []})
    """The files of which each may be a data set."""

    linked: int = 0


def _listed(folder: Path) -> _Seen:
    """Look at the files below a folder, hidden ones left out, and count the links to folders."""
    seen, linked = _Seen(), 0
    for place in folders_below(folder):
        first = place.relative_to(folder).parts[:1]
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir():
                    linked += entry.is_symlink()
                elif not entry.name.startswith(".") and entry.name != "Thumbs.db":
                    kind = _kind_of(entry.name)
                    seen.kinds[kind] += 1
                    seen.filled.update(first)
                    if kind in seen.named:
                        seen.named[kind].append(Path(entry.path))
        tell(seen.kinds.total())
    return replace(seen, linked=linked)


def _kind_of(file_name: str) -> str:
    name = file_name.lower()
    for kind, suffixes in (
        ("pictures", PICTURES),
        ("sounds", RECORDINGS),
        ("texts", TEXTS),
        ("tables", tables.SUFFIXES),
        ("arrays", arrays.SUFFIXES),
        ("shards", (".tar",)),
    ):
        plain = name.removesuffix(".gz") if kind == "tables" else name
        if plain.endswith(suffixes):
            return kind
    return ""


def pair_of(folder: Path) -> tuple[Path, Path] | None:
    """Return the folders of pictures and of masks, where there are two of such names."""
    inner = {entry.name.casefold(): entry for entry in folder.iterdir() if entry.is_dir()}
    pictures = next((inner[name] for name in _PICTURE_FOLDERS if name in inner), None)
    masks = next((inner[name] for name in _MASKS if name in inner), None)
    return (pictures, masks) if pictures and masks else None


def _passed_over(kinds: Counter[str], linked: int) -> list[Finding]:
    notes = []
    main = next((kind for kind, _ in kinds.most_common() if kind), "")
    others = sum(count for kind, count in kinds.items() if kind != main)
    if others and main:
        notes.append(
            Finding(
                code="others",
                title=_counted(others, "other file is", "other files are") + " passed over",
                why=f"It is no file of {main}." if others == 1 else f"They are no {main}.",
                count=others,
            )
        )
    if linked:
        notes.append(
            Finding(
                code="links",
                title=_counted(linked, "link to a folder is", "links to folders are")
                + " not followed",
                why="Links may lead round in a circle.",
                count=linked,
            )
        )
    return notes


def _empty(folder: Path, filled: Collection[str]) -> list[Finding]:
    """Say which folders, one for each class as it seems, hold no file at all."""
    names = sorted(
        entry.name
        for entry in folder.iterdir()
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith(".")
    )
    empty = [name for name in names if name not in filled]
    if not empty or len(empty) == len(names):
        return []
    return [
        Finding(
            code="empty_class",
            title=_counted(len(empty), "folder is", "folders are") + " empty",
            why=f"{', '.join(empty[:3])}: a class without samples cannot be learnt.",
            count=len(empty),
            examples=tuple(empty[:MOST_NAMED]),
        )
    ]


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _with_findings(found: Inspection, notes: list[Finding]) -> Inspection:
    return msgspec.structs.replace(found, findings=(*found.findings, *notes))


def _useless(path: Path, code: str, title: str, why: str) -> Inspection:
    finding = Finding(code=code, title=title, why=why, weight="stop")
    return Inspection(path=str(path), title="No data set", findings=(finding,))
