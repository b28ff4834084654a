"""Composites as classes of the source.

All uses of a definition are laid side by side. Uses that differ in nothing but values that
constructors are given become one class, and the values that differ become arguments of its own
constructor; uses that differ in more become a class each.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from engine.analysis.report import ShapeReport
from engine.compile.rows import Row, Segment, row
from engine.compile.steps import Body, GeneratedClass, Stage, Step
from engine.graph.elements import Definition, End, NodePath, Value
from engine.graph.learning import learning_fields
from engine.graph.names import class_name, identifier, unique
from nodes.layer import Call, Expression, Setting
from nodes.tensors import TensorType

_POSITIONAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"nn\.Conv\w+", ("in_channels", "out_channels", "kernel_size")),
    (r"nn\.Linear", ("in_features", "out_features")),
    (r"nn\.(Batch|Instance)Norm\w+", ("num_features",)),
    (r"nn\.GroupNorm", ("num_groups", "num_channels")),
    (r"nn\.LayerNorm|nn\.RMSNorm", ("normalized_shape",)),
    (r"nn\.Embedding\w*", ("num_embeddings", "embedding_dim")),
    (r"nn\.(LSTM|GRU|RNN)", ("input_size", "hidden_size")),
    (r"nn\.MultiheadAttention", ("embed_dim", "num_heads")),
    (r"nn\.\w*Dropout\w*", ("p",)),
    (r"nn\.Adaptive\w+", ("output_size",)),
    (r"nn\.\w+Pool\dd", ("kernel_size",)),
)
"""What torch calls arguments that are given by their place."""

_RESERVED = frozenset({"nn", "torch", "i", "_", "range"})


class Use(NamedTuple):
    """A use of a definition that differs from those before it."""

    key: str
    definition: Definition
    values: Mapping[str, Value]
    body: Body
    path: NodePath


class Uses:
    """What the composites of a drawing compute, each once; inner ones before outer ones."""

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self.taken = taken
        """Names that mean something else in the source: no layer has one."""
        self._by_report: dict[int, tuple[ShapeReport, Body]] = {}
        self._all: list[Use] = []

    def body_of(self, report: ShapeReport) -> Body | None:
        """Return what an inside computes, where it was met before."""
        found = self._by_report.get(id(report))
        return found[1] if found is not None else None

    def add(self, report: ShapeReport, use: Use) -> None:
        """Add what was found inside of a use."""
        self._by_report[id(report)] = (report, use.body)
        self._all.append(use)

    def by_definition(self) -> Iterator[list[Use]]:
        """Yield the uses of each definition, after those of the definitions within it."""
        groups: dict[str, list[Use]] = {}
        for use in self._all:
            groups.setdefault(use.key, []).append(use)
        keys = {id(use.body): use.key for use in self._all}
        inner = {
            key: {keys[id(body)] for use in group for body in _bodies_in(use.body.steps)}
            for key, group in groups.items()
        }
        done: set[str] = set()
        while len(done) < len(groups):
            ready = [key for key in groups if key not in done and inner[key] <= done]
            for key in ready:
                yield groups[key]
            done.update(ready)


Finish: TypeAlias = Callable[[Sequence[Step]], tuple[Step, ...]]


def generated(uses: Uses, taken: set[str]) -> tuple[tuple[GeneratedClass, ...], Finish]:
    """Return the classes, and what puts calls of them into steps.

    Args:
        taken: Names that no class can have.
    """
    making = _Making(taken)
    for group in uses.by_definition():
        making.add(group)
    return tuple(making.classes), making.finished


def _bodies_in(steps: Sequence[Step]) -> Iterator[Body]:
    return (stage.body for step in steps for stage in step.stages if stage.body is not None)


class _Making:
    """The classes made so far."""

    def __init__(self, taken: set[str]) -> None:
        self.classes: list[GeneratedClass] = []
        self._taken = set(taken)
        self._calls: dict[int, Call] = {}

    def finished(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """Return steps that call the classes."""
        return tuple(self._finished(step) for step in steps)

    def _finished(self, step: Step) -> Step:
        stages = tuple(self._finished_stage(stage) for stage in step.stages)
        calls = [stage.lowering.module for stage in stages if stage.lowering.module is not None]
        module = stages[0].lowering.module
        if step.holding == "sequential":
            module = row("nn.Sequential", calls)
        elif step.holding == "list":
            module = row("nn.ModuleList", calls)
        lowering = replace(stages[0].lowering, module=module)
        return replace(step, stages=stages, lowering=lowering)

    def _finished_stage(self, stage: Stage) -> Stage:
        if stage.body is None:
            return stage
        return replace(stage, lowering=replace(stage.lowering, module=self._calls[id(stage.body)]))

    def add(self, group: list[Use]) -> None:
        """Make the classes of one definition."""
        alike: dict[object, list[tuple[Use, Body]]] = {}
        for use in group:
            body = replace(use.body, steps=self.finished(use.body.steps))
            alike.setdefault(_form_of(body), []).append((use, body))
        for variants in alike.values():
            self._make([use for use, _ in variants], [body for _, body in variants])

    def _make(self, uses: list[Use], bodies: list[Body]) -> None:
        name = self._free_name(class_name(uses[0].definition.name))
        table = _Arguments(uses)
        steps = tuple(
            _with_module(step, table.joined([_module(body, place) for body in bodies], step.name))
            for place, step in enumerate(bodies[0].steps)
        )
        self.classes.append(
            GeneratedClass(
                name=name,
                title=uses[0].definition.name,
                arguments=tuple((one, _annotation(values)) for values, one in table.names.items()),
                body=replace(bodies[0], steps=steps),
                shapes=_shapes([body.types for body in bodies], table),
                path=uses[0].path,
            )
        )
        for number, use in enumerate(uses):
            given = tuple((one, values[number].value) for values, one in table.names.items())
            self._calls[id(use.body)] = Call(name, kwargs=given)

    def _free_name(self, wanted: str) -> str:
        numbered = (f"{wanted}{number}" for number in itertools.count(2))
        names = itertools.chain((wanted,), numbered)
        name = next(name for name in names if name not in self._taken)
        self._taken.add(name)
        return name


def _module(body: Body, place: int) -> Call | None:
    return body.steps[place].lowering.module


def _with_module(step: Step, module: Call | None) -> Step:
    return replace(step, lowering=replace(step.lowering, module=module))


class _Typed(NamedTuple):
    """A value with its type: for Python 1, 1.0 and True are equal, for a layer they are not."""

    type: type
    value: object


Values: TypeAlias = tuple[_Typed, ...]
"""One value for each use."""


def _typed(value: object) -> _Typed:
    return _Typed(type(value), value)


class _Arguments:
    """The arguments of one class: one for all places whose values differ in the same way."""

    def __init__(self, uses: Sequence[Use]) -> None:
        self.names: dict[Values, str] = {}
        self._parameters: dict[Values, str] = {}
        for name in uses[0].definition.parameters:
            values = [use.values[name] for use in uses]
            if all(map(_is_plain, values)):
                self._parameters.setdefault(tuple(map(_typed, values)), name)

    def joined(self, calls: Sequence[Call | None], step: str) -> Call | None:
        """Return the call that stands for all of them, arguments in the place of values."""
        present = [call for call in calls if call is not None]
        if not present:
            return None
        first = present[0]
        if isinstance(first, Row):
            rows = [call for call in present if isinstance(call, Row)]
            segments = (
                Segment(self._joined([one.segments[place].call for one in rows], step), part.count)
                for place, part in enumerate(first.segments)
            )
            return Row(first.target, segments=tuple(segments))
        return self._joined(present, step)

    def _joined(self, calls: Sequence[Call], step: str) -> Call:
        positional = _positional_names(calls[0].target)
        args = tuple(
            self._value([call.args[place] for call in calls], positional(place), step)
            for place in range(len(calls[0].args))
        )
        keywords = tuple(
            (name, self._value([_keyword(call, name, calls) for call in calls], name, step))
            for name in dict.fromkeys(name for call in calls for name, _ in call.kwargs)
        )
        return Call(calls[0].target, args, keywords)

    def _value(self, values: Sequence[object], name: str, step: str) -> object:
        typed = tuple(map(_typed, values))
        if len(set(typed)) == 1:
            return values[0]
        if typed not in self.names:
            taken = {*self.names.values(), *_RESERVED}
            wanted = identifier(self._parameters.get(typed, name), fallback="value")
            if wanted in taken:
                wanted = identifier(f"{step}_{name}")
            self.names[typed] = unique(wanted, taken)
        return Expression(self.names[typed])


def _is_plain(value: object) -> bool:
    return isinstance(value, int | float | str | bool)


def _positional_names(target: str) -> Callable[[int], str]:
    names = next((names for form, names in _POSITIONAL if re.fullmatch(form, target)), ())
    return lambda place: names[place] if place < len(names) else "size"


def _keyword(call: Call, name: str, others: Sequence[Call]) -> object:
    """Return what a call gives a keyword: torch's own default where it does not write it."""
    pairs = (pair for one in (call, *others) for pair in one.kwargs if pair[0] == name)
    own = dict(call.kwargs)
    if name in own:
        return own[name]
    return next(pair.default for pair in pairs if isinstance(pair, Setting))


