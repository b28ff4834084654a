"""The plan: the calls of a drawing in order, and what flows between them.

Lowering goes through here and nowhere else: the source is printed from a plan, and the stepper
runs the same plan node by node.
"""

from collections.abc import Collection, Mapping
from typing import cast

import msgspec

from engine.analysis.report import Problem, ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.graph.elements import End, Graph, NodeId
from engine.graph.names import class_name, identifier, unique
from engine.project.project import Project
from nodes.errors import LoomError
from nodes.io import Data
from nodes.layer import Lowering
from nodes.tensors import TensorType


class DrawingError(LoomError):
    """A drawing has problems that must be mended before it can be compiled."""

    code = "LL-C001"

    def __init__(self, problem: Problem, where: str) -> None:
        fixes = " or ".join(fix.label for fix in problem.fixes[:2])
        super().__init__(problem.title, why=problem.text, where=where, hint=fixes and f"{fixes}.")
        self.problem = problem
        self.code = problem.code  # type: ignore[misc]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One node as a call."""

    node: NodeId
    name: str
    """The attribute of its module, and the key of its weights."""

    title: str
    lowering: Lowering
    inputs: Mapping[str, tuple[End, ...]]
    """Where each input port takes its tensors from."""

    many: frozenset[str]
    """The input ports that take a list."""

    outputs: tuple[str, ...]
    """Its output ports."""

    types: tuple[TensorType, ...]
    frozen: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing, lowered."""

    name: str
    """Of the project, as the person wrote it."""

    class_name: str
    data: Data
    data_node: NodeId
    fields: Mapping[End, str]
    """The field of the data set that each data output stands for."""

    inputs: tuple[str, ...]
    """Fields given to ``forward``, in order."""

    targets: tuple[str, ...]
    """Fields that only the loss needs, in order."""

    steps: tuple[Step, ...]
    """The model, in order."""

    outputs: tuple[End, ...]
    """What ``forward`` returns."""

    losses: tuple[Step, ...]
    """What is summed to the training loss, and what leads to it beside the model."""

    loss_ends: tuple[End, ...]
    types: Mapping[End, TensorType]

    def step_of(self, node: NodeId) -> Step | None:
        """Return the call of a node."""
        return next((step for step in (*self.steps, *self.losses) if step.node == node), None)


def project_plan(project: Project) -> Plan:
    """Lower a project.

    Raises:
        DrawingError: The drawing has errors; the first is told.
    """
    report = infer_shapes(project.graph)
    return make_plan(project.graph, report, project.name)


def make_plan(graph: Graph, report: ShapeReport, name: str, *, without_loss: bool = False) -> Plan:
    """Lower a graph that was analysed.

    Args:
        without_loss: Accept a drawing that has no loss yet; what nothing uses is returned.

    Raises:
        DrawingError: The report holds errors; the first is told.
    """
    for problem in report.errors:
        if not (without_loss and problem.code == "LL-A003"):
            node = graph.nodes[problem.node].name if problem.node else ""
            raise DrawingError(problem, f"{name}, {node}" if node else name)
    if not graph.nodes:
        raise LoomError(
            "The drawing is empty",
            why="There is nothing to compute.",
            where=name,
            hint="Add a data set, layers and a loss.",
        )
    plan = _Lowering(graph, report, name).plan()
    if not plan.outputs:
        raise LoomError(
            "Nothing to train yet",
            why="No layer stands between the data and a loss.",
            where=name,
            hint="Add layers, and connect the last one to a loss.",
        )
    return plan


class _Lowering:
    """One lowering of one graph."""

    def __init__(self, graph: Graph, report: ShapeReport, name: str) -> None:
        self.graph = graph
        self.report = report
        self.name = name
        self.data_node = next(
            node for node, found in report.nodes.items() if isinstance(found.layer, Data)
        )
        self.names = _attribute_names(graph, name)
        self.incoming: dict[NodeId, dict[str, tuple[End, ...]]] = {}
        for link in graph.links:
            ports = self.incoming.setdefault(link.target.node, {})
            source = self._behind_bypass(link.source)
            ports[link.target.port] = (*ports.get(link.target.port, ()), source)

    def plan(self) -> Plan:
        """Return the plan: the model is what the predictions need, the rest is the loss."""
        losses = [node for node in self.graph.nodes if self._role(node) == "loss"]
        outputs = self._with_learned_targets(losses) if losses else self._ends()
        model = self._depth_first(outputs)
        done = set(model)
        beside = [node for node in self._depth_first_nodes(losses) if node not in done]
        fields = self._fields()
        inputs = self._fields_into(model, fields)
        needed = self._fields_into(beside, fields)
        return Plan(
            name=self.name,
            class_name=class_name(self.name),
            data=cast("Data", self.report.nodes[self.data_node].layer),
            data_node=self.data_node,
            fields=fields,
            inputs=inputs,
            targets=needed,
            steps=tuple(self._step(node) for node in model),
            outputs=outputs,
            losses=tuple(self._step(node) for node in beside),
            loss_ends=tuple(End(node, self._outputs_of(node)[0]) for node in losses),
            types={
                End(node, port): tensor
                for node, found in self.report.nodes.items()
                for port, tensor in found.outputs.items()
            },
        )

    def _role(self, node: NodeId) -> str:
        layer = self.report.nodes[node].layer
        return layer.info.role if layer else "layer"

    def _outputs_of(self, node: NodeId) -> tuple[str, ...]:
        return tuple(port.name for port in self.report.nodes[node].output_ports)

    def _left_out(self, node: NodeId) -> bool:
        return self.graph.nodes[node].bypassed and self._role(node) == "layer"

    def _before(self, node: NodeId) -> Collection[tuple[End, ...]]:
        return self.incoming.get(node, {}).values()

    def _behind_bypass(self, end: End) -> End:
        """Return the end that really feeds a wire: bypassed nodes are looked through."""
        while self._left_out(end.node):
            first = next(self.graph.links_into(end.node), None)
            if first is None:
                return end
            end = first.source
        return end

    def _with_learned_targets(self, losses: list[NodeId]) -> tuple[End, ...]:
        """Return the predictions, and the targets that the model itself must compute.

        A target is computed beside the model where that needs neither weights nor what the model
        computes anyway.
        """
        found = dict.fromkeys(self._into(losses, target=False))
        if not found:
            return ()
        targets = self._into(losses, target=True)
        while True:
            model = set(self._depth_first(tuple(found)))
            more = [end for end in targets if end not in found and self._belongs_to(end, model)]
            if not more:
                return tuple(found)
            found.update(dict.fromkeys(more))

    def _into(self, losses: list[NodeId], *, target: bool) -> tuple[End, ...]:
        """Return what layers put into the losses, as predictions or as targets."""
        return tuple(
            end
            for node in losses
            for port in self.report.nodes[node].input_ports
            if port.target == target
            for end in self.incoming.get(node, {}).get(port.name, ())
            if self._role(end.node) == "layer"
        )

    def _belongs_to(self, end: End, model: set[NodeId]) -> bool:
        return any(
            node in model or self.report.nodes[node].parameters or self.report.nodes[node].buffers
            for node in self._depth_first((end,))
        )

    def _ends(self) -> tuple[End, ...]:
        """Return the outputs that nothing uses."""
        kept = [node for node in self.graph.nodes if not self._left_out(node)]
        used = {end for node in kept for ends in self._before(node) for end in ends}
        ends = (End(node, port) for node in kept for port in self._outputs_of(node)[:1])
        return tuple(end for end in ends if end not in used and self._role(end.node) == "layer")

    def _depth_first(self, ends: tuple[End, ...]) -> list[NodeId]:
        return self._depth_first_nodes([end.node for end in ends])

    def _depth_first_nodes(self, wanted: list[NodeId]) -> list[NodeId]:
        """Return what the wanted nodes need and they themselves, each branch told to its end."""
        ordered: dict[NodeId, None] = {}
        stack: list[tuple[NodeId, bool]] = [(node, False) for node in reversed(wanted)]
        while stack:
            node, ready = stack.pop()
            if node in ordered or self._role(node) in ("data", "target"):
                continue
            if ready:
                ordered[node] = None
                continue
            stack.append((node, True))
            before = [end.node for ends in self._before(node) for end in ends]
            stack.extend((other, False) for other in reversed(before))
        return list(ordered)

    def _fields(self) -> dict[End, str]:
        """Give each data output the name of its field; targets name theirs themselves."""
        fields: dict[End, str] = {}
        for node, found in self.report.nodes.items():
            if self._role(node) in ("data", "target"):
                fields.update((End(node, port.name), port.name) for port in found.output_ports)
        return fields

    def _fields_into(self, nodes: list[NodeId], fields: Mapping[End, str]) -> tuple[str, ...]:
        used = {
            fields[end]
            for node in nodes
            for ends in self._before(node)
            for end in ends
            if end in fields
        }
        return tuple(dict.fromkeys(name for name in fields.values() if name in used))

    def _step(self, node_id: NodeId) -> Step:
        node = self.graph.nodes[node_id]
        found = self.report.nodes[node_id]
        assert found.layer is not None and found.inputs is not None, "the report has no errors"
        return Step(
            node=node_id,
            name=self.names[node_id],
            title=found.title,
            lowering=found.layer.lower(found.inputs),
            inputs=self.incoming.get(node_id, {}),
            many=frozenset(port.name for port in found.input_ports if port.many),
            outputs=tuple(port.name for port in found.output_ports),
            types=tuple(found.outputs[port.name] for port in found.output_ports),
            frozen=node.frozen,
        )


def _attribute_names(graph: Graph, name: str) -> dict[NodeId, str]:
    """Return an identifier for each node; a clean drawing's own names stay as they are."""
    taken = {class_name(name)}
    names: dict[NodeId, str] = {}
    for node in graph.nodes.values():
        names[node.id] = unique(identifier(node.name), taken)
        taken.add(names[node.id])
    return names
