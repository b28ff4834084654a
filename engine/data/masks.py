"""Pictures with masks: the pixels of a mask are the numbers of classes, or tones for them."""

from collections.abc import Callable
from dataclasses import replace
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
Tones = tuple[int, ...]

_TONES: Final = 256
_SHOWN: Final = 6
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
    tones = None
    if takes_long(len(places), plans):
        tones = _tones_of_some(masks, size[1:])
        plans["mask"] = _mask_plan(size[1:], masks, tones)
    files = (*places.files, *masks.files)
    settings = f"{settings}\n{size}\n{places.digest}\n{masks.digest}\n{tones}"
    read = decoded(source, Numbered(places), plans, files, settings)
    values = read.arrays["mask"]
    if isinstance(values, np.ndarray):
        tones = _meant(_tones(values))
        values = _numbered(values, tones)
    read = replace(read, notes=(*read.notes, *_about_tones(tones or ())))
    return read, (
        Ready(Made(DataField("image", "image", size), read.arrays["image"])),
        Ready(Made(DataField("mask", "mask", size[1:], "int", len(tones or ())), values)),
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


def _mask_plan(size: tuple[int, ...], masks: Places, tones: Tones | None) -> Plan:
    def read(entry: Entry, wanted: tuple[int, ...]) -> Array:
        mask = masks[int(entry.label)]
        found = _told(mask, lambda: read_mask(mask.open(), wanted))
        return found if tones is None else _numbered(_known(found, tones), tones)

    return size, np.dtype(np.uint8), read


def _told(mask: Place, read: Callable[[], Array]) -> Array:
    """Name the mask where it is the one that cannot be read: told is the picture."""
    try:
        return read()
    except prepare.UNREADABLE as error:
        why = prepare.reason(error, mask.named)
        raise ValueError(f"Its mask {mask.named.name} cannot be read: {why}") from error


def _known(mask: Array, tones: Tones) -> Array:
    unknown = [tone for tone in _tones(mask) if tone not in tones]
    if unknown:
        raise ValueError(
            f"Its mask has class {unknown[-1]}; those that were looked at have {len(tones)} classes"
        )
    return mask


def _tones_of_some(masks: Places, size: tuple[int, ...]) -> Tones:
    """Return what is meant by the tones of some masks that lie evenly among all."""
    found = {0}
    for place in np.linspace(0, len(masks) - 1, min(len(masks), _COUNTED)).astype(int).tolist():
        try:
            found.update(_tones(read_mask(masks[place].open(), size)))
        except prepare.UNREADABLE:
            # Told when it is needed.
            continue
    return _meant(tuple(sorted(found)))


def _tones(mask: Array) -> Tones:
    """Return the tones of masks, the darkest first, without a copy of them."""
    there = np.zeros(_TONES, bool)
    for one in mask.reshape(len(mask), -1):
        there[one] = True
    return tuple(np.flatnonzero(there).tolist())


def _meant(tones: Tones) -> Tones:
    """Return the tone of each class.

    Tones are the numbers of classes, unless most numbers up to the largest have none: black and
    white are two classes.
    """
    largest = tones[-1]
    is_spread = 2 * len(tones) <= largest
    return tones if is_spread else tuple(range(largest + 1))


def _numbered(mask: Array, tones: Tones) -> Array:
    """Return the number of the class of each pixel."""
    if tones[-1] == len(tones) - 1:
        return mask
    numbers = np.zeros(_TONES, np.uint8)
    numbers[list(tones)] = np.arange(len(tones))
    return numbers[mask]


def _about_tones(tones: Tones) -> tuple[str, ...]:
    """Say which tone is which class, where a tone is not the number of its class."""
    if not tones or tones[-1] == len(tones) - 1:
        return ()
    some = ", ".join(f"{number} is tone {tone}" for number, tone in enumerate(tones[:_SHOWN]))
    more = f", and {len(tones) - _SHOWN} more" if len(tones) > _SHOWN else ""
    return (f"Each tone of the masks is a class: {some}{more}.",)


def how_classes_were_counted(read: Decoded) -> tuple[str, ...]:
    """Say that not every mask was looked at, where that is so."""
    if not read.is_gradual:
        return ()
    return (
        f"The classes of the masks were counted in {grouped(min(len(read.kept), _COUNTED))} of "
        f"{grouped(len(read.kept))}.",
    )