def _form_of(body: Body) -> object:
    """Return what uses of one class have in common: all but the values of calls."""
    return body.inputs, body.outputs, tuple(_form_of_step(step) for step in body.steps)


def _form_of_step(step: Step) -> object:
    return (
        step.node,
        step.name,
        step.module_name,
        step.frozen,
        *(getattr(step.learning, field.name) for field in learning_fields()),
        tuple(step.inputs.items()),
        step.outputs,
        step.holding,
        step.fed,
        tuple((stage.lowering.expression, stage.lowering.unpack) for stage in step.stages),
        _form_of_call(step.lowering.module),
    )


def _form_of_call(call: Call | None) -> object:
    if call is None:
        return None
    if isinstance(call, Row):
        return call.target, tuple((_form_of_call(part.call), part.count) for part in call.segments)
    named = tuple((name, _text_of(value)) for name, value in call.kwargs)
    fixed = tuple(
        pair for pair, given in zip(named, call.kwargs, strict=True) if not _has_default(given)
    )
    rules = tuple(pair for pair in named if pair[1])
    return call.target, tuple(map(_text_of, call.args)), fixed, rules


def _has_default(pair: tuple[str, object]) -> bool:
    return isinstance(pair, Setting)


def _text_of(value: object) -> str:
    return value.text if isinstance(value, Expression) else ""


def _annotation(values: Values) -> str:
    """Return the type of an argument as the source writes it."""
    return " | ".join(dict.fromkeys(_type_name(value.value) for value in values))


def _type_name(value: object) -> str:
    if isinstance(value, tuple):
        return f"tuple[{', '.join(_type_name(item) for item in value)}]"
    return "None" if value is None else type(value).__name__


def _shapes(types: Sequence[Mapping[End, TensorType]], table: _Arguments) -> dict[End, str]:
    """Write what is the same in all uses, arguments in the place of sizes that follow them."""
    shapes = {}
    for end in types[0]:
        sizes = [one[end].sizes for one in types if end in one]
        if len(sizes) == len(types) and len({len(one) for one in sizes}) == 1:
            axes = [_axis(values, table) for values in zip(*sizes, strict=True)]
            if all(axes):
                shapes[end] = f"({', '.join(axes)},)" if len(axes) == 1 else f"({', '.join(axes)})"
    return shapes


def _axis(values: Sequence[object], table: _Arguments) -> str:
    if len(set(values)) == 1:
        return str(values[0])
    return table.names.get(tuple(map(_typed, values)), "")
