"""Samples of what was found, drawn before it is a data set."""

import contextlib
import itertools
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import msgspec
import numpy as np

from engine.data import prepare
from engine.data.arrays import read_arrays
from engine.data.content import Made, Ready
from engine.data.inspect.report import Inspection
from engine.data.kinds import RECORDINGS
from engine.data.places import Place
from engine.data.records import read_first_records
from engine.data.showing import Pixels, as_picture
from nodes.errors import LoomError
from nodes.io import DataField
from nodes.sources import Arrays, PictureTable, Sounds, SoundTable

Drawn: TypeAlias = tuple[Pixels, str]
"""A sample, and its class."""

_SHOWN: Final = 8
_PICTURES: Final = ("image", "sequence")


def drawn_samples(found: Inspection) -> tuple[Drawn, ...]:
    """Draw some samples that are no picture files: recordings, arrays, pictures in other files.

    None for all else, and where they cannot be read: that is told where the data is used.
    """
    try:
        match found.source:
            case Sounds() if Path(found.source.path).is_dir():
                return _recordings(found, found.source)
            case Arrays():
                return _arrays(found.source)
            case SoundTable():
                return _records(found, found.source)
            case PictureTable() if not found.preview:
                return _records(found, found.source)
            case _:
                return ()
    except (LoomError, *prepare.UNREADABLE):
        return ()


def _recordings(found: Inspection, source: Sounds) -> tuple[Drawn, ...]:
    drawn = []
    for file, label in found.preview[:_SHOWN]:
        with contextlib.suppress(*prepare.UNREADABLE):
            drawn.append((_sound(Path(file), source), label))
    return tuple(drawn)


def _arrays(source: Arrays) -> tuple[Drawn, ...]:
    content = read_arrays(msgspec.structs.replace(source, skip_problems=True))
    made = [part.made for part in content.parts if isinstance(part, Ready)]
    shown = next((one for one in made if one.field.kind in _PICTURES), None)
    if shown is None:
        return ()
    labels = next((one for one in made if one.field.kind == "label"), None)
    places = np.arange(min(content.samples, _SHOWN))
    return tuple(
        (as_picture(shown.field, values), _label(labels, place))
        for place, values in enumerate(shown.values[places])
    )


def _label(labels: Made | None, place: int) -> str:
    return "" if labels is None else labels.class_names[labels.values[np.array([place])][0]]


def _records(found: Inspection, source: PictureTable | SoundTable) -> tuple[Drawn, ...]:
    path = Path(source.path)
    if isinstance(source, SoundTable):
        records = read_first_records(
            path, source.sound, source.sheet, suffixes=RECORDINGS, most=_SHOWN
        )
    else:
        records = read_first_records(path, source.picture, source.sheet, most=_SHOWN)
    classes = records.columns.get(found.class_column)
    drawn = []
    for number, place in enumerate(itertools.islice(records.places, _SHOWN)):
        label = "" if classes is None else prepare.text_of(classes[number])
        with contextlib.suppress(*prepare.UNREADABLE):
            drawn.append((_drawn(source, place), label))
    return tuple(drawn)


def _drawn(source: PictureTable | SoundTable, place: Place) -> Pixels:
    if isinstance(source, SoundTable):
        return _sound(place.open(), source)
    return prepare.picture(place.open(), (source.channels, source.height, source.width))


def _sound(file: Path | BinaryIO, source: Sounds | SoundTable) -> Pixels:
    how = {"rate": source.rate, "length": source.length}
    field = DataField("sound", "audio", (1, source.length))
    return as_picture(field, prepare.recording(file, how))
