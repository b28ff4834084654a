"""What was found out about samples, as events with pictures of them."""

from contextlib import closing

import numpy as np
import torch
from msgspec.structs import replace
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.compile.plan import Plan, Step
from engine.data.loading import Feed
from engine.data.meaning import class_names, main_meaning
from engine.probes.arranging import MOST_SAMPLES as ARRANGED
from engine.probes.arranging import Arrangement
from engine.probes.capture import SUBJECT, scaled_bytes
from engine.probes.explaining import Explanation
from engine.probes.mapping import (
    Gathered,
    Places,
    gather_outputs,
    nearest,
    principal_components,
)
from engine.probes.walking import Plane, draws_from, plane_of
from engine.training.insight import Evaluated, InputExplained, LayerMapped
from engine.training.material import Material
from engine.training.requests import WatchLayers
from engine.training.waiting import Reached, to_the_end

_LARGEST_PICTURE = 3 * 32 * 32


def with_worst_pixels(found: Evaluated, plan: Plan, validation: Feed) -> Evaluated:
    """Add pictures of the worst samples."""
    shown = (*found.worst, *found.surest, *found.suspects)
    places = np.array([worst.place for worst in shown], np.int64)
    if not len(places):
        return found
    with closing(validation.batches(places, len(places))) as batches:
        values = next(batches)[plan.inputs[0]]
    return replace(found, sample_shape=tuple(values.shape[1:]), pixels=scaled_bytes(values))


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
    start: Tensor | None = None,
    reached: Reached = to_the_end,
) -> tuple[LayerMapped, Arrangement] | None:
    """Begin to arrange validation samples; the model is in evaluation mode.

    None for a layer that does not put out one thing for each sample.

    Args:
        where: Step and epoch.
        start: Where the same samples stood before; principal components if not given.
        reached: Told between two batches how many samples are done.

    Raises:
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
    arrangement = Arrangement(torch.from_numpy(found.values), first)
    return replace(mapped, draws=False), arrangement


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
        truths = material.labels[found.places]
        names = material.label_names
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
        sample_shape=tuple(found.inputs.shape[1:]),
        pixels=_pictures(found.inputs),
        draws=plane is not None,
    )
    return mapped, plane


def _pictures(inputs: Tensor) -> bytes:
    return scaled_bytes(inputs) if inputs[0].numel() <= _LARGEST_PICTURE else b""


def _bytes(numbers: Places | None) -> bytes:
    return b"" if numbers is None else numbers.astype(np.int32).tobytes()
