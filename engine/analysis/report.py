"""What the analysis found: for each node its types and figures, for the drawing its problems."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import msgspec

from engine.graph.elements import End, Graph, Link, NodeId, NodePath, Value, round_told
from nodes.errors import GraphError
from nodes.layer import Layer, Port
from nodes.own_layer import Question
from nodes.tensors import Inputs, TensorType

if TYPE_CHECKING:
    from engine.analysis.library import Library

NodeState = Literal["ok", "error", "waiting", "open", "unknown"]
"""``open``: an input is not connected. ``waiting``: something before it has an error."""


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """One way to mend a problem: a button, and the edit behind it."""

    label: str
    edit: Callable[[Graph], Graph]
    detail: str = ""
    """What it changes, short: ``16 → 32``."""

    link: Link | None = None
    """The wire that a layer would be inserted into, to preview it."""

    settings: Mapping[str, object] = {}
    """What it changes in the recipe; the drawing then stays as it is."""

    takes_back: bool = False
    """It undoes the edit that caused the problem rather than mend it."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One cause, told once: what happened, where, why, and what mends it."""

    code: str
    severity: Literal["error", "warning"]
    title: str
    text: str
    reason: str
    """At most about four words, for the card."""

    node: NodeId | None = None
    """In the drawing that was analysed; for a cause inside a composite, the composite."""

    own_layer: str = ""
    """The layer of one's own whose code it is about."""

    inside: NodePath = ()
    """For a cause inside a composite, the way from there down to it; ``node`` left out."""

    also: tuple[NodeId, ...] = ()
    """Other uses of the same composite that have it inside as well."""

    port: str = ""
    links: tuple[Link, ...] = ()
    """The wires that carry what does not fit."""

    rows: tuple[tuple[str, str, str], ...] = ()
    """A small table: input, shape, where it comes from."""

    fixes: tuple[Fix, ...] = ()
    choices: tuple[Fix, ...] = ()
    """All that would mend it alike, for a menu; empty where the fixes are all there are."""

    @property
    def path(self) -> NodePath:
        """The way to the node that it is about; empty where it is about none."""
        return () if self.node is None else (self.node, *self.inside)


class NodeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one node."""

    state: NodeState
    title: str
    """What its card is called: the person's title, else the layer's."""

    layer: Layer | None = None
    """Its kind with its parameters; None where the kind or a parameter is not understood."""

    input_ports: tuple[Port, ...] = ()
    output_ports: tuple[Port, ...] = ()
    inputs: Inputs | None = None
    """What arrives, where all that must arrive is known."""

    outputs: Mapping[str, TensorType] = {}
    """The type of each output port; empty while it is not known."""

    card: str = ""
    """The key parameters as the card writes them."""

    activation: str = ""
    """The fused activation, where the layer has one and it is not ``none``."""

    parameters: int = 0
    trained_parameters: int = 0
    buffers: int = 0
    multiply_adds: int = 0
    """For one sample."""

    output_numbers: int = 0
    """How many numbers it puts out for one sample, and what stands inside of it."""

    layers: int = 1
    """How many layers it stands for: those inside, as often as they are repeated."""


class Nested(Layer, frozen=True, kw_only=True):
    """A layer that others stand within."""

    def inside(self, inputs: Inputs | None, number: int = 0) -> "ShapeReport | None":
        """Return the report on the inside, where there is one.

        Args:
            inputs: What arrives; None where it is not known.
            number: The round that is meant, from 0, where it stands several times in a row.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The figures of the whole drawing."""

    parameters: int = 0
    trained_parameters: int = 0
    buffers: int = 0
    multiply_adds: int = 0
    output_numbers: int = 0
    layers: int = 0
    """With what stands inside of composites, as often as it is repeated."""

    complete: bool = True
    """False while a node's figures are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeReport:
    """The analysis of one graph."""

    graph: Graph
    nodes: Mapping[NodeId, NodeReport]
    problems: tuple[Problem, ...]
    totals: Totals
    values: Mapping[str, Value] = field(default_factory=dict)
    """What the names in formulas stood for."""

    library: "Library | None" = None
    """The definitions that it was made with, to start the next analysis from."""

    questions: tuple[Question, ...] = ()
    """What has to be found by running layers of one's own before more can be said."""

    free: "ShapeReport | None" = None
    """The same with letters for the sizes of the data that are free; None where none is."""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that block training."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not block training."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    def of_node(self, node_id: NodeId) -> tuple[Problem, ...]:
        """Return the problems that belong to a node."""
        return tuple(
            problem
            for problem in self.problems
            if problem.node == node_id or node_id in problem.also
        )

    def on_link(self, link: Link) -> TensorType | None:
        """Return what flows along a wire, where it is known."""
        return self.at(link.source)

    def at(self, end: End) -> TensorType | None:
        """Return what comes out of an output, where it is known."""
        report = self.nodes.get(end.node)
        return report.outputs.get(end.port) if report else None

    def node_in_letters(self, node_id: NodeId) -> NodeReport | None:
        """Return what is known of a node, with letters for the sizes that are free."""
        free = self.free.nodes.get(node_id) if self.free is not None else None
        return free if free is not None and free.outputs else self.nodes.get(node_id)

    def in_letters(self, end: End) -> TensorType | None:
        """Return what comes out of an output, with letters for the sizes that are free."""
        free = self.free.at(end) if self.free is not None else None
        return free if free is not None else self.at(end)

    def inside(self, path: NodePath) -> "ShapeReport":
        """Return the report on the inside of a composite.

        Args:
            path: The composites to go through, outermost first; none gives this report. Of a
                repeat it is the round that ``in_round`` names, else the first.

        Raises:
            GraphError: One of them is not there, or is no composite.
        """
        report = self
        for node_id in path:
            node, number = (node_id, None) if node_id in report.nodes else round_told(node_id)
            found = report.nodes.get(node)
            layer = found.layer if found is not None else None
            nested = layer if found and isinstance(layer, Nested) else None
            inner = nested.inside(found.inputs, number or 0) if found and nested else None
            if inner is None:
                raise GraphError(
                    "There is nothing inside",
                    why="The block is not there any more, or it is no composite.",
                    hint="Choose another block.",
                )
            report = inner
        return report if self.free is None or not path else _with_free(report, self.free, path)


def _with_free(report: ShapeReport, free: ShapeReport, path: NodePath) -> ShapeReport:
    try:
        return replace(report, free=free.inside(path))
    except GraphError:
        return report
