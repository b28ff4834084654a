"""Torch's own answer to what a layer does, to hold against what the layer's description says."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as the generated source names it
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from nodes import modules
from nodes.errors import LoomError
from nodes.layer import Layer
from nodes.sizes import substitute
from nodes.tensors import Inputs, TensorType

SAMPLES = 2
_DTYPES = {"float": torch.float32, "int": torch.int64, "bool": torch.bool}


@dataclass(frozen=True)
class Verdict:
    """What torch made of a layer and its inputs."""

    outputs: tuple[Tensor, ...]
    parameters: int
    buffers: int
    multiply_adds: int | None
    """For one sample: of matrix products and convolutions, which is what torch counts.

    None where it was not asked to count, which takes several times as long.
    """


def judge(
    layer: Layer, inputs: Inputs, device: str = "meta", *, counts: bool = False
) -> Verdict | None:
    """Build what the layer lowers to and run it; None where torch refuses or nothing is left."""
    try:
        verdict = run(layer, inputs, device, counts=counts)
    except (LoomError, RuntimeError, ValueError, IndexError, AssertionError):
        return None
    except NameError:
        # The batch stands among the sizes of the layer's weights.
        return None
    return verdict if all(output.numel() for output in verdict.outputs) else None


def run(layer: Layer, inputs: Inputs, device: str = "meta", *, counts: bool = False) -> Verdict:
    """Build what the layer lowers to and run it on a batch of two samples."""
    lowering = layer.lower(inputs)
    tensors = {port: [_tensor(one, device) for one in many] for port, many in inputs.key()}
    names: dict[str, object] = {
        port.name: [f"{port.name}[{place}]" for place in range(len(tensors[port.name]))]
        if port.many
        else f"{port.name}[0]"
        for port in layer.inputs()
        if port.name in tensors
    }
    scope: dict[str, object] = {**vars(modules), "torch": torch, "nn": nn, "F": F, **tensors}
    module = nn.Identity()
    with (
        warnings.catch_warnings(),
        torch.no_grad(),
        _without_shortcuts(),
        FlopCounterMode(display=False) if counts else nullcontext() as counter,
    ):
        # Torch copies the input there, which is what an even kernel needs to keep the size.
        warnings.filterwarnings("ignore", "Using padding='same' with even kernel")
        warnings.filterwarnings("ignore", "LSTM with projections is not supported with oneDNN")
        # It tells that it leaves out a shortcut for padded batches.
        warnings.filterwarnings("ignore", "enable_nested_tensor is True")
        if lowering.module is not None:
            with torch.device(device):
                module = eval(lowering.module.source(), scope)
            # In training a batch norm refuses channels with a single value.
            scope["module"] = module.eval()
        output = eval(lowering.expression.format(module="module", **names), scope)
    return Verdict(
        outputs=_flat(output),
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        buffers=sum(buffer.numel() for buffer in module.buffers()),
        multiply_adds=None if counter is None else counter.get_total_flops() // 2 // SAMPLES,
    )


def build(layer: Layer, inputs: Inputs) -> Callable[..., Any]:
    """Return what a layer lowers to as a function of its ports, ready to be used."""
    lowering = layer.lower(inputs)
    scope: dict[str, object] = {**vars(modules), "torch": torch, "nn": nn, "F": F}
    if lowering.module is not None:
        scope["module"] = eval(lowering.module.source(), scope).eval()
    ports = {port.name: port.name for port in layer.inputs()}
    expression = lowering.expression.format(module="module", **ports)
    return lambda **tensors: eval(expression, {**scope, **tensors})


@contextmanager
def _without_shortcuts() -> Iterator[None]:
    """Let attention go the long way: its shortcut is not counted."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    yield
    torch.backends.mha.set_fastpath_enabled(before)


def sizes_of(tensor: TensorType) -> tuple[int, ...]:
    """Return the sizes of a batch of two samples."""
    sizes = []
    for size in tensor.sizes:
        number = substitute(size, {"N": SAMPLES})
        assert isinstance(number, int), f"{size} is free"
        sizes.append(number)
    return tuple(sizes)


def _flat(result: Any) -> tuple[Tensor, ...]:
    if isinstance(result, Tensor):
        return (result,)
    return tuple(tensor for item in result for tensor in _flat(item))


def _tensor(tensor: TensorType, device: str) -> Tensor:
    if tensor.dtype == "float":
        return torch.rand(sizes_of(tensor), device=device)
    return torch.zeros(sizes_of(tensor), dtype=_DTYPES[tensor.dtype], device=device)
