"""The first sample of what was found, as it is stored and as it would be read."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from engine.data import prepare
from engine.data.changes import Change, read_picture, read_sound
from engine.data.folders import zipped
from engine.data.inspect.report import Inspection
from engine.data.kinds import RECORDINGS
from engine.data.places import Place
from engine.data.preparation import Waveform
from engine.data.records import read_first_records
from engine.data.zipped import Zipped
from nodes.errors import LoomError
from nodes.sources import Images, Pairs, PictureTable, Sounds, SoundTable, Source

_TRIED = 8


def first_places(found: Inspection) -> tuple[Place, ...]:
    """Return where the first pictures or recordings lie; none of what is neither."""
    try:
        return tuple(_places(found))
    except (LoomError, *prepare.UNREADABLE):
        return ()


def first_read(places: Sequence[Place], source: Source) -> Change | None:
    """Return what reading makes of the first sample that can be read.

    None where there is none: that is told where the data is used.
    """
    for place in places:
        with contextlib.suppress(*prepare.UNREADABLE):
            match source:
                case Images() | Pairs() | PictureTable():
                    return read_picture(place, (source.channels, source.height, source.width))
                case Sounds() | SoundTable():
                    return read_sound(place, Waveform(rate=source.rate, length=source.length))
                case _:
                    return None
    return None


def _places(found: Inspection) -> Sequence[Place]:
    match found.source:
        case Sounds(path=path) if Path(path).is_file():
            return Zipped(Path(path), zipped(Path(path)))[:_TRIED]
        case Images() | Pairs() | Sounds():
            return [Place(Path(file), Path(file).name) for file, _ in found.preview[:_TRIED]]
        case PictureTable(path=path, picture=column, sheet=sheet):
            return read_first_records(Path(path), column, sheet, most=_TRIED).places[:_TRIED]
        case SoundTable(path=path, sound=column, sheet=sheet):
            first = read_first_records(Path(path), column, sheet, suffixes=RECORDINGS, most=_TRIED)
            return first.places[:_TRIED]
        case _:
            return ()
