"""Samples of the validation set as they are shown: with labels, as pictures or as text."""

from contextlib import closing
from dataclasses import dataclass
from typing import Final

from engine.compile.module import CompiledModel
from engine.data.meaning import Meaning
from engine.probes.capture import labels_of, scaled_bytes
from engine.probes.mapping import Places
from engine.probes.texts import beginnings
from engine.training.material import Material

_LARGEST_PICTURE: Final = 3 * 64 * 64


@dataclass(frozen=True, slots=True)
class SamplesShown:
    """What a person sees of some samples."""

    labels: tuple[str, ...]
    shape: tuple[int, ...]
    pixels: bytes
    """uint8; empty where the samples are large, or texts."""

    texts: tuple[str, ...]
    """Their beginnings, where they are texts."""


def samples_shown(
    compiled: CompiledModel, material: Material, meaning: Meaning | None, places: Places
) -> SamplesShown:
    """Read some validation samples; at least one."""
    with closing(material.validation.batches(places, len(places))) as batches:
        batch = next(batches)
    name = compiled.plan.inputs[0]
    values = batch[name]
    texts = beginnings(values, material.spec.preparations.get(name))
    is_drawn = not texts and values[0].numel() <= _LARGEST_PICTURE
    return SamplesShown(
        labels=labels_of(meaning, batch, material.class_names),
        shape=tuple(values.shape[1:]),
        pixels=scaled_bytes(values) if is_drawn else b"",
        texts=texts,
    )
