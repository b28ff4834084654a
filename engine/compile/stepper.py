"""The plan, run node by node with the weights of the live module.

For looking into layers, single-stepping, and naming the node in which something went wrong.
Training never goes through here.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from engine.compile.module import CompiledModel
from engine.compile.plan import Step
from engine.graph.elements import End, NodeId


def run_nodes(
    compiled: CompiledModel,
    batch: Mapping[str, Tensor],
    wanted: Collection[NodeId] | None = None,
) -> dict[End, Tensor]:
    """Run the model step by step and return what the wanted nodes put out.

    Gradients and training mode are the caller's choice. What no later step needs is let go of,
    unless it is wanted; ``None`` wants everything.
    """
    last_use = _last_uses(compiled)
    values: dict[End, Tensor] = {}
    kept: dict[End, Tensor] = {}
    for place, (step, outputs) in enumerate(walk(compiled, batch, values)):
        for port, tensor in zip(step.outputs, outputs, strict=True):
            end = End(step.node, port)
            values[end] = tensor
            if wanted is None or step.node in wanted:
                kept[end] = tensor
        for end in [end for end in values if last_use.get(end, -1) <= place]:
            del values[end]
    return kept


def walk(
    compiled: CompiledModel, batch: Mapping[str, Tensor], values: Mapping[End, Tensor]
) -> Iterator[tuple[Step, tuple[Tensor, ...]]]:
    """Run one step after the other; whoever listens puts the results into ``values``."""
    plan = compiled.plan
    fields = {end: batch[name] for end, name in plan.fields.items() if name in batch}
    for step in plan.steps:
        arguments: dict[str, Any] = {}
        for port, ends in step.inputs.items():
            tensors = [values[end] if end in values else fields[end] for end in ends]
            arguments[port] = tensors if port in step.many else tensors[0]
        module = getattr(compiled.module, step.name, None)
        yield step, _call(step, module, arguments)


_expressions: dict[tuple[str, tuple[tuple[str, int], ...]], Any] = {}


def _call(step: Step, module: nn.Module | None, arguments: Mapping[str, Any]) -> tuple[Tensor, ...]:
    """Evaluate a step's own template with its inputs as variables."""
    lengths = tuple(
        (port, len(value) if port in step.many else 0) for port, value in arguments.items()
    )
    key = (step.lowering.expression, lengths)
    code = _expressions.get(key)
    if code is None:
        text = step.lowering.expression.format(module="_module", **_variables(lengths))
        code = compile(text, "<step>", "eval")
        _expressions[key] = code
    scope = {"torch": torch, "F": functional, "nn": nn, "_module": module, **_values(arguments)}
    result = eval(code, scope)
    return _flat(result)


def _variables(lengths: tuple[tuple[str, int], ...]) -> dict[str, object]:
    return {
        port: [f"_{port}_{number}" for number in range(count)] if count else f"_{port}"
        for port, count in lengths
    }


def _values(arguments: Mapping[str, Any]) -> dict[str, Tensor]:
    scope: dict[str, Tensor] = {}
    for port, value in arguments.items():
        if isinstance(value, list):
            scope.update((f"_{port}_{number}", tensor) for number, tensor in enumerate(value))
        else:
            scope[f"_{port}"] = value
    return scope


def _flat(result: Any) -> tuple[Tensor, ...]:
    if isinstance(result, Tensor):
        return (result,)
    return tuple(tensor for item in result for tensor in _flat(item))


def _last_uses(compiled: CompiledModel) -> dict[End, int]:
    return {
        end: place
        for place, step in enumerate(compiled.plan.steps)
        for ends in step.inputs.values()
        for end in ends
    }
