"""Looking at a folder of pictures."""

import itertools
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.data import prepare
from engine.data.amounts import grouped
from engine.data.folders import entries
from engine.data.inspect.classes import about_classes
from engine.data.inspect.report import MOST_NAMED, Finding, Inspection
from engine.data.kinds import PICTURES
from engine.data.listing import Entry, Listing
from engine.data.masks import paired
from engine.data.places import Numbered
from engine.data.progress import told
from engine.data.scanning import NO_PART
from nodes.io import SplitBy
from nodes.sources import Images, Pairs

Indices = npt.NDArray[np.int64]

_WHOLLY_READ = 1000
"""So many pictures are decoded to the last row; of the others only the head is looked at."""

MOST_LOOKED_AT = 20_000
_LARGEST_SIDE = 128
_USUAL_SIDE = 64
_PREVIEWED = 12
_GREY = ("1", "L", "LA", "I", "F", "I;16", "I;16B")
_COLOUR_WORDS = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey with transparency",
    "F": "grey in fractions",
    "I": "grey in 16 bits",
    "I;16": "grey in 16 bits",
    "I;16B": "grey in 16 bits",
    "P": "with a palette",
    "RGB": "in colour",
    "RGBA": "with transparency",
}


def inspect_pictures(folder: Path, first: Listing | None = None) -> Inspection:
    """Look at every picture of a folder by class, or at the first few."""
    found = first or entries(folder, PICTURES)
    looked_at = some_of(found)
    heads, problems = _heads(looked_at)
    channels, height, width = proposed_size(heads)
    classes = found.classes()
    parts = bool((found.parts != NO_PART).any())
    findings = [
        *unreadable(problems, len(looked_at)),
        *about_colours(heads),
        *about_classes(classes),
        *about_part(len(looked_at), len(found)),
    ]
    by: SplitBy = "given" if parts else "stratified" if len(classes) > 1 else "random"
    return Inspection(
        path=str(folder),
        title="Folder of pictures",
        name=folder.name or "pictures",
        source=Images(
            path=str(folder.absolute()),
            channels=channels,
            height=height,
            width=width,
        ),
        samples=len(found),
        files=len(found),
        size_bytes=found.size_bytes,
        classes=classes,
        class_column="label" if classes else "",
        facts=facts_of(heads),
        findings=tuple(findings),
        preview=previewed(looked_at, problems),
        split_by=by,
    )


def inspect_pairs(pictures: Path, masks: Path) -> Inspection:
    """Look at pictures and their masks."""
    found = entries(pictures, PICTURES)
    there, its_masks, lost = paired(found, entries(masks, PICTURES))
    looked_at = some_of(found)
    heads, problems = _heads(looked_at)
    some = spread(len(there))
    problems += _heads(Numbered(its_masks.chosen(some)))[1]
    channels, height, width = proposed_size(heads)
    findings = (
        *unreadable(problems, len(looked_at) + len(some)),
        *about_colours(heads),
        *_without_mask(found, lost),
        *about_part(len(looked_at), len(found)),
    )
    return Inspection(
        path=str(pictures.parent),
        title="Pictures with masks",
        name=pictures.parent.name or "masks",
        source=Pairs(
            path=str(pictures.absolute()),
            masks=str(masks.absolute()),
            channels=channels,
            height=height,
            width=width,
        ),
        samples=len(there),
        files=len(found) + len(there),
        size_bytes=found.size_bytes,
        facts=facts_of(heads),
        findings=findings,
        preview=previewed(looked_at, problems),
    )


def _without_mask(found: Listing, lost: Indices) -> list[Finding]:
    if not len(lost):
        return []
    named = found.chosen(lost[:MOST_NAMED])
    return [
        Finding(
            code="no_mask",
            title="One picture has no mask"
            if len(lost) == 1
            else f"{len(lost)} pictures have no mask",
            why="A mask has the name of its picture.",
            weight="choice" if len(lost) < len(found) else "stop",
            count=len(lost),
            examples=tuple(str(entry.path) for entry in named),
        )
    ]


def some_of(found: Listing) -> Listing:
    """Return the files of a folder that are looked at."""
    return found.chosen(spread(len(found))) if len(found) > MOST_LOOKED_AT else found


def spread(total: int) -> Indices:
    """Return the places of what is looked at: of very many some, evenly spread."""
    return np.linspace(0, total - 1, min(total, MOST_LOOKED_AT)).astype(np.int64)


def about_part(looked_at: int, total: int) -> list[Finding]:
    """Say that not every file was looked at, where that is so."""
    if looked_at == total:
        return []
    return [
        Finding(
            code="part",
            title=f"{grouped(looked_at)} of {grouped(total)} files were looked at",
            why="The others are read while the model trains; what cannot be read is told then.",
        )
    ]


