"""Pictures with masks: the pixels of a mask are the numbers of classes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.amounts import grouped
from engine.data.content import Made, Ready
from engine.data.decoding import Decoded, Plan, decoded, takes_long
from engine.data.listing import Entry, Listing
from engine.data.named_files import (
    NOWHERE,
    NamedFiles,
    in_order,
    names_of,
    places_in,
    without_endings,
)
from engine.data.places import Numbered, Place, Places
from nodes.io import DataField
from nodes.sources import Pairs, PictureTable

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]
Size = tuple[int, int, int]

_COUNTED: Final = 1000
"""Of more masks than are decoded at first the classes of so many, evenly spread, are all."""


def picture_plan(size: Size, places: Places) -> Plan:
    """Say how pictures are decoded that are told by their numbers."""

    def read(entry: Entry, wanted: tuple[int, ...]) -> Array:
        return prepare.picture(places[int(entry.label)].open(), wanted)

    return size, np.dtype(np.uint8), read


def decoded_with_masks(
    source: Pairs | PictureTable, places: Places, masks: Places, settings: str
) -> tuple[Decoded, tuple[Ready, Ready]]:
    """Decode pictures and their masks, and return the fields that they become.

    Args:
        settings: What decides the outcome beside where they lie.

    Raises:
        DataError: Some cannot be read and nobody said to leave them out.
    """
    size = (source.channels, source.height, source.width)
    plans = {"image": picture_plan(size, places), "mask": _mask_plan(size[1:], masks, None)}
    most = None
    if takes_long(len(places), plans):
        most = _classes_of(masks, size[1:])
        plans["mask"] = _mask_plan(size[1:], masks, most)
    files = (*places.files, *masks.files)
    settings = f"{settings}\n{size}\n{places.digest}\n{masks.digest}\n{most}"
    read = decoded(source, Numbered(places), plans, files, settings)
    values = read.arrays["mask"]
    if isinstance(values, np.ndarray):
        most = int(values.max()) + 1
    return read, (
        Ready(Made(DataField("image", "image", size), read.arrays["image"])),
        Ready(Made(DataField("mask", "mask", size[1:], "int", most), values)),
    )


def read_mask(opened: Path | BinaryIO, size: tuple[int, ...]) -> Array:
    """Read a mask in a size; no class is made of two.

    Shapes:
        out: (height, width), uint8

    Raises:
        OSError: It is no picture.
    """
    from PIL import Image

    with Image.open(opened) as image:
        plain = image if image.mode in ("P", "L") else image.convert("L")
        fitting = plain.resize((size[1], size[0]), Image.Resampling.NEAREST)
        return np.asarray(fitting, np.uint8)


def matched(pictures: Listing, masks: Listing) -> Indices:
    """Return the place of the mask of each picture; ``NOWHERE`` for one that has none.

    A mask lies in its folder as its picture does in the other one; else it is the only one of
    its name.
    """
    wanted, known = without_endings(pictures.paths), without_endings(masks.paths)
    found = _found(known, wanted)
    lost = np.flatnonzero(found == NOWHERE)
    if len(lost):
        found[lost] = _found(names_of(known), names_of(wanted[lost]), alone=True)
    return found


def paired(pictures: Listing, masks: Listing) -> tuple[NamedFiles, NamedFiles, Indices]:
    """Return the pictures that have masks, these masks, and which pictures have none."""
    found = matched(pictures, masks)
    there = np.flatnonzero(found != NOWHERE)
    return (
        NamedFiles(pictures.root, pictures, pictures.paths[there]),
        NamedFiles(masks.root, masks, masks.paths[found[there]]),
        np.flatnonzero(found == NOWHERE),
    )


def _found(known: Array, wanted: Array, *, alone: bool = False) -> Indices:
    names, order = in_order(known)
    places = places_in(names, wanted)
    is_there = places != NOWHERE
    if alone:
        last = np.searchsorted(names, wanted, side="right") - 1
        is_there &= last == np.searchsorted(names, wanted)
    return np.where(is_there, order[places] if len(order) else NOWHERE, NOWHERE)


def _mask_plan(size: tuple[int, ...], masks: Places, most: int | None) -> Plan:
    def read(entry: Entry, wanted: tuple[int, ...]) -> Array:
        mask = masks[int(entry.label)]
        return _known(_told(mask, lambda: read_mask(mask.open(), wanted)), most)

    return size, np.dtype(np.uint8), read


def _told(mask: Place, read: Callable[[], Array]) -> Array:
    """Name the mask where it is the one that cannot be read: told is the picture."""
    try:
        return read()
    except prepare.UNREADABLE as error:
        why = prepare.reason(error, mask.named)
        raise ValueError(f"Its mask {mask.named.name} cannot be read: {why}") from error


def _known(mask: Array, most: int | None) -> Array:
    if most is not None and mask.max() >= most:
        raise ValueError(
            f"Its mask has class {mask.max()}; those that were looked at have {most} classes"
        )
    return mask


def _classes_of(masks: Places, size: tuple[int, ...]) -> int:
    """Count the classes of some masks that lie evenly among all."""
    classes = 1
    for place in np.linspace(0, len(masks) - 1, min(len(masks), _COUNTED)).astype(int).tolist():
        try:
            classes = max(classes, int(read_mask(masks[place].open(), size).max()) + 1)
        except prepare.UNREADABLE:
            # Told when it is needed.
            continue
    return classes


def how_classes_were_counted(read: Decoded) -> tuple[str, ...]:
    """Say that not every mask was looked at, where that is so."""
    if not read.is_gradual:
        return ()
    return (
        f"The classes of the masks were counted in {grouped(min(len(read.kept), _COUNTED))} of "
        f"{grouped(len(read.kept))}.",
    )
