"""The plan, run node by node with the weights of the live module.

For looking into layers, single-stepping, and naming the node in which something went wrong.
Training never goes through here.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from engine.compile.module import CompiledModel, module_of_stage
from engine.compile.steps import Body, Step
from engine.graph.elements import End, NodeId, NodePath, path_told, told
from nodes.errors import GraphError


class _Place(NamedTuple):
    """A body with its live module, and what enters it."""

    body: Body
    module: nn.Module
    entering: Mapping[str, Tensor]


def run_nodes(
    compiled: CompiledModel,
    batch: Mapping[str, Tensor],
    wanted: Collection[NodeId] | None = None,
    *,
    inside: NodePath = (),
    round_number: int = 0,
) -> dict[End, Tensor]:
    """Run the model step by step and return what the wanted nodes put out.

    Gradients and training mode are the caller's choice. What no later step needs is let go of,
    unless it is wanted; ``None`` wants everything.

    Args:
        inside: The composites around the wanted nodes, outermost first.
        round_number: Which round of the innermost of them is meant, where it is repeated.

    Raises:
        GraphError: A node of ``inside`` is no composite of the model.
    """
    place = _Place(compiled.plan, compiled.module, batch)
    for node in inside:
        place = _entered(place, node, round_number if node == inside[-1] else 0)
    return _run(place, wanted)


def run_at_any_depth(
    compiled: CompiledModel, batch: Mapping[str, Tensor], wanted: Collection[NodeId]
) -> dict[End, Tensor]:
    """Run the model and return what nodes put out, those inside of composites among them.

    Args:
        wanted: Ids, or whole paths as ``told`` writes them; the results are named alike.
    """
    by_place: dict[NodePath, set[NodeId]] = {}
    for node in wanted:
        *around, last = (node,) if compiled.plan.step_of(node) else path_told(node)
        by_place.setdefault(tuple(around), set()).add(last)
    found: dict[End, Tensor] = {}
    for inside, nodes in by_place.items():
        for end, tensor in run_nodes(compiled, batch, nodes, inside=inside).items():
            found[End(told((*inside, end.node)), end.port)] = tensor
    return found


def run_from(compiled: CompiledModel, node: NodeId, output: Tensor) -> tuple[Tensor, ...]:
    """Return what the model puts out where a node puts out something else.

    What the rest of the model takes from the data set is zero, and the batch is that of ``output``.

    Args:
        node: A node of the drawing itself with one output.

    Shapes:
        output: (N, ...)
    """
    plan = compiled.plan
    types = {name: plan.types[end] for end, name in plan.fields.items()}
    entering = {
        name: output.new_zeros(
            (len(output), *(int(str(size)) for size in types[name].sizes[1:])),
            dtype=torch.float32 if types[name].dtype == "float" else torch.int64,
        )
        for name in types
    }
    values: dict[End, Tensor] = {}
    for step, arguments in _walk(_Place(plan, compiled.module, entering), values):
        if step.node == node:
            outputs: tuple[Tensor, ...] = (output,)
        else:
            outputs = _outputs_of(step, compiled.module, arguments)
        values.update(zip((End(step.node, port) for port in step.outputs), outputs, strict=True))
    return tuple(values[end] for end in plan.outputs)


def _run(place: _Place, wanted: Collection[NodeId] | None) -> dict[End, Tensor]:
    last_use = _last_uses(place.body)
    values: dict[End, Tensor] = {}
    kept: dict[End, Tensor] = {}
    for number, (step, arguments) in enumerate(_walk(place, values)):
        outputs = _outputs_of(step, place.module, arguments)
        for port, tensor in zip(step.outputs, outputs, strict=True):
            end = End(step.node, port)
            values[end] = tensor
            if wanted is None or step.node in wanted:
                kept[end] = tensor
        for end in [end for end in values if last_use.get(end, -1) <= number]:
            del values[end]
    return kept


def _entered(place: _Place, node: NodeId, round_number: int) -> _Place:
    """Run up to a composite and return its inside."""
    values: dict[End, Tensor] = {}
    for step, arguments in _walk(place, values):
        if step.node == node:
            return _inside(step, place.module, arguments, round_number)
        outputs = _outputs_of(step, place.module, arguments)
        values.update(zip((End(step.node, port) for port in step.outputs), outputs, strict=True))
    raise _not_a_composite()


def _inside(
    step: Step, module: nn.Module, arguments: Mapping[str, Any], round_number: int
) -> _Place:
    number = min(round_number, len(step.stages) - 1)
    body, own = step.stages[number].body, module_of_stage(step, module, number)
    if body is None or own is None:
        raise _not_a_composite()
    return _Place(body, own, _at_round(step, module, arguments, number))


def _not_a_composite() -> GraphError:
    return GraphError(
        "There is nothing inside",
        why="The block is no composite, or it is not part of the model.",
        hint="Choose another block.",
    )


def _walk(place: _Place, values: Mapping[End, Tensor]) -> Iterator[tuple[Step, dict[str, Any]]]:
    """Yield one step after the other with its arguments; the caller fills ``values``."""
    entering = place.entering
    fields = {end: entering[name] for end, name in place.body.fields.items() if name in entering}
    for step in place.body.steps:
        arguments: dict[str, Any] = {}
        for port, ends in step.inputs.items():
            tensors = [values[end] if end in values else fields[end] for end in ends]
            arguments[port] = tensors if port in step.many else tensors[0]
        yield step, arguments


def _outputs_of(step: Step, module: nn.Module, arguments: Mapping[str, Any]) -> tuple[Tensor, ...]:
    last = len(step.stages) - 1
    return _call(step, module, last, _at_round(step, module, arguments, last))


def _at_round(
    step: Step, module: nn.Module, arguments: Mapping[str, Any], number: int
) -> dict[str, Any]:
    """Run the rounds before one and return what arrives at it."""
    given = dict(arguments)
    for before in range(number):
        outputs = _call(step, module, before, given)
        given.update(zip(step.fed, outputs, strict=False))
    return given


_expressions: dict[tuple[str, tuple[tuple[str, int], ...]], Any] = {}


def _call(
    step: Step, module: nn.Module, number: int, arguments: Mapping[str, Any]
) -> tuple[Tensor, ...]:
    """Evaluate the template of one round of a step with its inputs as variables."""
    template = step.stages[number].lowering.expression
    lengths = tuple(
        (port, len(value) if port in step.many else 0) for port, value in arguments.items()
    )
    code = _expressions.get((template, lengths))
    if code is None:
        text = template.format(module="_module", **_variables(lengths))
        code = compile(text, "<step>", "eval")
        _expressions[template, lengths] = code
    own = module_of_stage(step, module, number)
    scope = {"torch": torch, "F": functional, "nn": nn, "_module": own, **_values(arguments)}
    return _flat(eval(code, scope))


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


def _last_uses(body: Body) -> dict[End, int]:
    return {
        end: place
        for place, step in enumerate(body.steps)
        for ends in step.inputs.values()
        for end in ends
    }