def about_colours(heads: Sequence["Head"]) -> list[Finding]:
    """Say that not all pictures have the same colours, and what all are read as."""
    kinds = Counter(_COLOUR_WORDS.get(mode, f"in {mode}") for *_, mode in heads)
    if len(kinds) < 2:
        return []
    told = ", ".join(f"{grouped(amount)} {words}" for words, amount in kinds.most_common())
    wanted = "grey" if proposed_size(heads)[0] == 1 else "colour"
    return [
        Finding(
            code="colours",
            title="The pictures differ in their colours",
            why=f"{told}. All are read in {wanted} of 8 bits, what is transparent as white.",
        )
    ]


def unreadable(problems: Sequence[tuple[str, str]], total: int) -> list[Finding]:
    """Return the finding about files that cannot be read, if there are any."""
    if not problems:
        return []
    told = "; ".join(f"{Path(path).name}: {why.rstrip('.')}" for path, why in problems[:3])
    more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
    return [
        Finding(
            code="unreadable",
            title=f"{len(problems)} of {total} files cannot be read",
            why=f"{told}{more}.",
            weight="choice" if len(problems) < total else "stop",
            count=len(problems),
            examples=tuple(path for path, _ in problems[:MOST_NAMED]),
        )
    ]


def previewed(
    found: Sequence[Entry], problems: Sequence[tuple[str, str]] = ()
) -> tuple[tuple[str, str], ...]:
    """Choose some readable files, one of each class in turn."""
    broken = {path for path, _ in problems}
    by_class: dict[str, list[str]] = {}
    for entry in found:
        if str(entry.path) not in broken:
            by_class.setdefault(entry.label, []).append(str(entry.path))
    rounds = itertools.zip_longest(*(paths[:_PREVIEWED] for paths in by_class.values()))
    dealt = (pair for paths in rounds for pair in zip(paths, by_class, strict=True) if pair[0])
    return tuple(itertools.islice(dealt, _PREVIEWED))


Head: TypeAlias = tuple[int, int, str]
"""Width, height and mode."""


def heads_of(
    found: Iterable[tuple[str, Callable[[], Path | BinaryIO]]], total: int
) -> tuple[list[Head], list[tuple[str, str]]]:
    """Look at pictures by name: what they are, and which of them cannot be read, and why."""
    heads, problems = [], []
    for place, (name, opened) in enumerate(told(found, total)):
        try:
            heads.append(_head(opened(), whole=place < _WHOLLY_READ))
        except prepare.UNREADABLE as error:
            problems.append((name, prepare.reason(error, Path(name))))
    return heads, problems


def _heads(found: Sequence[Entry]) -> tuple[list[Head], list[tuple[str, str]]]:
    named = ((str(entry.path), _opener(entry)) for entry in found)
    return heads_of(named, len(found))


def _opener(entry: Entry) -> Callable[[], Path]:
    return lambda: entry.path


def _head(path: Path | BinaryIO, *, whole: bool) -> Head:
    with Image.open(path) as image:
        if whole:
            image.load()
        return (*image.size, image.mode)


def proposed_size(heads: Sequence[Head]) -> tuple[int, int, int]:
    """Propose a size: that of all pictures where they agree and are small."""
    if not heads:
        return 3, _USUAL_SIDE, _USUAL_SIDE
    channels = 1 if all(mode in _GREY for _, _, mode in heads) else 3
    widths, heights = {width for width, _, _ in heads}, {height for _, height, _ in heads}
    largest = max(*widths, *heights)
    if len(widths) == len(heights) == 1 and largest <= _LARGEST_SIDE:
        return channels, heights.pop(), widths.pop()
    middle = statistics.median(min(width, height) for width, height, _ in heads)
    side = _USUAL_SIDE if middle >= _USUAL_SIDE else max(int(middle), 8)
    return channels, side, side


def facts_of(heads: Sequence[Head]) -> tuple[tuple[str, str], ...]:
    """Tell sizes and colours in words."""
    if not heads:
        return ()
    sizes = Counter((width, height) for width, height, _ in heads)
    (width, height), _ = sizes.most_common(1)[0]
    more = len(sizes) - 1
    others = f", {more} other size{'s' if more > 1 else ''}" if more else ""
    colours = Counter("in grey" if mode in _GREY else "in colour" for *_, mode in heads)
    return (
        ("Size", f"{width}×{height} pixels{others}"),
        ("Colours", ", ".join(f"{grouped(count)} {name}" for name, count in colours.most_common())),
    )
