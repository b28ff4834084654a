"""Folders of files by class: pictures, pictures with masks, recordings, texts."""

import dataclasses
import functools
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.content import Category, Content, Made, Ready, Words
from engine.data.decoding import MOST_TOLD, Decoded, answered, decoded, refused
from engine.data.kinds import PICTURES, RECORDINGS, TEXTS
from engine.data.large_texts import LARGEST_BYTES, large_texts
from engine.data.listing import Entry, Listing, list_files, listed
from engine.data.masks import decoded_with_masks, how_classes_were_counted, paired
from engine.data.named_files import NamedFiles
from engine.data.places import Origins, Place
from engine.data.preparation import Waveform
from engine.data.scanning import NO_PART
from engine.data.separated import text_of_file
from engine.data.zipped import Zipped
from nodes.errors import DataError
from nodes.io import DataField
from nodes.sources import Images, Pairs, Sounds, Texts

Array = npt.NDArray[Any]


def entries(folder: Path, suffixes: Sequence[str]) -> Listing:
    """List the files of a folder by class, in order; hidden files and loops are passed over.

    Raises:
        DataError: The folder cannot be read, or holds no such file.
    """
    try:
        found = list_files(folder, suffixes)
    except OSError as error:
        raise DataError(
            "The folder cannot be read",
            why=f"{error.strerror or error}.",
            where=str(folder),
            hint="Choose another folder, or change its permissions.",
        ) from error
    if not len(found):
        raise DataError(
            "The folder holds no files of this kind",
            why=f"Files that end in {', '.join(suffixes[:6])} were looked for.",
            where=str(folder),
            hint="Choose the folder that holds one folder for each class.",
        )
    return found


def read_images(source: Images) -> Content:
    """Read a folder of pictures, decoded once into the cache.

    Raises:
        DataError: A picture cannot be read, or there are none.
    """
    found = entries(Path(source.path), PICTURES)
    size = (source.channels, source.height, source.width)
    read = decoded(source, found, {"image": (size, np.dtype(np.uint8), _picture)})
    field = DataField("image", "image", size)
    files = NamedFiles(found.root, found, found.paths)
    return _by_class(found, read, Made(field, read.arrays["image"]), files)


def read_pairs(source: Pairs) -> Content:
    """Read pictures with their masks.

    Raises:
        DataError: A mask is missing, or a file cannot be read.
    """
    found = entries(Path(source.path), PICTURES)
    pictures, masks, lost = paired(found, entries(Path(source.masks), PICTURES))
    if len(lost) and (not source.skip_problems or not len(pictures)):
        some = [(str(entry.path), "it has no mask") for entry in found.chosen(lost[:MOST_TOLD])]
        raise refused(len(lost), len(found), some)
    read, parts = decoded_with_masks(source, pictures, masks, "pairs")
    notes = (*read.notes, *how_classes_were_counted(read))
    if len(lost):
        notes = (*notes, f"{len(lost)} pictures without a mask were left out.")
    origins = {"image": Origins(pictures, read.kept), "mask": Origins(masks, read.kept)}
    return Content(len(read.kept), parts, notes=notes, origins=origins)


def read_sounds(source: Sounds) -> Content:
    """Read a folder, or a zip of one, of recordings.

    Raises:
        DataError: A recording cannot be read, or there are none.
    """
    how = Waveform(rate=source.rate, length=source.length)
    path = Path(source.path)
    opened = zipped(path) if path.is_file() else entries(path, RECORDINGS)
    plan = ((1, source.length), np.dtype(np.float16), _sound(path, how))
    read = decoded(source, opened, {"sound": plan})
    field = DataField("sound", "audio", (1, source.length))
    files = (
        Zipped(path, opened) if path.is_file() else NamedFiles(opened.root, opened, opened.paths)
    )
    content = _by_class(opened, read, Made(field, read.arrays["sound"], how), files)
    if not source.groups:
        return content
    stems = [opened[int(place)].path.stem for place in read.kept]
    names = np.unique(stems, return_inverse=True)[1]
    return dataclasses.replace(content, sides={**content.sides, "group": names})


def read_texts(source: Texts) -> Content:
    """Read a folder of texts.

    Raises:
        DataError: There are none.
    """
    found = entries(Path(source.path), TEXTS)
    if found.size_bytes > LARGEST_BYTES:
        return large_texts(source, found, _sides(found))
    texts, kept, problems = [], [], []
    for place, entry in enumerate(found):
        try:
            text, _ = text_of_file(entry.path)
        except (OSError, EOFError) as error:
            problems.append((str(entry.path), str(error)))
            continue
        if not text.strip():
            problems.append((str(entry.path), "It is empty"))
            continue
        texts.append(text)
        kept.append(place)
    notes = answered(problems, len(found), source)
    left = found.chosen(np.array(kept))
    columns = {"text": np.array(texts, object), "label": left.labels()}
    words = Words("text", "text", source.words, source.length, source.unit)
    label = Category("label", "label", is_label=True)
    return Content(len(kept), (words, label), columns, _sides(left), notes)


def _by_class(found: Listing, read: Decoded, made: Made, files: Sequence[Place]) -> Content:
    kept = found.chosen(read.kept)
    whole = Content(
        len(kept),
        (Ready(made),),
        sides=_sides(kept),
        notes=read.notes,
        origins={made.field.name: Origins(files, read.kept)},
    )
    if len({*kept.labels()}) < 2:
        return whole
    parts = (Ready(made), Category("label", "label", is_label=True))
    return dataclasses.replace(whole, parts=parts, columns={"label": kept.labels()})


def _picture(entry: Entry, size: tuple[int, ...]) -> Array:
    return prepare.picture(entry.path, size)


def _sound(path: Path, how: Waveform) -> Callable[[Entry, tuple[int, ...]], Array]:
    constants = msgspec.to_builtins(how)

    @functools.cache
    def members() -> dict[str, bytes]:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def read(entry: Entry, size: tuple[int, ...]) -> Array:
        del size
        if not path.is_file():
            return prepare.recording(entry.path, constants)
        return prepare.recording(io.BytesIO(members()[entry.path.as_posix()]), constants)

    return read


def zipped(path: Path) -> Listing:
    """List the recordings of a zip by class.

    Raises:
        DataError: It is no archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist() if name.endswith(RECORDINGS))
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(
            "The archive cannot be read",
            why=f"{error}.",
            where=str(path),
            hint="Choose a folder of recordings, or a zip of one.",
        ) from error
    if not names:
        raise DataError(
            "The archive holds no recordings",
            why=f"Files that end in {', '.join(RECORDINGS)} were looked for.",
            where=str(path),
            hint="Choose a folder, or unpack the archive first.",
        )
    return listed([Entry(Path(name), Path(name).parent.name) for name in names])


def _sides(kept: Listing) -> dict[str, Array]:
    if not len(kept) or (kept.parts == NO_PART).any():
        return {}
    return {"part": kept.parts.astype(np.int64)}
