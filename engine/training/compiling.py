"""torch.compile, tried against the model as it is and kept where it is faster.

On processors it often is not: a small convolution network ran at half its speed.
"""

import time
from collections.abc import Callable, Mapping
from typing import TypeAlias

import torch
from torch import Tensor

from engine.compile.module import CompiledModel
from engine.training.precision import Autocast

Batch: TypeAlias = Mapping[str, Tensor]
Forward: TypeAlias = Callable[[Batch], tuple[Tensor, ...]]

_STEPS = 20


def faster_forward(
    compiled: CompiledModel, autocast: Autocast, batch: Batch
) -> tuple[Forward | None, str]:
    """Return the compiled forward pass, or None where the model is faster as it is, and why.

    Weights, statistics of layers and random numbers are afterwards as they were before.
    """
    compiling = compiled_forward(compiled, _size(batch))
    buffers = {name: buffer.clone() for name, buffer in compiled.module.named_buffers()}
    try:
        with torch.random.fork_rng():
            plain = _seconds(compiled, compiled.outputs, autocast, batch)
            quick = _seconds(compiled, compiling, autocast, batch)
    # The compiler is a world of its own: what it cannot do must not end the run.
    except Exception as error:  # noqa: BLE001
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return None, f"The model cannot be compiled and runs as it is: {first}"
    finally:
        for name, buffer in compiled.module.named_buffers():
            buffer.copy_(buffers[name])
        compiled.module.zero_grad(set_to_none=True)
    return (compiling if quick < plain else None), _words(plain, quick)


def compiled_forward(compiled: CompiledModel, size: int) -> Forward:
    """Return the forward pass through ``torch.compile``; it is compiled when first called.

    Only steps on full batches go through it. The compiler would begin anew for the shorter batch at
    the end of an epoch and for validation, which took 30 s on a network that trains in 2 s.

    Args:
        size: Samples in a full batch.
    """
    # One process builds many models; past a limit of variants torch would run them all eagerly.
    torch.compiler.reset()
    module = torch.compile(compiled.module)

    def forward(batch: Batch) -> tuple[Tensor, ...]:
        if not compiled.module.training or _size(batch) != size:
            return compiled.outputs(batch)
        result = module(*(batch[name] for name in compiled.plan.inputs))
        return (result,) if isinstance(result, Tensor) else tuple(result)

    return forward


def _size(batch: Batch) -> int:
    return len(next(iter(batch.values())))


def _seconds(compiled: CompiledModel, forward: Forward, autocast: Autocast, batch: Batch) -> float:
    """Return what a step takes, after two to warm up."""
    times = []
    for _ in range(_STEPS + 2):
        began = time.perf_counter()
        with autocast():
            outputs = forward(batch)
        compiled.loss(tuple(each.float() for each in outputs), batch).backward()  # type: ignore[no-untyped-call]
        compiled.module.zero_grad(set_to_none=True)
        if outputs[0].is_cuda:
            torch.cuda.synchronize()
        times.append(time.perf_counter() - began)
    return sorted(times[2:])[_STEPS // 2]


def _words(plain: float, quick: float) -> str:
    if quick < plain:
        return f"The compiled model is {plain / quick:.2f} times as fast and is used."
    return f"Compiled it is {quick / plain:.2f} times as slow, so the model runs as it is."
