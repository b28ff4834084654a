"""One sample as its file holds it beside what the model gets of it, as pictures with their sizes.

Nothing in here imports torch.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.amounts import grouped
from engine.data.masks import read_mask
from engine.data.places import Place
from engine.data.preparation import Waveform, Windows
from engine.data.showing import Pixels, line_picture
from engine.data.sound_pictures import sound_pictures
from engine.data.spec import DataSet
from nodes.errors import DataError
from nodes.io import DataField

_Values = npt.NDArray[Any]
_LARGEST: Final = 320
"""Pixels of a side of a picture as it is stored: it is shown small."""

_INK: Final = 230
_MOST_COLUMNS: Final = 3
_AROUND: Final = 2
"""So many windows are shown before and behind one."""

_DIMMED: Final = 0.35
_LINE_WIDTH: Final = 96


class Side(NamedTuple):
    """One side of a change."""

    pictures: tuple[Pixels, ...]
    """One, or several that lie beside each other: (C, H, W) each, (H, W) of a line."""

    size: str
    """How large it is, in words: ``480×360``."""


class Change(NamedTuple):
    """What reading makes of one value of a sample."""

    before: Side
    after: Side


def changes(data_set: DataSet, sample: int) -> tuple[Change, ...]:
    """Return what the reading of a sample changes that can be seen: its size, its rate, its window.

    None where a file is gone: that is told where it is needed.
    """
    found = (_change(data_set, field, sample) for field in data_set.spec.fields)
    return tuple(change for change in found if change is not None)


def _change(data_set: DataSet, field: DataField, sample: int) -> Change | None:
    how = data_set.spec.preparations.get(field.name)
    if isinstance(how, Windows):
        return _window(data_set, field, how, sample)
    origin = data_set.origins.get(field.name)
    if origin is None or field.kind == "mask":
        return None  # a mask is shown with its picture
    try:
        place = origin.of(sample)
        values = data_set.read(field.name, np.array([sample]))[0]
        if isinstance(how, Waveform):
            return sound_change(place, values[0], how)
        return _with_mask(picture_change(place, values), data_set, sample)
    except (DataError, *prepare.UNREADABLE):
        return None


def _with_mask(change: Change, data_set: DataSet, sample: int) -> Change:
    """Put the mask of a picture beside it, where it has one."""
    origin = data_set.origins.get("mask")
    if origin is None:
        return change
    (picture,), size = change.before
    stored = read_mask(origin.of(sample).open(), picture.shape[1:])
    values = data_set.read("mask", np.array([sample]))[0]
    return Change(
        Side((picture, _mask(stored)), f"{size} and its mask"),
        Side((*change.after.pictures, _mask(values)), change.after.size),
    )


def _mask(classes: _Values) -> Pixels:
    """Draw a mask, its last class in full ink."""
    largest = max(int(classes.max()), 1)
    return (classes * (_INK / largest)).astype(np.uint8)[None]


def picture_change(place: Place, values: Pixels) -> Change:
    """Put a picture as it is stored beside the one that is read.

    Args:
        values: (channels, height, width), as it is read.

    Raises:
        OSError: It cannot be read any more.
    """
    stored, size = _stored_picture(place)
    is_coloured = bool((stored != stored[:1]).any())
    loses_colour = is_coloured and len(values) == 1
    height, width = values.shape[-2:]
    return Change(
        Side((stored,), _pixels(*size) + (", in colour" if loses_colour else "")),
        Side((values,), _pixels(height, width) + (", grey" if loses_colour else "")),
    )


def read_picture(place: Place, size: Sequence[int]) -> Change:
    """Put a picture as it is stored beside the one that would be read in a size.

    Raises:
        OSError: It cannot be read.
    """
    return picture_change(place, prepare.picture(place.open(), size))


def read_sound(place: Place, how: Waveform) -> Change:
    """Put a recording as it is stored beside the one that would be read.

    Raises:
        OSError: It cannot be read.
    """
    values = prepare.recording(place.open(), msgspec.to_builtins(how))
    return sound_change(place, values[0], how)


def sound_change(place: Place, values: _Values, how: Waveform) -> Change:
    """Put a recording as it is stored, its wave and its spectrogram, beside the one that is read.

    Both are drawn over one time and one range of pitches: what is cut off or lost is missing.

    Args:
        values: (time,), as it is read.

    Raises:
        OSError: It cannot be read any more.
    """
    import soundfile

    try:
        samples, rate = soundfile.read(place.open(), dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise OSError(prepare.reason(error)) from error
    channels = samples.shape[1]
    before, after = sound_pictures(
        (samples.mean(axis=1), rate), (values.astype(np.float32), how.rate)
    )
    together = f", {channels} channels" if channels > 1 else ""
    return Change(
        Side(before, _heard(len(samples), rate) + together),
        Side(after, _heard(how.length, how.rate) + (", mixed to one" if channels > 1 else "")),
    )


def _stored_picture(place: Place) -> tuple[Pixels, tuple[int, int]]:
    """Return a picture in its colours, no larger than it is shown, and its height and width."""
    height, width = prepare.picture_size(place.open())
    scale = min(1.0, _LARGEST / max(height, width))
    small = (max(1, round(height * scale)), max(1, round(width * scale)))
    return prepare.picture(place.open(), (3, *small)), (height, width)


def _window(data_set: DataSet, field: DataField, how: Windows, sample: int) -> Change | None:
    """Put a window among the rows around it beside the numbers that stand for it."""
    first = max(0, sample - _AROUND * how.length)
    last = min(data_set.spec.samples - 1, sample + _AROUND * how.length)
    windows = data_set.read(field.name, np.arange(first, last + 1))
    if len(windows) < 2 or not np.array_equal(windows[1:, :-1], windows[:-1, 1:]):
        return None  # samples do not follow each other
    rows = np.concatenate([windows[:, 0], windows[-1, 1:]])
    inside = np.zeros(len(rows), bool)
    inside[sample - first : sample - first + how.length] = True
    values = windows[sample - first]
    stored = values * how.deviation + how.mean
    columns = len(how.columns)
    shown = range(min(columns, _MOST_COLUMNS))
    whole = data_set.spec.samples - 1 + how.length
    return Change(
        Side(
            tuple(_marked(rows[:, column], inside) for column in shown),
            f"{how.length} of {grouped(whole)} rows{_span(stored)}",
        ),
        Side(
            tuple(_line(values[:, column]) for column in shown),
            f"{how.length}×{columns}{_span(values)}",
        ),
    )


def _marked(values: _Values, inside: npt.NDArray[np.bool_]) -> Pixels:
    """Draw a line that is strong where the window is."""
    line = _line(values)
    strength = np.where(np.repeat(inside, line.shape[-1] // len(values)), 1, _DIMMED)
    return (line * strength).astype(np.uint8)


def _line(values: _Values) -> Pixels:
    """Draw numbers that follow each other, few ones wider."""
    return np.repeat(line_picture(values), max(1, _LINE_WIDTH // len(values)), axis=-1)


def _span(values: _Values) -> str:
    """Say what the values of one column go from and to; of several that says nothing."""
    if values.shape[1] > 1:
        return ""
    low, high = float(values.min()), float(values.max())
    # What is standardised and back again is off by a little.
    ends = [0.0 if abs(end) < 1e-5 * (high - low) else end for end in (low, high)]
    return ", {:.3g} to {:.3g}".format(*ends).replace("-", "−")


def _pixels(height: int, width: int) -> str:
    return f"{width}×{height}"


def _heard(length: int, rate: int) -> str:
    return f"{rate / 1000:g} kHz, {length / rate:.3g} s"
