"""Pictures that a model makes: out of noise, out of a known distribution, or of pictures."""

import math
from collections.abc import Iterator
from contextlib import closing
from typing import Final

import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.compile.plan import Plan, Step
from engine.compile.stepper import run_from, run_nodes
from engine.data.loading import Batch
from engine.graph.elements import End
from engine.probes.walking import draws_from
from engine.training.generating import Origin, PicturesMade, Sheet
from engine.training.material import Material
from nodes.errors import DataError

MADE: Final = 64
"""As many as a noise layer has kept numbers for."""

PAIRS: Final = 16
_NOISE: Final = "Noise"
_SAMPLER: Final = "VariationalSampler"


def make_pictures(
    compiled: CompiledModel, material: Material, *, step: int, epoch: float
) -> PicturesMade:
    """Make pictures as large as those of the data; the model is in evaluation mode.

    Raises:
        DataError: The model makes none.
    """
    with torch.no_grad():
        sheets = (*_made(compiled, material), *_made_again(compiled, material))
    if not sheets:
        raise DataError(
            "This model makes no pictures",
            why="Nothing in it puts out pictures as large as those of the data.",
            hint="Open the project Invent handwritten digits to see some.",
        )
    return PicturesMade(step=step, epoch=epoch, sheets=sheets)


def end_of_noise(plan: Plan) -> End | None:
    """Return where pictures that are made from noise come out; None where there are none."""
    reached: set[End] = set()
    found = None
    for step in plan.steps:
        arriving = {end for ends in step.inputs.values() for end in ends}
        if arriving & reached or _holds(step, _NOISE):
            ends = [End(step.node, port) for port in step.outputs]
            reached.update(ends)
            found = next((end for end in ends if _field_like(plan, end)), found)
    return found


def _made(compiled: CompiledModel, material: Material) -> Iterator[Sheet]:
    """Yield what is made of random numbers: of noise, or of what a sampler learns to put out."""
    plan, samples = compiled.plan, _samples(material, MADE)
    end = end_of_noise(plan)
    if end is not None:
        pictures = run_nodes(compiled, samples, [end.node])[end]
        yield _sheet("made", pictures, samples[_field_like(plan, end)])
        return
    name = _field_like(plan, plan.outputs[0])
    sampler = next((step for step in plan.steps if _holds(step, _SAMPLER)), None)
    if name and sampler is not None and draws_from(plan, sampler):
        yield _sheet("made", _from_normal(compiled, sampler), samples[name])


def _made_again(compiled: CompiledModel, material: Material) -> Iterator[Sheet]:
    """Yield pictures of the data, and what the model makes of them as its first answer."""
    name = _field_like(compiled.plan, compiled.plan.outputs[0])
    if name:
        batch = _samples(material, PAIRS)
        yield _sheet("given", batch[name], batch[name])
        yield _sheet("again", compiled.outputs(batch)[0], batch[name])


def _field_like(plan: Plan, end: End) -> str:
    """Return a field of pictures with as many values as a layer puts out, in a row or not.

    Pictures that the model is compared with come first; nothing where there are none.
    """
    known = {field.name: field for field in plan.data.fields}
    found = plan.types[end]
    for name in (*plan.targets, *plan.inputs):
        field = known[name]
        shapes = (field.sizes, (math.prod(field.sizes),))
        if field.kind == "image" and found.dtype == "float" and found.sizes[1:] in shapes:
            return name
    return ""


def _samples(material: Material, most: int) -> Batch:
    """Return samples kept aside, in even steps; of those to train with where there are none."""
    feed = material.validation if material.validation.samples else material.training
    places = feed.spread(most)
    with closing(feed.batches(places, most)) as batches:
        return next(batches)


def _from_normal(compiled: CompiledModel, sampler: Step) -> Tensor:
    """Return what is drawn from the same normal numbers at each moment."""
    features = int(str(sampler.types[0].sizes[1]))
    device = next(compiled.module.parameters()).device
    numbers = torch.randn(MADE, features, generator=torch.Generator().manual_seed(0))
    return run_from(compiled, sampler.node, numbers.to(device))[0]


def _holds(step: Step, module: str) -> bool:
    """Say whether a layer, or one inside of it, is a module of this name."""
    called = step.lowering.module
    if called is not None and called.target == module:
        return True
    bodies = (stage.body for stage in step.stages if stage.body is not None)
    return any(_holds(inner, module) for body in bodies for inner in body.steps)


def _sheet(origin: Origin, pictures: Tensor, like: Tensor) -> Sheet:
    """Return pictures on the scale of those of the data."""
    low, high = _black_and_white(like)
    values = torch.nan_to_num(pictures.detach().float().cpu()).clamp(low, high)
    scaled = ((values - low) * (255 / (high - low))).round().to(torch.uint8)
    return Sheet(
        origin=origin,
        count=len(values),
        shape=tuple(like.shape[1:]),
        pixels=scaled.numpy().tobytes(),
    )


def _black_and_white(pictures: Tensor) -> tuple[float, float]:
    low, high = float(pictures.min()), float(pictures.max())
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)
