"""What a lowered drawing is made of: steps, bodies, classes, and the plan of it all.

Lowering ends here and nowhere else: the source is printed from a plan, and the stepper runs the
same plan node by node.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from engine.graph.elements import End, NodeId, NodePath, in_round, round_told, told
from engine.graph.learning import PLAIN, Learning
from engine.graph.names import numbered
from nodes.io import Data
from nodes.layer import Lowering
from nodes.tensors import TensorType


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One time that the layer of a step runs."""

    lowering: Lowering
    body: "Body | None" = None
    """What it computes inside, where it is a composite."""


Holding: TypeAlias = Literal["one", "sequential", "list", "shared"]
"""How a step holds its modules: one for all of its stages, each its own, or none at all."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One node as a call."""

    node: NodeId
    name: str
    """Of the node in the source."""

    title: str
    lowering: Lowering
    inputs: Mapping[str, tuple[End, ...]]
    """Where each input port takes its tensors from."""

    many: frozenset[str]
    """The input ports that take a list."""

    outputs: tuple[str, ...]
    """Its output ports."""

    called: Mapping[str, str] = {}
    """The names that a person gave to what leaves some of them."""

    types: tuple[TensorType, ...]
    frozen: bool = False
    learning: Learning = PLAIN
    module_name: str = ""
    """The attribute of its module and the key of its weights: another node's where it shares."""

    stages: tuple[Stage, ...] = ()
    """One, or as many as it is repeated."""

    holding: Holding = "one"
    fed: tuple[str, ...] = ()
    """In a repeat, the input ports at which the outputs of a stage arrive, in order."""

    @property
    def attribute(self) -> str:
        """The attribute of its module."""
        return self.module_name or self.name

    @property
    def runs_in_loop(self) -> bool:
        """Whether its stages are called one after the other, not as one module."""
        return len(self.stages) > 1 and self.holding != "sequential"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a drawing, or the inside of a composite, computes."""

    fields: Mapping[End, str]
    """The name of what enters at each output of a data set or of an input."""

    inputs: tuple[str, ...]
    """What ``forward`` takes, in order."""

    steps: tuple[Step, ...]
    """The layers, in order."""

    outputs: tuple[End, ...]
    """What ``forward`` returns."""

    types: Mapping[End, TensorType]

    def step_of(self, node: NodeId) -> Step | None:
        """Return the call of a node."""
        return next((step for step in self.steps if step.node == node), None)

    def step_in_round(self, node: NodeId) -> "tuple[Step, int | None] | None":
        """Return the call of a node, and the round of it that its id names."""
        step = self.step_of(node)
        if step is not None:
            return step, None
        name, number = round_told(node)
        step = self.step_of(name) if number is not None else None
        return (step, number) if step is not None and number in range(len(step.stages)) else None

    def module_names(self, around: NodePath = (), prefix: str = "") -> Iterator[tuple[NodeId, str]]:
        """Yield the layers that have a module, at any depth, and what their weights are named by.

        A layer inside is named by its path as ``told`` writes it; composites and layers that are
        repeated have ``#`` and the number of the round behind their id, except in the first.
        """
        for step in self.steps:
            if step.lowering.module is None:
                continue
            alone = step.holding in ("one", "shared")
            for number, stage in enumerate(step.stages[:1] if alone else step.stages):
                name = f"{prefix}{step.attribute}" + ("" if alone else f".{number}")
                node = in_round(step.node, number) if number else step.node
                path = (*around, node)
                if stage.body is None:
                    yield told(path), name
                else:
                    yield from stage.body.module_names(path, f"{name}.")


class GeneratedClass(msgspec.Struct, frozen=True, kw_only=True):
    """A composite as a class of the source."""

    name: str
    title: str
    arguments: tuple[tuple[str, str], ...]
    """The names and the types of what its constructor takes."""

    body: Body
    """Values of calls may name the arguments."""

    shapes: Mapping[End, str]
    """What to write of the types within; nothing where they differ from use to use."""

    path: NodePath
    """The way to its first use."""


class Plan(Body, frozen=True, kw_only=True):
    """A drawing, lowered."""

    name: str
    """Of the project, as the person wrote it."""

    class_name: str
    data: Data
    data_node: NodeId
    targets: tuple[str, ...]
    """Fields that only the loss needs, in order."""

    losses: tuple[Step, ...]
    """What is summed to the training loss, and what leads to it beside the model."""

    loss_ends: tuple[End, ...]
    loss_weights: tuple[float, ...] = ()
    """How much each of them counts in the sum."""

    classes: tuple[GeneratedClass, ...] = ()
    """Of the composites, each after those that it uses."""

    letters: Mapping[End, TensorType] = {}
    """The types with letters for the sizes that are free; empty where none is."""

    @property
    def loss_titles(self) -> tuple[str, ...]:
        """What people call the losses, in the order of the sum; none twice."""
        steps = [self.step_of(end.node) for end in self.loss_ends]
        return numbered([step.title for step in steps if step is not None])

    @property
    def code(self) -> tuple[str, ...]:
        """The texts of layers of one's own that stand in the source, in the order of their use."""
        return tuple(dict.fromkeys(one.code for one in self.lowerings() if one.code))

    def lowerings(self) -> Iterator[Lowering]:
        """Yield all calls: those inside of composites, of the model, of its losses."""
        bodies = [generated.body.steps for generated in self.classes]
        for steps in (*bodies, self.steps, self.losses):
            yield from (step.lowering for step in steps)
            yield from (stage.lowering for step in steps for stage in step.stages)

    def step_of(self, node: NodeId) -> Step | None:
        """Return the call of a node."""
        return next((step for step in (*self.steps, *self.losses) if step.node == node), None)

    def told_apart(self, node: NodeId) -> str:
        """Return what people call a layer; its name is with it where others have the same title.

        Nothing for a node that is no layer.
        """
        every = (*self.steps, *self.losses)
        step = next((step for step in every if step.node == node), None)
        if step is None or sum(other.title == step.title for other in every) == 1:
            return step.title if step is not None else ""
        return f"{step.title} ({step.name})"

    def step_at(self, path: Sequence[NodeId]) -> Step | None:
        """Return the call of a node at any depth; in a repeat, of the round that is named.

        Args:
            path: The composites around it, outermost first, then the node.
        """
        body: Body | None = self
        step: Step | None = None
        for node in path:
            found = body.step_in_round(node) if body is not None else None
            if found is None:
                return None
            step, number = found
            body = step.stages[number or 0].body
        return step
