"""Samples of a data set as a person would have them at hand: a PNG, a WAV, a row, a sentence."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image

from engine.data.meaning import describe
from engine.data.preparation import Index, Plain, Tokens, Waveform, Windows
from engine.data.prepare import PADDING, RESERVED
from engine.data.writing import joined
from engine.evaluate.loading import LoadedRun

_Field = Mapping[str, Any]


def raw_input(loaded: LoadedRun, sample: int, folder: Path) -> str:
    """Return what stands for a sample on the command line, written into a folder if it is a file.

    That may be a little else than the sample: bytes of a sound are rounded.
    """
    inputs = describe(loaded.plan, loaded.spec)["inputs"]
    first = inputs[0]
    how = loaded.spec.preparations.get(first["name"])
    if first["kind"] == "image":
        return _picture(_values(loaded, first, sample), folder / f"{sample}.png")
    if isinstance(how, Waveform):
        path = folder / f"{sample}.wav"
        wave = _values(loaded, first, sample)[0].astype(np.float32)
        soundfile.write(path, wave, how.rate, subtype="FLOAT")
        return str(path)
    if isinstance(how, Tokens):
        return _text(loaded, first, how, sample)
    return json.dumps({key: row for field in inputs for key, row in _row(loaded, field, sample)})


def _picture(pixels: Any, path: Path) -> str:
    Image.fromarray(np.moveaxis(pixels, 0, -1).squeeze()).save(path)
    return str(path)


def _text(loaded: LoadedRun, field: _Field, how: Tokens, sample: int) -> str:
    if how.column in loaded.data_set.columns:
        return str(loaded.data_set.columns[how.column][sample])
    numbers = _values(loaded, field, sample)
    known = [how.vocabulary[n - RESERVED] for n in numbers[numbers != PADDING] if n >= RESERVED]
    return joined(known, how.unit)


def _row(loaded: LoadedRun, field: _Field, sample: int) -> list[tuple[str, Any]]:
    """Return what one input is made of, by the names of the columns."""
    how = loaded.spec.preparations.get(field["name"])
    if isinstance(how, Windows):
        rows = _values(loaded, field, sample) * how.deviation + how.mean
        return list(zip(how.columns, rows.T.tolist(), strict=True))
    if isinstance(how, Index) or loaded.data_set.columns:
        columns = loaded.data_set.columns
        return [(name, _plain(values[sample])) for name, values in columns.items()]
    values = _values(loaded, field, sample).tolist()
    if isinstance(how, Plain):
        return list(zip(how.columns, values, strict=True))
    return [(field["name"], values)]


def _values(loaded: LoadedRun, field: _Field, sample: int) -> Any:
    return loaded.data_set.read(field["name"], np.array([sample]))[0]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
