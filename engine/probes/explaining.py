"""Why a model answers as it does: which parts of an input speak for a class, and which against.

The gradient times the input (Shrikumar et al., 2016) says how the score would fall if a part were
taken away in one small step; integrated gradients (Sundararajan et al., 2017) add such steps up
from an empty input to the whole, so that the parts add up to the score; Grad-CAM (Selvaraju et al.,
2017) says where the last maps speak for a class; occlusion (Zeiler and Fergus, 2014) takes a part
away and looks. All explain the score before the softmax, which does not saturate where the model is
sure.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
import torch.nn.functional as functional
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.compile.stepper import run_nodes, run_with
from engine.compile.steps import Step
from engine.data.writing import last_place
from engine.graph.elements import End
from engine.training.waiting import Reached, to_the_end

_WINDOWS: Final = 7
"""How many occluding windows lie side by side without overlap."""

_STRETCHES: Final = 96
"""How many stretches of a text or a series are hidden one by one."""

_MOST_FEATURES: Final = 512
_BATCH: Final = 64
_PATH_BATCH: Final = 16
PATH_STEPS: Final = 64
"""Of the integral; midpoints, so that its error falls with the square of their number."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What each part of an input adds to a score."""

    parts: Tensor
    """(H, W), (T,) or (F,); positive speaks for the target."""

    target: int


def explain(
    compiled: CompiledModel,
    inputs: Mapping[str, Tensor],
    method: str,
    output: int,
    target: int | None = None,
    reached: Reached = to_the_end,
) -> Explanation | None:
    """Explain an output for one sample; the modules are in evaluation mode already.

    None where the method does not apply: numbers of tokens have no gradient, and an input with
    more than 512 unrelated features is not taken apart one by one.

    Args:
        inputs: The inputs of the model, each (1, *sizes); the first is explained.
        output: Its place in what the model returns.
        target: Class or unit; the highest score if not given.
        reached: Told after each batch how much of the way, or how many windows, are done.

    Raises:
        GivenUpError: Nobody waits for it any more.
    """
    name = compiled.plan.inputs[0]
    values = inputs[name]
    if values.ndim < 2:
        return None
    with torch.no_grad():
        if target is None:
            target = int(scores_of(compiled, inputs, output, _last_step(values))[0].argmax())
        if method == "gradient":
            if not values.is_floating_point():
                return None
            parts = _gradient_times_input(compiled, inputs, name, output, target)
        elif method == "integrated":
            found = _integrated(compiled, inputs, name, output, target, reached)
            if found is None:
                return None
            parts = found
        elif method == "gradcam":
            maps = _last_maps(compiled, inputs)
            if maps is None or values.ndim != 4:
                return None
            parts = _grad_cam(compiled, inputs, maps, output, target, values.shape[2:])
        elif values.ndim == 2 and values.shape[1] > _MOST_FEATURES:
            return None
        else:
            parts = _occlusion(compiled, inputs, name, output, target, reached)
    return Explanation(parts, target)


def _gradient_times_input(
    compiled: CompiledModel, inputs: Mapping[str, Tensor], name: str, output: int, target: int
) -> Tensor:
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        values = inputs[name].detach().clone().requires_grad_()
        score = scores_of(compiled, {**inputs, name: values}, output)[0, target]
        (gradient,) = torch.autograd.grad(score, values)
    parts = (gradient * values.detach())[0]
    if parts.ndim == 1:
        return parts
    return parts.sum(-1 if _has_time_first(compiled, name) else 0)


