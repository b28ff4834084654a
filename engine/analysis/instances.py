"""Layers that stand for more than one: uses of composites, and repeats.

Both are layers like any other to whoever asks for ports, types and calls, so that the walk, the
judgement of wires and the cards need to know nothing of them.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import ClassVar, Final, NamedTuple

from engine.analysis.library import INDEX, MOST_LAYERS, Library, Setting
from engine.analysis.report import Nested, ShapeReport
from engine.graph.composites import COMPOSITE, MOST_REPEATS, inputs_of, outputs_of
from engine.graph.elements import Definition, Formula, Node, Value
from engine.graph.expressions import evaluate, names_in
from engine.own_layers.trust import is_trusted, untrusted
from nodes.catalogue import make_layer, set_up
from nodes.errors import FormulaError, GraphError, ParameterError, ShapeError
from nodes.io import Composite
from nodes.layer import Layer, LayerInfo, Lowering, Port
from nodes.own_code import read_code
from nodes.own_layer import OWN_LAYER, UnansweredError, own_kind
from nodes.sizes import Size
from nodes.tensors import Inputs, TensorType

TOO_MANY: Final = "LL-S032"
"""A drawing unfolds into more layers than can be handled."""


class InsideError(ShapeError):
    """The inside of a composite has errors of its own."""

    def __init__(self, key: str, body: ShapeReport) -> None:
        first = body.errors[0]
        super().__init__(first.title, why=first.text, reason=first.reason, code=first.code)
        self.key = key
        self.body = body


class Instance(Nested, frozen=True, kw_only=True):
    """One use of a composite, its parameters set."""

    info: ClassVar = Composite.info
    key: str
    definition: Definition
    values: Mapping[str, Value]
    """What the names in its formulas stand for."""

    library: Library

    def inputs(self) -> tuple[Port, ...]:
        return tuple(Port(name=name) for name in dict(inputs_of(self.definition.graph)))

    def outputs(self) -> tuple[Port, ...]:
        return tuple(Port(name=name) for name in dict(outputs_of(self.definition.graph)))

    def inside(self, inputs: Inputs | None, number: int = 0) -> ShapeReport:
        """Return the report on the inside; without ``inputs`` nothing arrives there."""
        del number  # it stands once
        entering = {port: tensors[0] for port, tensors in inputs.key()} if inputs else {}
        return self.library.body(self.key, Setting(self.values, entering))

    def inside_after(self, inputs: Inputs, earlier: ShapeReport | None) -> ShapeReport:
        """Return the report on the inside, taking from an earlier one what did not change."""
        entering = {port: tensors[0] for port, tensors in inputs.key()}
        return self.library.body(self.key, Setting(self.values, entering), earlier)

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        body = self.inside(inputs)
        if body.errors:
            raise InsideError(self.key, body)
        if body.questions:
            raise UnansweredError(body.questions)
        found = (body.nodes[end.node].inputs for end in outputs_of(body.graph))
        types = tuple(arriving["x"] for arriving in found if arriving is not None)
        if not types:
            raise ShapeError(
                f"{self.definition.name} gives nothing back",
                why="It has no output inside.",
                hint="Open it and add an output.",
                reason="has no output",
                code="LL-S031",
            )
        return types

    def lower(self, inputs: Inputs) -> Lowering:
        """Return the call; which class it is of is known once all uses are."""
        arguments = ", ".join(f"{{{port}}}" for port, _ in inputs.key())
        return Lowering(expression=f"{{module}}({arguments})")

    def parameters(self, inputs: Inputs) -> int:
        return self.inside(inputs).totals.parameters

    def buffers(self, inputs: Inputs) -> int:
        return self.inside(inputs).totals.buffers

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        return self.inside(inputs).totals.multiply_adds

    def on_card(self, inputs: Inputs | None) -> str:
        if inputs is None:
            return ""
        found = self.inside(inputs).totals
        layers = f"{found.layers} layer{'' if found.layers == 1 else 's'}"
        return " · ".join(part for part in (layers, _short(found.parameters)) if part)


def _short(count: int) -> str:
    """Write a count of weights as cards do: ``592``, ``4.6 k``, ``1.2 M``; nothing for none."""
    for unit, size in (("M", 10**6), ("k", 10**3)):
        if count >= size:
            return f"{count / size:.1f}\u202f{unit}"
    return str(count) if count else ""


class Round(NamedTuple):
    """One time that a repeated layer stands in the row."""

    layer: Layer
    inputs: Inputs
    outputs: tuple[TensorType, ...]


class Repeated(Nested, frozen=True, kw_only=True):
    """A layer several times in a row: what one puts out arrives at the next, port by port.

    Inputs beyond the outputs, and inputs that are not connected, are the same each time.
    """

    rounds: tuple[Layer, ...]
    shared: bool = False
    """All of them are one module."""

    @property
    def info(self) -> LayerInfo:  # type: ignore[override]
        """What people read about the layer that is repeated."""
        return self.rounds[0].info

    def inputs(self) -> tuple[Port, ...]:
        return self.rounds[0].inputs()

    def outputs(self) -> tuple[Port, ...]:
        return self.rounds[0].outputs()

    def each(self, inputs: Inputs) -> Iterator[Round]:
        """Yield the rounds with what arrives at each.

        Raises:
            ShapeError: One of them cannot take what the one before puts out.
        """
        fed = self.fed(inputs)
        for layer in self.rounds:
            outputs = layer.infer(inputs)
            yield Round(layer, inputs, outputs)
            arriving = dict(inputs.key())
            arriving.update((port, (tensor,)) for port, tensor in zip(fed, outputs, strict=False))
            inputs = Inputs(arriving)

    def inside(self, inputs: Inputs | None, number: int = 0) -> ShapeReport | None:
        """Return the report on the inside of a round, or of the one that has errors."""
        number = min(number, len(self.rounds) - 1)
        chosen = self.rounds[number]
        if not isinstance(chosen, Instance):
            return None
        try:
            if inputs is not None:
                self.infer(inputs)
                inputs = self.arriving(inputs, number)
        except InsideError as error:
            return error.body
        except ShapeError:
            pass
        return chosen.inside(inputs)

    def arriving(self, inputs: Inputs, number: int) -> Inputs:
        """Return what arrives at a round.

        Raises:
            ShapeError: One of those before cannot take what arrives there.
        """
        return next(itertools.islice(self.each(inputs), number, None)).inputs

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        count = 0
        outputs: tuple[TensorType, ...] = ()
        for found in self.each(inputs):
            outputs = found.outputs
            count += layers_in(found.layer, found.inputs)
            if count > MOST_LAYERS:
                raise too_many_layers(count)
        if self.shared:
            self._check_shared(inputs)
        return outputs

    def lower(self, inputs: Inputs) -> Lowering:
        """Return the call of the first round; the compiler writes the row itself."""
        return self.rounds[0].lower(inputs)

    def parameters(self, inputs: Inputs) -> int:
        return sum(found.layer.parameters(found.inputs) for found in self.modules(inputs))

    def buffers(self, inputs: Inputs) -> int:
        return sum(found.layer.buffers(found.inputs) for found in self.modules(inputs))

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del outputs
        total: Size = 0
        for found in self.each(inputs):
            total = total + found.layer.multiply_adds(found.inputs, found.outputs)
        return total

    def on_card(self, inputs: Inputs | None) -> str:
        row = f"×{len(self.rounds)}{' shared' if self.shared else ''}"
        return " · ".join(part for part in (self.rounds[0].on_card(inputs), row) if part)

    def modules(self, inputs: Inputs) -> tuple[Round, ...]:
        """Return the rounds that have weights of their own."""
        rounds = tuple(self.each(inputs))
        return rounds[:1] if self.shared else rounds

    def fed(self, inputs: Inputs) -> tuple[str, ...]:
        """Return the inputs that the outputs of a round arrive at, in order.

        Raises:
            ShapeError: The layer has none, or it takes a list.
        """
        connected = dict(inputs.key())
        ports = [port for port in self.inputs() if port.name in connected]
        fed = ports[: len(self.outputs())]
        if fed and not any(port.many for port in fed):
            return tuple(port.name for port in fed)
        raise ShapeError(
            f"{self.info.title} cannot be repeated",
            why="What one round puts out must arrive at one input of the next.",
            hint="Set the number of repeats to 1.",
            reason="cannot be repeated",
            code="LL-S033",
        )

    def _check_shared(self, inputs: Inputs) -> None:
        first, *others = (construction(found.layer, found.inputs) for found in self.each(inputs))
        if any(other != first for other in others):
            raise ShapeError(
                "The rounds cannot share weights",
                why="Their weights are of different sizes.",
                hint="Keep the sizes the same from round to round, or give each its own weights.",
                reason="sizes differ",
                code="LL-S034",
            )


def too_many_layers(count: int) -> ShapeError:
    """Return what is said where a drawing unfolds into more layers than can be handled."""
    return ShapeError(
        "The drawing is too large",
        why=f"With all repeats and composites it has at least {count:,} layers; at most "
        f"{MOST_LAYERS:,} are computed.".replace(",", "\u202f"),
        hint="Repeat less often.",
        reason="too many layers",
        code=TOO_MANY,
    )


def layers_in(layer: Layer, inputs: Inputs) -> int:
    """Return how many layers one layer stands for."""
    if isinstance(layer, Instance):
        return layer.inside(inputs).totals.layers
    if isinstance(layer, Repeated):
        return sum(layers_in(found.layer, found.inputs) for found in layer.each(inputs))
    return 1


def construction(layer: Layer, inputs: Inputs) -> object:
    """Return a value that is equal for layers whose weights are interchangeable."""
    if isinstance(layer, Repeated):
        return [construction(found.layer, found.inputs) for found in layer.modules(inputs)]
    if isinstance(layer, Instance):
        reports = layer.inside(inputs).nodes
        return {
            node: construction(found.layer, found.inputs)
            for node, found in reports.items()
            if found.layer is not None and found.inputs is not None
        }
    return layer.lower(inputs).module


def bound(node: Node, values: Mapping[str, Value], library: Library) -> Layer:
    """Return the layer that a node is, as often as it is repeated.

    Args:
        values: What the names in its formulas stand for.

    Raises:
        LoomError: Its kind or its definition is not known, or a parameter is wrong.
    """
    times = _times(node, values)
    if times == 1:
        return _once(node, values, {"i": 0, "n": 1}, library)
    if not _differs(node, library):
        return Repeated(
            rounds=(_once(node, values, {"i": 0, "n": times}, library),) * times,
            shared=node.share_weights,
        )
    rounds = [{"i": number, "n": times} for number in range(times)]
    layers = (_once(node, {**values, **index}, index, library) for index in rounds)
    return Repeated(rounds=tuple(layers), shared=node.share_weights)


def _differs(node: Node, library: Library) -> bool:
    """Whether rounds of a node may have other parameters than the first."""
    formulas = (value.formula for value in node.params.values() if isinstance(value, Formula))
    uses_index = any(not names_in(formula).isdisjoint(INDEX) for formula in formulas)
    return uses_index or (node.kind == COMPOSITE and library.uses_index(node.definition))


def _times(node: Node, values: Mapping[str, Value]) -> int:
    times = _resolved("repeat", node.repeat, values)
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= MOST_REPEATS:
        raise ParameterError(
            "repeat",
            f"Repeats cannot be {str(times)[:20]}",
            why=f"A layer stands from 1 to {MOST_REPEATS} times in a row.",
            hint=f"Set a whole number from 1 to {MOST_REPEATS}.",
        )
    return times


def _once(
    node: Node, values: Mapping[str, Value], index: Mapping[str, int], library: Library
) -> Layer:
    params = {name: _resolved(name, value, values) for name, value in node.params.items()}
    if node.kind == OWN_LAYER:
        return set_up(own_kind(_code_of(node, library)), params)
    if node.kind != COMPOSITE:
        return make_layer(node.kind, params)
    definition = library.checked(node.definition)
    defaults = {name: _resolved(name, value, {}) for name, value in definition.parameters.items()}
    for name, value in params.items():
        _check_argument(definition, name, value, defaults)
    own = {**defaults, **params}
    seen = {**own, **index} if library.uses_index(node.definition) else own
    return Instance(key=node.definition, definition=definition, values=seen, library=library)


def _code_of(node: Node, library: Library) -> str:
    """Return the text of a layer of one's own, where it is there and may be run."""
    text = library.code.get(node.definition)
    if text is None:
        raise GraphError(
            f"There is no code for “{node.definition[:40]}”",
            why="The project does not hold what this layer is made of.",
            hint="Remove the layer, or paste it again from where it came from.",
        )
    read_code(text)
    if not is_trusted(text):
        raise untrusted(node.definition)
    return text


def _resolved(name: str, value: Value, values: Mapping[str, Value]) -> Value:
    if not isinstance(value, Formula):
        return value
    try:
        return evaluate(value.formula, values)
    except FormulaError as error:
        raise ParameterError(
            name,
            f"The formula “{value.formula[:40]}” gives no number",
            why=f"{error.title}. {error.why}",
            hint=error.hint,
        ) from error


def _check_argument(
    definition: Definition, name: str, value: Value, defaults: Mapping[str, Value]
) -> None:
    if name not in defaults:
        known = ", ".join(defaults)
        raise ParameterError(
            name[:40],
            f"{definition.name} has no parameter “{name[:40]}”",
            why=f"It has {known}." if known else "It has none.",
            hint="Take it out, or add it to the composite.",
        )
    if _sort_of(value) is not _sort_of(defaults[name]):
        raise ParameterError(
            name,
            f"{name} cannot be {str(value)[:20]}",
            why=f"It is {str(defaults[name])[:40]} where nothing else is set.",
            hint="Set a value of the same sort.",
        )


def _sort_of(value: Value) -> type:
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)
