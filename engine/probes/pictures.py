"""What was found out about samples, as events with pictures of them."""

from contextlib import closing
from typing import TypeAlias

import numpy as np
import torch
from msgspec.structs import replace
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.compile.plan import Plan, Step
from engine.data.meaning import class_names, main_meaning
from engine.probes.arranging import MOST_SAMPLES as ARRANGED
from engine.probes.arranging import Arrangement
from engine.probes.capture import SUBJECT
from engine.probes.explaining import Explanation
from engine.probes.looks import looks_of
from engine.probes.manifold import ManifoldArrangement
from engine.probes.mapping import (
    Gathered,
    Places,
    gather_outputs,
    nearest,
    principal_components,
)
from engine.probes.samples_shown import LARGEST_PICTURE
from engine.probes.walking import Plane, draws_from, plane_of
from engine.training.insight import Evaluated, InputExplained, LayerMapped
from engine.training.material import Material
from engine.training.questions import ArrangeMethod
from engine.training.requests import WatchLayers
from engine.training.waiting import Reached, to_the_end

_LARGEST_ON_MAP = 3 * 32 * 32
"""Of the many samples of a map."""

Placing: TypeAlias = Arrangement | ManifoldArrangement
"""Samples on their way to their places."""


def with_looks(found: Evaluated, plan: Plan, material: Material) -> Evaluated:
    """Add how the worst samples look."""
    shown = (*found.worst, *found.surest, *found.suspects)
    places = np.array([worst.place for worst in shown], np.int64)
    if not len(places):
        return found
    name = plan.inputs[0]
    with closing(material.validation.batches(places, len(places))) as batches:
        values = next(batches)[name]
    # Masks have the size of their pictures.
    most = values[0].numel() if found.masks else LARGEST_PICTURE
    looks = looks_of(values, material.spec.preparations.get(name), most)
    return replace(found, sample_shape=looks.shape, pixels=looks.pixels, texts=looks.texts)


def explanation_event(
    found: Explanation, watch: WatchLayers, columns: tuple[str, ...] = ()
) -> InputExplained:
    """Tell an explanation on the scale of its greatest part."""
    parts = torch.nan_to_num(found.parts.detach().float().cpu())
    largest = float(parts.abs().max()) if parts.numel() else 0.0
    scaled = parts * (127 / largest) if largest > 0 else parts
    return InputExplained(
        subject=watch.subject.key if watch.subject else "",
        sample=SUBJECT if watch.subject else watch.sample,
        method=watch.why,
        target=found.target,
        shape=tuple(parts.shape),
        parts=scaled.round().to(torch.int8).numpy().tobytes(),
        largest=largest,
        columns=columns,
    )


def map_event(
    compiled: CompiledModel,
    layer: Step,
    material: Material,
    where: tuple[int, float],
    reached: Reached = to_the_end,
) -> tuple[LayerMapped, Plane | None] | None:
    """Map the outputs of a layer for validation samples; the model is in evaluation mode.

    Args:
        where: Step and epoch.
        reached: Told between two batches how many samples are done.

    Returns:
        The map, and its plane where the rest of the model draws a picture from the layer alone.

    Raises:
        GivenUpError: Nobody waits for it any more.
    """
    meaning = main_meaning(compiled.plan)
    found = gather_outputs(compiled, layer, material.validation, meaning, reached=reached)
    return None if found is None else _mapped(compiled, layer, material, found, where)


def arrangement_begun(
    compiled: CompiledModel,
    layer: Step,
    material: Material,
    where: tuple[int, float],
    method: ArrangeMethod = "tsne",
    start: Tensor | None = None,
    reached: Reached = to_the_end,
) -> tuple[LayerMapped, Placing] | None:
    """Begin to arrange validation samples; the model is in evaluation mode.

    None for a layer that does not put out one thing for each sample.

    Args:
        where: Step and epoch.
        start: Where the same samples stood before; principal components if not given.
        reached: Told between two batches how many samples are done.

    Raises:
        DataError: The library that does it is not installed.
        GivenUpError: Nobody waits for it any more.
    """
    meaning = main_meaning(compiled.plan)
    found = gather_outputs(compiled, layer, material.validation, meaning, ARRANGED, reached)
    if found is None:
        return None
    mapped, _ = _mapped(compiled, layer, material, found, where)
    points = np.frombuffer(mapped.points, np.float32).reshape(-1, 2).copy()
    first = torch.from_numpy(points)
    if start is not None and start.shape == first.shape:
        first = start
    begun = Arrangement if method == "tsne" else ManifoldArrangement
    return replace(mapped, draws=False), begun(torch.from_numpy(found.values), first)


def _mapped(
    compiled: CompiledModel,
    layer: Step,
    material: Material,
    found: Gathered,
    where: tuple[int, float],
) -> tuple[LayerMapped, Plane | None]:
    meaning, (step, epoch) = main_meaning(compiled.plan), where
    points, explained = principal_components(found.values)
    neighbours, similarities = nearest(found.values)
    is_whole = found.values.shape[1] == found.features
    plane = None
    if is_whole and draws_from(compiled.plan, layer):
        plane = plane_of(layer, found, points)
    truths, names = found.truths, class_names(material.spec, meaning)
    if truths is None and material.labels is not None:
        # No answer of the model, but the colours that tell samples apart.
        truths = material.labels(found.places)
        names = material.label_names
    how = material.spec.preparations.get(compiled.plan.inputs[0])
    looks = looks_of(found.inputs, how, _LARGEST_ON_MAP)
    mapped = LayerMapped(
        node=layer.node,
        step=step,
        epoch=epoch,
        points=points.tobytes(),
        explained=explained,
        features=found.features,
        used_features=found.values.shape[1],
        places=found.places.astype(np.int32).tobytes(),
        truths=_bytes(truths),
        called=_bytes(found.called),
        neighbours=neighbours.tobytes(),
        similarities=similarities.tobytes(),
        names=names,
        sample_shape=looks.shape,
        pixels=looks.pixels,
        texts=looks.texts,
        draws=plane is not None,
    )
    return mapped, plane


def _bytes(numbers: Places | None) -> bytes:
    return b"" if numbers is None else numbers.astype(np.int32).tobytes()