def _integrated(
    compiled: CompiledModel,
    inputs: Mapping[str, Tensor],
    name: str,
    output: int,
    target: int,
    reached: Reached,
) -> Tensor | None:
    """Return what each part adds on the way from an empty input to the whole one."""
    whole = inputs[name]
    if whole.is_floating_point():
        time_first = _has_time_first(compiled, name)
        extent = tuple(whole.shape[1:2] if time_first or whole.ndim == 2 else whole.shape[2:])
        background = _background(whole[0], extent, time_first=time_first)
        empty = torch.zeros_like(whole) + background
        added = _along_the_path(
            empty,
            whole,
            lambda some: scores_of(compiled, _repeated(inputs, name, some), output),
            target,
            reached,
        )
        if added.ndim == 1:
            return added
        return added.sum(-1 if time_first else 0)
    return _of_tokens(compiled, inputs, name, output, target, reached)


def _of_tokens(
    compiled: CompiledModel,
    inputs: Mapping[str, Tensor],
    name: str,
    output: int,
    target: int,
    reached: Reached,
) -> Tensor | None:
    """Integrate over the vectors that the words are looked up as, from those of the padding."""
    lookup = _lookup_of(compiled, name)
    if lookup is None:
        return None
    end = End(lookup.node, lookup.outputs[0])
    whole = run_nodes(compiled, inputs, {lookup.node})[end]
    blank = {**inputs, name: torch.zeros_like(inputs[name])}
    empty = run_nodes(compiled, blank, {lookup.node})[end]
    if whole.ndim != 3 or not whole.is_floating_point():
        return None

    step = _last_step(inputs[name])

    def scores(some: Tensor) -> Tensor:
        batch = {
            field: values.expand(len(some), *values.shape[1:]) for field, values in inputs.items()
        }
        return _as_scores(run_with(compiled, batch, {end: some})[output], step)

    added = _along_the_path(empty, whole, scores, target, reached)
    length = inputs[name].shape[1]
    return added.sum(1) if added.shape[0] == length else added.sum(0)


def _lookup_of(compiled: CompiledModel, name: str) -> Step | None:
    """Return the layer that turns the tokens of an input into vectors, if the drawing has one."""
    fields = {end for end, field in compiled.plan.fields.items() if field == name}
    for step in compiled.plan.steps:
        arriving = {end for ends in step.inputs.values() for end in ends}
        if arriving and arriving <= fields:
            return step
    return None


def _along_the_path(
    empty: Tensor,
    whole: Tensor,
    scores: Callable[[Tensor], Tensor],
    target: int,
    reached: Reached,
) -> Tensor:
    """Integrate the gradient on the straight way from one input to another."""
    added = torch.zeros_like(whole)
    done = 0
    middles = (torch.arange(PATH_STEPS, device=whole.device) + 0.5) / PATH_STEPS
    ways = middles.reshape(-1, *(1 for _ in whole.shape[1:])).to(whole.dtype)
    for part in torch.split(ways, _PATH_BATCH):
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
            some = (empty + (whole - empty) * part).detach().requires_grad_()
            score = scores(some)[:, target].sum()
            (gradient,) = torch.autograd.grad(score, some)
        added += gradient.sum(0)
        done += len(part)
        reached(done, PATH_STEPS)
    return ((whole - empty) * added / PATH_STEPS)[0].detach()


def _last_maps(compiled: CompiledModel, inputs: Mapping[str, Tensor]) -> Step | None:
    """Return the last layer that puts out maps larger than one pixel."""
    found = run_nodes(compiled, inputs)
    for step in reversed(compiled.plan.steps):
        tensor = found[End(step.node, step.outputs[0])]
        if tensor.ndim == 4 and tensor.shape[2] * tensor.shape[3] > 1:
            return step
    return None


def _grad_cam(
    compiled: CompiledModel,
    inputs: Mapping[str, Tensor],
    maps: Step,
    output: int,
    target: int,
    extent: Sequence[int],
) -> Tensor:
    """Weigh the maps by what they add to the score; only what speaks for it is kept."""
    end = End(maps.node, maps.outputs[0])
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        values = run_nodes(compiled, inputs, {maps.node})[end].detach().requires_grad_()
        score = _as_scores(run_with(compiled, inputs, {end: values})[output], -1)[0, target]
        (gradient,) = torch.autograd.grad(score, values)
    weights = gradient.mean((2, 3), keepdim=True)
    shown = (weights * values.detach()).sum(1, keepdim=True).clamp(min=0)
    size = (int(extent[0]), int(extent[1]))
    return functional.interpolate(shown, size=size, mode="bilinear", align_corners=False)[0, 0]


