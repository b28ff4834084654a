"""Running a layer of one's own to see what it does; only in a process that holds torch.

On the meta device nothing is computed: only sizes are. A layer that needs numbers, because it asks
for one or goes by one, is run on the processor with small ones.
"""

import contextlib
import linecache
import math
import types
from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from engine.own_layers.probing import (
    Broke,
    Outcome,
    Ran,
    Shape,
    Trial,
    Tried,
    answer_from,
    trial_of,
)
from engine.own_layers.trust import check_texts
from nodes.own_code import read_code
from nodes.own_layer import Answer, Question
from nodes.tensors import DType

_FILE: Final = "<own layer>"
_LARGEST: Final = 50_000_000
"""How many numbers a layer is handed at most where they are real."""

_TYPES: Final[Mapping[DType, torch.dtype]] = {
    "float": torch.float32,
    "int": torch.int64,
    "bool": torch.bool,
}


def find_here(question: Question) -> Answer:
    """Answer a question in this process.

    Raises:
        TrustError: The person does not trust the code.
    """
    code = read_code(question.text)
    many = (port.name for port in code.inputs if port.many)
    return answer_from(question, tried(trial_of(question, many)), code.outputs)


def tried(trial: Trial) -> Outcome:
    """Run a layer with what is to be tried.

    Raises:
        TrustError: The person does not trust the code.
    """
    check_texts((trial.text,), trial.name)
    outcome = _tried_on(trial, "meta")
    if isinstance(outcome, Ran) or _numbers(trial) > _LARGEST:
        return outcome
    # Also for the words: what torch says of numbers that are there is easier to read.
    return _tried_on(trial, "cpu")


def warm_up() -> None:
    """Let torch import what it needs on the meta device: seconds that no layer is to answer for."""
    with torch.no_grad(), FlopCounterMode(display=False), torch.device("meta"):
        x = nn.Conv2d(3, 4, 3)(torch.full((2, 3, 8, 8), 1.0)) * 2.0
        torch.cat([x, torch.roll(x, 1, 1)], 1).softmax(1).flatten(1).mean(1)


def _tried_on(trial: Trial, device: str) -> Outcome:
    try:
        layer = _made(trial, device)
        runs = [_run(layer, trial, one, device) for one in trial.runs]
    except Exception as error:  # noqa: BLE001 - whatever a person's own code raises
        return _told(trial, error)
    shapes = tuple(tuple(map(_shape, outputs)) for outputs, _ in runs)
    module = layer if isinstance(layer, nn.Module) else nn.Module()
    return Ran(
        outputs=shapes,
        parameters=sum(one.numel() for one in module.parameters()),
        buffers=sum(one.numel() for one in module.buffers()),
        multiply_adds=tuple(count for _, count in runs),
    )


def _made(trial: Trial, device: str) -> Any:
    linecache.cache[_FILE] = (len(trial.text), None, trial.text.splitlines(keepends=True), _FILE)
    module = types.ModuleType("own_layer")
    exec(compile(trial.text, _FILE, "exec"), module.__dict__)
    target = module.__dict__[trial.name]
    params = {name: _as_tuple(value) for name, value in trial.params.items()}
    if not read_code(trial.text).is_module:
        return lambda *args, **kwargs: target(*args, **kwargs, **params)
    with torch.device(device):
        return target(**params)


def _as_tuple(value: object) -> object:
    """Return a tuple where JSON made a list of one."""
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


def _run(layer: Any, trial: Trial, entering: Tried, device: str) -> tuple[list[Tensor], int]:
    optional = {port.name for port in read_code(trial.text).inputs if port.optional}
    args, kwargs = [], {}
    for port, shapes in entering:
        tensors = [_tensor(shape, device) for shape in shapes]
        value = tensors if port in trial.many else tensors[0]
        if port in optional:
            kwargs[port] = value
        else:
            args.append(value)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        result = layer(*args, **kwargs)
    return _flat(result), counter.get_total_flops() // 2


def _tensor(shape: Shape, device: str) -> Tensor:
    if device == "meta":
        return torch.empty(shape.sizes, dtype=_TYPES[shape.dtype], device="meta")
    if shape.dtype == "float":
        return torch.rand(shape.sizes)
    return torch.zeros(shape.sizes, dtype=_TYPES[shape.dtype])


def _flat(result: object) -> list[Tensor]:
    if isinstance(result, Tensor):
        return [result]
    if isinstance(result, Sequence) and not isinstance(result, str):
        return [tensor for item in result for tensor in _flat(item)]
    raise TypeError(f"forward returns {type(result).__name__}; a layer returns tensors")


def _shape(tensor: Tensor) -> Shape:
    if tensor.dtype == torch.bool:
        return Shape(tuple(tensor.shape), "bool")
    return Shape(tuple(tensor.shape), "float" if tensor.is_floating_point() else "int")


def _numbers(trial: Trial) -> int:
    return sum(
        math.prod(shape.sizes) for run in trial.runs for _, shapes in run for shape in shapes
    )


def _told(trial: Trial, error: Exception) -> Broke:
    if isinstance(error, ModuleNotFoundError):
        return Broke(
            title=f"{trial.name} needs a package that is not installed",
            why=f"It imports “{error.name}”. Install that, or remove the layer.",
            line=_line(error),
        )
    text = ""
    with contextlib.suppress(Exception):  # a message may be made by code of the same kind
        text = str(error)
    said = " ".join(text.split())[:400]
    why = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return Broke(title=f"{trial.name} fails when it runs", why=f"{why}.", line=_line(error))


def _line(error: BaseException) -> int:
    """Return the innermost line of the person's own text that an error came through."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
