"""Which ways there are to give a model an input, by what it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from app.tryout.drive_pad import DrivePad, is_camera
from app.tryout.form_pad import MOST_NUMBERS, FormPad, form_columns, plain_columns
from app.tryout.image_pad import ImagePad
from app.tryout.pad import Pad
from app.tryout.recording_pad import RecordingPad
from app.tryout.series_pad import SeriesPad
from app.tryout.sketch_pad import SketchPad
from app.tryout.text_pad import TextPad
from engine.data.preparation import Answer, Tokens, Waveform, Windows
from engine.training.insight import InputField

_COLOURS = (1, 3)


def pads_for(inputs: Sequence[InputField]) -> dict[str, Callable[[], Pad]]:
    """Return makers of pads by key, the first one first; none where nothing fits the inputs."""
    # What was answered so far is the model's own.
    inputs = [field for field in inputs if not isinstance(field.prepare, Answer)]
    columns = form_columns(inputs)
    if columns:
        return {"form": lambda: FormPad(columns, raw=True)}
    if len(inputs) != 1:
        return {}
    field = inputs[0]
    if is_camera(field):
        return {"drive": DrivePad, "image": lambda: ImagePad(field)}
    if field.kind == "image" and len(field.sizes) == 3 and field.sizes[0] in _COLOURS:
        return {"draw": lambda: SketchPad(field), "image": lambda: ImagePad(field)}
    if isinstance(field.prepare, Tokens):
        return {"text": lambda: TextPad(field)}
    if isinstance(field.prepare, Waveform):
        return {"recording": lambda: RecordingPad(field)}
    is_plain = field.prepare is None and field.kind == "sequence"
    if len(field.sizes) == 2 and (is_plain or isinstance(field.prepare, Windows)):
        return {"series": lambda: SeriesPad(field)}
    if field.prepare is None and prod(field.sizes) <= MOST_NUMBERS:
        return {"numbers": lambda: FormPad(plain_columns(field), raw=False)}
    return {}