def _repeated(inputs: Mapping[str, Tensor], name: str, some: Tensor) -> dict[str, Tensor]:
    others = {
        field: values.expand(len(some), *values.shape[1:]) for field, values in inputs.items()
    }
    return {**others, name: some}


def _occlusion(
    compiled: CompiledModel,
    inputs: Mapping[str, Tensor],
    name: str,
    output: int,
    target: int,
    reached: Reached,
) -> Tensor:
    """Return how much the score falls where a window hides a part, averaged over the windows."""
    sample = inputs[name][0]
    time_first = _has_time_first(compiled, name)
    extent = tuple(sample.shape[:1] if time_first or sample.ndim == 1 else sample.shape[1:])
    step = _last_step(inputs[name])
    before = scores_of(compiled, inputs, output, step)[0, target].float()
    falls = torch.zeros(extent, device=sample.device)
    hidden = torch.zeros(extent, device=sample.device)
    background = _background(sample, extent, time_first=time_first)
    windows = list(_windows(extent))
    for start in range(0, len(windows), _BATCH):
        some = windows[start : start + _BATCH]
        batch = sample.expand(len(some), *sample.shape).clone()
        for place, window in enumerate(some):
            hole: Any = (place, *window) if time_first else (place, ..., *window)
            batch[hole] = background
        others = {
            field: values.expand(len(some), *values.shape[1:]) for field, values in inputs.items()
        }
        after = scores_of(compiled, {**others, name: batch}, output, step)[:, target].float()
        for window, fall in zip(some, before - after, strict=True):
            falls[window] += fall
            hidden[window] += 1
        reached(start + len(some), len(windows))
    return falls / hidden


def scores_of(
    compiled: CompiledModel, inputs: Mapping[str, Tensor], output: int, step: int = -1
) -> Tensor:
    """Return the scores as (N, K): those of one step where the model answers every one."""
    return _as_scores(compiled.outputs(dict(inputs))[output], step)


def _as_scores(scores: Tensor, step: int) -> Tensor:
    if scores.ndim == 1:
        return scores[:, None]
    return scores if scores.ndim == 2 else scores.flatten(2)[:, :, step]


def _last_step(values: Tensor) -> int:
    """Return the step that is explained: the last, but no padding behind a text."""
    is_text = values.ndim == 2 and not values.is_floating_point()
    return last_place(values[0]) if is_text else -1


def _has_time_first(compiled: CompiledModel, name: str) -> bool:
    """Say whether an input is (time, features) rather than (channels, ...)."""
    fields = {field.name: field for field in compiled.plan.data.fields}
    return fields[name].kind == "sequence" and len(fields[name].sizes) > 1


def _background(sample: Tensor, extent: tuple[int, ...], *, time_first: bool) -> Tensor | float:
    """Return what hides a part: the middle value of pictures and series, else zero.

    Zero is the padding of tokens and the mean of standardised numbers.
    """
    if not sample.is_floating_point() or len(extent) == sample.ndim:
        return 0
    if time_first:
        return sample.median(0).values
    middle = sample.flatten(1).median(1).values
    return middle.reshape(-1, *(1 for _ in extent))


def _windows(extent: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    if len(extent) == 1:
        side = max(1, extent[0] // _STRETCHES)
        yield from ((slice(at, at + side),) for at in range(0, extent[0], side))
        return
    height, width = extent
    tall, wide = -(-height // _WINDOWS), -(-width // _WINDOWS)
    for y in range(1 - tall // 2, height, max(1, tall // 2)):
        for x in range(1 - wide // 2, width, max(1, wide // 2)):
            yield slice(max(y, 0), y + tall), slice(max(x, 0), x + wide)
