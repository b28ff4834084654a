"""Two sounds as pictures that can be compared: over the same time, and the same pitches."""

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.data.showing import Pixels

Sound: TypeAlias = tuple[npt.NDArray[Any], int]
"""Its values, and how many of them make a second."""

_COLUMNS: Final = 144
_ROWS: Final = 72
_WINDOW_S: Final = 0.032
_LEAST: Final = 8
_RANGE_DB: Final = 70.0
"""What is softer than the loudest by more is not seen."""

_INK: Final = 230


def sound_pictures(*sounds: Sound) -> tuple[tuple[Pixels, Pixels], ...]:
    """Draw the wave and the spectrogram of each.

    The right edge is the end of the longest, the upper edge of a spectrogram the highest tone that
    any of them can hold; what a sound does not have stays empty.
    """
    seconds = max(len(values) / rate for values, rate in sounds)
    top = max(rate for _, rate in sounds) / 2
    loudest = max(float(np.abs(values).max(initial=0)) for values, _ in sounds)
    tones = [_tones(sound, seconds, top) for sound in sounds]
    strongest = max(max(float(one.max(initial=0)) for one in tones), 1e-9)
    return tuple(
        (_wave(sound, seconds, max(loudest, 1e-6)), _in_ink(one / strongest))
        for sound, one in zip(sounds, tones, strict=True)
    )


def _wave(sound: Sound, seconds: float, loudest: float) -> Pixels:
    values, rate = sound
    edges = (np.linspace(0, seconds, _COLUMNS + 1) * rate).astype(int)
    picture = np.zeros((_ROWS, _COLUMNS), np.uint8)
    rows = np.linspace(1, -1, _ROWS) * loudest
    half = loudest / _ROWS
    for column in range(_COLUMNS):
        # A sound of few values has columns without one: it goes on as it was.
        piece = values[edges[column] : max(edges[column + 1], edges[column] + 1)]
        if len(piece):
            inside = (rows <= piece.max() + half) & (rows >= piece.min() - half)
            picture[inside, column] = _INK
    return picture[None]


def _tones(sound: Sound, seconds: float, top: float) -> npt.NDArray[np.float64]:
    """Return how strong each band of tones is over time.

    Shapes:
        out: (bands, times), the highest band first
    """
    values, rate = sound
    length = max(_LEAST, round(_WINDOW_S * rate))
    starts = (np.linspace(0, seconds, _COLUMNS, endpoint=False) * rate).astype(int)
    padded = np.pad(values, (0, length))
    there = starts < len(values)
    frames = np.stack([padded[start : start + length] for start in starts[there]])
    window = np.hanning(length)
    strengths = np.abs(np.fft.rfft(frames * window, axis=1)) / window.sum()
    strengths = strengths[:, : length // 2]  # the last tone is no lower than the band above
    edges = np.linspace(0, top, _ROWS + 1) * length / rate
    found = np.zeros((_ROWS, _COLUMNS))
    for row in range(_ROWS):
        tones = strengths[:, int(edges[row]) : max(int(edges[row + 1]), int(edges[row]) + 1)]
        if tones.shape[1]:
            found[_ROWS - 1 - row, there] = tones.max(axis=1)
    return found


def _in_ink(strengths: npt.NDArray[np.float64]) -> Pixels:
    decibels = 20 * np.log10(np.maximum(strengths, 1e-9))
    share = np.clip(1 + decibels / _RANGE_DB, 0, 1)
    return (share * _INK).astype(np.uint8)[None]
