"""The plan, run node by node with the weights of the live module.

For looking into layers, single-stepping, and naming the node in which something went wrong.
Training never goes through here.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from engine.compile.module import CompiledModel, module_of_stage
from engine.compile.steps import Body, Step
from engine.graph.elements import End, NodeId, NodePath, path_told, round_told, told
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
) -> dict[End, Tensor]:
    """Run the model step by step and return what the wanted nodes put out.

    Gradients and training mode are the caller's choice. What no later step needs is let go of,
    unless it is wanted; ``None`` wants everything.

    Args:
        wanted: Of a node that is repeated the whole row, or the round that ``in_round`` names.
        inside: The composites around the wanted nodes, outermost first; ``in_round`` names
            another round than the first.

    Raises:
        GraphError: A node of ``inside`` is no composite of the model.
    """
    place = _Place(compiled.plan, compiled.module, batch)
    for node in inside:
        place = _entered(place, node)
    return _run(place, wanted)


class Computed(NamedTuple):
    """One layer that has just been computed."""

    path: NodePath
    """The composites around it, outermost first, then the node."""

    step: Step
    round: int
    """Of a layer that is repeated, counted from 0."""

    outputs: tuple[Tensor, ...]
    is_loss: bool = False


def walk_through(compiled: CompiledModel, batch: Mapping[str, Tensor]) -> Iterator[Computed]:
    """Compute the model layer by layer, at every depth, in the order of its source.

    What stands inside a composite comes before the composite; then come the losses, where the
    batch has the fields that they need. What is yielded is computed from, so that it is the same
    to the last bit as what the model itself puts out.
    """
    values: dict[End, Tensor] = {}
    plan = compiled.plan
    yield from _walk_into(_Place(plan, compiled.module, batch), (), values)
    if plan.losses and all(field in batch for field in plan.targets):
        yield from _walk_losses(compiled, batch, values)


def run_with(
    compiled: CompiledModel, batch: Mapping[str, Tensor], given: Mapping[End, Tensor]
) -> tuple[Tensor, ...]:
    """Run the model with some layers' outputs given rather than computed; return its outputs.

    Args:
        given: Outputs of layers that put out one thing; they stand in the drawing itself.
    """
    place = _Place(compiled.plan, compiled.module, batch)
    values: dict[End, Tensor] = {}
    for step, arguments in _walk(place, values):
        own = given.get(End(step.node, step.outputs[0]))
        outputs = (own,) if own is not None else _outputs_of(step, place.module, arguments)
        values.update(_named(step, step.node, outputs))
    return tuple(values[end] for end in compiled.plan.outputs)


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
    rounds = _rounds_of(wanted or ())
    for number, (step, arguments) in enumerate(_walk(place, values)):
        outputs = _outputs_of(step, place.module, arguments)
        values.update(_named(step, step.node, outputs))
        if wanted is None or step.node in wanted:
            kept.update(_named(step, step.node, outputs))
        for node, one in rounds.get(step.node, ()):
            after = _outputs_of(step, place.module, arguments, one)
            kept.update(_named(step, node, after))
        for end in [end for end in values if last_use.get(end, -1) <= number]:
            del values[end]
    return kept


def _rounds_of(wanted: Collection[NodeId]) -> dict[NodeId, list[tuple[NodeId, int]]]:
    """Return the ids that name a round, and the round, by the node that they name."""
    rounds: dict[NodeId, list[tuple[NodeId, int]]] = {}
    for node in wanted:
        name, number = round_told(node)
        if number is not None:
            rounds.setdefault(name, []).append((node, number))
    return rounds


def _named(step: Step, node: NodeId, outputs: Sequence[Tensor]) -> Iterator[tuple[End, Tensor]]:
    return zip((End(node, port) for port in step.outputs), outputs, strict=True)


def _entered(place: _Place, node: NodeId) -> _Place:
    """Run up to a composite and return its inside."""
    found = place.body.step_in_round(node)
    if found is None:
        raise _not_a_composite()
    wanted, number = found
    values: dict[End, Tensor] = {}
    for step, arguments in _walk(place, values):
        if step is wanted:
            return _inside(step, place.module, arguments, number or 0)
        outputs = _outputs_of(step, place.module, arguments)
        values.update(_named(step, step.node, outputs))
    raise _not_a_composite()


def _inside(step: Step, module: nn.Module, arguments: Mapping[str, Any], number: int) -> _Place:
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


def _walk_into(place: _Place, around: NodePath, values: dict[End, Tensor]) -> Iterator[Computed]:
    for step, arguments in _walk(place, values):
        given, path = dict(arguments), (*around, step.node)
        outputs: tuple[Tensor, ...] = ()
        for number, stage in enumerate(step.stages):
            if stage.body is None:
                outputs = call_stage(step, place.module, number, given)
            else:
                inner: dict[End, Tensor] = {}
                own = module_of_stage(step, place.module, number)
                inside = _Place(stage.body, own or place.module, given)
                yield from _walk_into(inside, path, inner)
                outputs = _leaving(inside, inner)
            yield Computed(path, step, number, outputs)
            given.update(zip(step.fed, outputs, strict=False))
        values.update(zip((End(step.node, port) for port in step.outputs), outputs, strict=True))


def _leaving(place: _Place, values: Mapping[End, Tensor]) -> tuple[Tensor, ...]:
    """Return what a body puts out; an input may be led straight through."""
    fields = {end: place.entering[n] for end, n in place.body.fields.items() if n in place.entering}
    return tuple(values[end] if end in values else fields[end] for end in place.body.outputs)


def _walk_losses(
    compiled: CompiledModel, batch: Mapping[str, Tensor], values: dict[End, Tensor]
) -> Iterator[Computed]:
    plan = compiled.plan
    body = Body(
        fields=plan.fields, inputs=(), steps=plan.losses, outputs=plan.loss_ends, types=plan.types
    )
    for step, arguments in _walk(_Place(body, compiled.module, batch), values):
        own = module_of_loss(compiled, step)
        outputs = _prepared(step, 0, arguments, own, compiled.namespace)()
        yield Computed((step.node,), step, 0, outputs, is_loss=True)
        values.update(zip((End(step.node, port) for port in step.outputs), outputs, strict=True))


def module_of_loss(compiled: CompiledModel, step: Step) -> nn.Module | None:
    """Return what a step beside the model calls, made anew; None where it calls a function.

    Layers of a loss hold no weights: the source makes them anew for every batch as well.
    """
    made = step.lowering.module
    if made is None:
        return None
    own: nn.Module = eval(made.source(), dict(compiled.namespace))
    return own


def _outputs_of(
    step: Step, module: nn.Module, arguments: Mapping[str, Any], number: int = -1
) -> tuple[Tensor, ...]:
    """Return what a step puts out after one of its rounds, or after the last."""
    number %= len(step.stages)
    return call_stage(step, module, number, _at_round(step, module, arguments, number))


def _at_round(
    step: Step, module: nn.Module, arguments: Mapping[str, Any], number: int
) -> dict[str, Any]:
    """Run the rounds before one and return what arrives at it."""
    given = dict(arguments)
    for before in range(number):
        outputs = call_stage(step, module, before, given)
        given.update(zip(step.fed, outputs, strict=False))
    return given


_expressions: dict[tuple[str, tuple[tuple[str, int], ...]], Any] = {}


def call_stage(
    step: Step, module: nn.Module, number: int, arguments: Mapping[str, Any]
) -> tuple[Tensor, ...]:
    """Run one round of a step and return its outputs.

    Args:
        module: What the step belongs to.
        number: Of the round.
        arguments: What arrives at its ports; a list where a port takes several tensors.
    """
    return prepared_stage(step, module, number, arguments)()


def prepared_stage(
    step: Step,
    module: nn.Module,
    number: int,
    arguments: Mapping[str, Any],
    own: nn.Module | None = None,
) -> Callable[[], tuple[Tensor, ...]]:
    """Return the call that runs one round of a step, with all that goes before it done.

    Args:
        module: What the step belongs to.
        number: Of the round.
        arguments: What arrives at its ports; a list where a port takes several tensors.
        own: What the round calls, where it is no part of ``module``.
    """
    # What the class itself sees: functions that a person wrote are among it.
    known = type(module).forward.__globals__
    called = module_of_stage(step, module, number) if own is None else own
    return _prepared(step, number, arguments, called, known)


def _prepared(
    step: Step,
    number: int,
    arguments: Mapping[str, Any],
    own: nn.Module | None,
    known: Mapping[str, object],
) -> Callable[[], tuple[Tensor, ...]]:
    """Return the evaluation of the template of one round with its inputs as variables.

    Args:
        known: The names of the source, for layers that are functions in it.
    """
    lowering = step.stages[number].lowering
    template = lowering.expression
    lengths = tuple(
        (port, len(value) if port in step.many else 0) for port, value in arguments.items()
    )
    code = _expressions.get((template, lengths))
    if code is None:
        text = template.format(module="_module", **_variables(lengths))
        code = compile(text, "<step>", "eval")
        _expressions[template, lengths] = code
    written = known if lowering.code else {}
    names = {"torch": torch, "F": functional, "nn": nn, "_module": own}
    scope = {**written, **names, **_values(arguments)}
    return lambda: _flat(eval(code, scope))


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
