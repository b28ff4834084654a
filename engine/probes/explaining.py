"""Why a model answers as it does: which parts of an input speak for a class, and which against.

The gradient times the input (Shrikumar et al., 2016) says how the score would fall if a part were
taken away in one small step; occlusion (Zeiler and Fergus, 2014) takes it away and looks. Both
explain the score before the softmax, which does not saturate where the model is sure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.data.writing import last_place

_WINDOWS: Final = 7
"""How many occluding windows lie side by side without overlap."""

_STRETCHES: Final = 96
"""How many stretches of a text or a series are hidden one by one."""

_MOST_FEATURES: Final = 512
_BATCH: Final = 64


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
) -> Explanation | None:
    """Explain an output for one sample; the modules are in evaluation mode already.

    None where the method does not apply: numbers of tokens have no gradient, and an input with
    more than 512 unrelated features is not taken apart one by one.

    Args:
        inputs: The inputs of the model, each (1, *sizes); the first is explained.
        output: Its place in what the model returns.
        target: Class or unit; the highest score if not given.
    """
    name = compiled.plan.inputs[0]
    values = inputs[name]
    if values.ndim < 2:
        return None
    with torch.no_grad():
        if target is None:
            target = int(_scores(compiled, inputs, output, _last_step(values))[0].argmax())
        if method == "gradient":
            if not values.is_floating_point():
                return None
            parts = _gradient_times_input(compiled, inputs, name, output, target)
        elif values.ndim == 2 and values.shape[1] > _MOST_FEATURES:
            return None
        else:
            parts = _occlusion(compiled, inputs, name, output, target)
    return Explanation(parts, target)


def _gradient_times_input(
    compiled: CompiledModel, inputs: Mapping[str, Tensor], name: str, output: int, target: int
) -> Tensor:
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        values = inputs[name].detach().clone().requires_grad_()
        score = _scores(compiled, {**inputs, name: values}, output)[0, target]
        (gradient,) = torch.autograd.grad(score, values)
    parts = (gradient * values.detach())[0]
    if parts.ndim == 1:
        return parts
    return parts.sum(-1 if _has_time_first(compiled, name) else 0)


def _occlusion(
    compiled: CompiledModel, inputs: Mapping[str, Tensor], name: str, output: int, target: int
) -> Tensor:
    """Return how much the score falls where a window hides a part, averaged over the windows."""
    sample = inputs[name][0]
    time_first = _has_time_first(compiled, name)
    extent = tuple(sample.shape[:1] if time_first or sample.ndim == 1 else sample.shape[1:])
    step = _last_step(inputs[name])
    before = _scores(compiled, inputs, output, step)[0, target].float()
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
        after = _scores(compiled, {**others, name: batch}, output, step)[:, target].float()
        for window, fall in zip(some, before - after, strict=True):
            falls[window] += fall
            hidden[window] += 1
    return falls / hidden


def _scores(
    compiled: CompiledModel, inputs: Mapping[str, Tensor], output: int, step: int = -1
) -> Tensor:
    """Return the scores as (N, K): those of one step where the model answers every one."""
    scores = compiled.outputs(dict(inputs))[output]
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
