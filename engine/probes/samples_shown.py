"""Samples of the validation set as they are shown: with labels, as pictures or as text."""

from contextlib import closing
from typing import Final

from engine.compile.module import CompiledModel
from engine.data.meaning import Meaning
from engine.probes.capture import labels_of
from engine.probes.looks import Looks, looks_of
from engine.probes.mapping import Places
from engine.training.material import Material

LARGEST_PICTURE: Final = 3 * 64 * 64
"""Numbers in a picture of one sample."""


def samples_shown(
    compiled: CompiledModel, material: Material, meaning: Meaning | None, places: Places
) -> tuple[tuple[str, ...], Looks]:
    """Return labels of some validation samples, at least one, and how these look."""
    with closing(material.validation.batches(places, len(places))) as batches:
        batch = next(batches)
    name = compiled.plan.inputs[0]
    values = batch[name]
    looks = looks_of(values, material.spec.preparations.get(name), LARGEST_PICTURE)
    return labels_of(meaning, batch, material.class_names), looks
