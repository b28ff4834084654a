"""Lowering: a drawing that was analysed becomes a plan."""

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from msgspec.structs import replace

from engine.analysis.instances import Instance, Repeated
from engine.analysis.report import Nested, ShapeReport
from engine.compile.classes import Use, Uses, generated
from engine.compile.own_code import names_in
from engine.compile.sequence_losses import read_as_they_lie
from engine.compile.steps import Body, Holding, Plan, Stage, Step
from engine.graph.composites import inputs_of, outputs_of
from engine.graph.elements import End, Graph, NodeId, NodePath
from engine.graph.names import class_name, identifier, unique
from engine.graph.own_layers import used_code
from engine.graph.sharing import owner_of
from nodes.io import Data
from nodes.layer import Call, Layer, Lowering
from nodes.losses import Loss
from nodes.own_layer import own_kind_or_none
from nodes.tensors import Inputs, TensorType


def lower(graph: Graph, report: ShapeReport, name: str) -> Plan:
    """Lower a drawing without errors.

    Args:
        name: Of the project.
    """
    own = _own_names(graph)
    uses = Uses(own)
    # Where sizes are free, the source must not rest on those that the data happens to have.
    plan = read_as_they_lie(_Drawing(graph, report.free or report, name, uses).plan())
    classes, finished = generated(uses, taken={plan.class_name, *own})
    return replace(
        plan,
        steps=finished(plan.steps),
        losses=finished(plan.losses),
        classes=classes,
        types=_types(report),
        letters=plan.types if report.free else {},
    )


class _Lowering:
    """One lowering of one graph: a drawing, or the inside of a composite.

    Args:
        taken: Names that no node can have.
        uses: Where to put what is found inside of composites.
        path: The composites around the graph.
    """

    def __init__(
        self, graph: Graph, report: ShapeReport, taken: set[str], uses: Uses, path: NodePath
    ) -> None:
        self.graph = graph
        self.report = report
        self.names = _attribute_names(graph, taken)
        self.incoming: dict[NodeId, dict[str, tuple[End, ...]]] = {}
        self._uses = uses
        self._path = path
        for link in graph.links:
            ports = self.incoming.setdefault(link.target.node, {})
            source = self._behind_bypass(link.source)
            ports[link.target.port] = (*ports.get(link.target.port, ()), source)

    def role(self, node: NodeId) -> str:
        """Return what a node is there for."""
        layer = self.report.nodes[node].layer
        return layer.info.role if layer else "layer"

    def types(self) -> dict[End, TensorType]:
        """Return what comes out of every output."""
        return _types(self.report)

    def outputs_of(self, node: NodeId) -> tuple[str, ...]:
        """Return the output ports of a node."""
        return tuple(port.name for port in self.report.nodes[node].output_ports)

    def left_out(self, node: NodeId) -> bool:
        """Whether a node is bypassed."""
        return self.graph.nodes[node].bypassed and self.role(node) == "layer"

    def before(self, node: NodeId) -> Collection[tuple[End, ...]]:
        """Return what feeds a node, by port."""
        return self.incoming.get(node, {}).values()

    def _behind_bypass(self, end: End) -> End:
        """Return the end that really feeds a wire: bypassed nodes are looked through."""
        while self.left_out(end.node):
            first = next(self.graph.links_into(end.node), None)
            if first is None:
                return end
            end = first.source
        return end

    def depth_first(self, wanted: Sequence[NodeId]) -> list[NodeId]:
        """Return what the wanted nodes need and they themselves, each branch told to its end."""
        ordered: dict[NodeId, None] = {}
        stack: list[tuple[NodeId, bool]] = [(node, False) for node in reversed(wanted)]
        while stack:
            node, ready = stack.pop()
            if node in ordered or self.role(node) in ("data", "target", "input"):
                continue
            if ready:
                ordered[node] = None
                continue
            stack.append((node, True))
            before = [end.node for ends in self.before(node) for end in ends]
            stack.extend((other, False) for other in reversed(before))
        return list(ordered)

    def step(self, node_id: NodeId) -> Step:
        """Return a node as a call."""
        found = self.report.nodes[node_id]
        assert found.layer is not None and found.inputs is not None, "the report has no errors"
        owner = owner_of(self.graph, self.graph.nodes[node_id])
        stages = self._stages(found.layer, found.inputs, (*self._path, node_id))
        return Step(
            node=node_id,
            name=self.names[node_id],
            title=found.title,
            lowering=stages[0].lowering,
            inputs=self.incoming.get(node_id, {}),
            many=frozenset(port.name for port in found.input_ports if port.many),
            outputs=tuple(port.name for port in found.output_ports),
            called=self.graph.nodes[node_id].called,
            types=tuple(found.outputs[port.name] for port in found.output_ports),
            frozen=owner.frozen,
            learning=owner.learning,
            module_name=self.names[owner.id],
            stages=stages,
            holding=_holding(found.layer, found.inputs, stages),
            fed=found.layer.fed(found.inputs) if isinstance(found.layer, Repeated) else (),
        )

    def _stages(self, layer: Layer, inputs: Inputs, path: NodePath) -> tuple[Stage, ...]:
        if isinstance(layer, Repeated):
            return tuple(self._stage(one.layer, one.inputs, path) for one in layer.each(inputs))
        return (self._stage(layer, inputs, path),)

    def _stage(self, layer: Layer, inputs: Inputs, path: NodePath) -> Stage:
        if isinstance(layer, Instance):
            return Stage(lowering=_called(layer), body=self._body(layer, inputs, path))
        return Stage(lowering=layer.lower(inputs))

    def _body(self, layer: Instance, inputs: Inputs, path: NodePath) -> Body:
        report = layer.inside(inputs)
        known = self._uses.body_of(report)
        if known is not None:
            return known
        body = _Inside(report, self._uses, path).body()
        use = Use(layer.key, layer.definition, layer.values, body, path)
        self._uses.add(report, use)
        return body


class _Inside(_Lowering):
    """The lowering of the inside of a composite."""

    def __init__(self, report: ShapeReport, uses: Uses, path: NodePath) -> None:
        super().__init__(report.graph, report, set(uses.taken), uses, path)

    def body(self) -> Body:
        """Return what it computes."""
        inputs, outputs = inputs_of(self.graph), outputs_of(self.graph)
        ends = tuple(end for one in outputs for end in self.incoming[one.node]["x"])
        steps = self.depth_first([end.node for end in ends])
        return Body(
            fields={End(one.node, "y"): one.port for one in inputs},
            inputs=tuple(one.port for one in inputs),
            steps=tuple(self.step(node) for node in steps),
            outputs=ends,
            types=self.types(),
        )


class _Drawing(_Lowering):
    """The lowering of a whole drawing."""

    def __init__(self, graph: Graph, report: ShapeReport, name: str, uses: Uses) -> None:
        model = class_name(name)
        self.class_name = f"{model}Model" if model in uses.taken else model
        super().__init__(graph, report, {self.class_name, *uses.taken}, uses, ())
        self.name = name
        self.data_node = next(
            node for node, found in report.nodes.items() if isinstance(found.layer, Data)
        )

    def plan(self) -> Plan:
        """Return the plan: the model is what the predictions need, the rest is the loss."""
        losses = [node for node in self.graph.nodes if self.role(node) == "loss"]
        outputs = self._with_learned_targets(losses) if losses else self._ends()
        model = self.depth_first([end.node for end in outputs])
        done = set(model)
        beside = [node for node in self.depth_first(losses) if node not in done]
        fields = self._fields()
        return Plan(
            name=self.name,
            class_name=self.class_name,
            data=cast("Data", self.report.nodes[self.data_node].layer),
            data_node=self.data_node,
            fields=fields,
            inputs=self._fields_into(model, fields),
            targets=self._fields_into(beside, fields),
            steps=tuple(self.step(node) for node in model),
            outputs=outputs,
            losses=tuple(self.step(node) for node in beside),
            loss_ends=tuple(End(node, self.outputs_of(node)[0]) for node in losses),
            loss_weights=tuple(self._weight(node) for node in losses),
            types=self.types(),
        )

    def _weight(self, loss: NodeId) -> float:
        layer = self.report.nodes[loss].layer
        return layer.weight if isinstance(layer, Loss) else 1.0

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
            model = set(self.depth_first([end.node for end in found]))
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
            if self.role(end.node) == "layer"
        )

    def _belongs_to(self, end: End, model: set[NodeId]) -> bool:
        return any(
            node in model or self._needs_module(node) for node in self.depth_first([end.node])
        )

    def _needs_module(self, node: NodeId) -> bool:
        found = self.report.nodes[node]
        return bool(found.parameters or found.buffers) or isinstance(found.layer, Nested)

    def _ends(self) -> tuple[End, ...]:
        """Return the outputs that nothing uses."""
        kept = [node for node in self.graph.nodes if not self.left_out(node)]
        used = {end for node in kept for ends in self.before(node) for end in ends}
        ends = (End(node, port) for node in kept for port in self.outputs_of(node)[:1])
        return tuple(end for end in ends if end not in used and self.role(end.node) == "layer")

    def _fields(self) -> dict[End, str]:
        """Give each data output the name of its field; targets name theirs themselves."""
        fields: dict[End, str] = {}
        for node, found in self.report.nodes.items():
            if self.role(node) in ("data", "target"):
                fields.update((End(node, port.name), port.name) for port in found.output_ports)
        return fields

    def _fields_into(self, nodes: list[NodeId], fields: Mapping[End, str]) -> tuple[str, ...]:
        used = {
            fields[end]
            for node in nodes
            for ends in self.before(node)
            for end in ends
            if end in fields
        }
        return tuple(dict.fromkeys(name for name in fields.values() if name in used))


def _types(report: ShapeReport) -> dict[End, TensorType]:
    return {
        End(node, port): tensor
        for node, found in report.nodes.items()
        for port, tensor in found.outputs.items()
    }


def _own_names(graph: Graph) -> frozenset[str]:
    """Return the names that the code of the drawing takes in the source."""
    kinds = (own_kind_or_none(graph.code, name) for name in used_code(graph))
    return names_in(kind.code.text for kind in kinds if kind is not None)


def _called(layer: Instance) -> Lowering:
    """Return the call of a composite; which class it is of is found once all uses are known."""
    ports = ", ".join(f"{{{port.name}}}" for port in layer.inputs())
    return Lowering(expression=f"{{module}}({ports})", module=Call("nn.Module"))


def _holding(layer: Layer, inputs: Inputs, stages: tuple[Stage, ...]) -> Holding:
    if len(stages) == 1 or stages[0].lowering.module is None:
        return "one"
    if isinstance(layer, Repeated) and layer.shared:
        return "shared"
    ports = dict(inputs.key())
    plain = {f"{{module}}({{{port}}})" for port in ports}
    alone = len(ports) == 1 and len(layer.outputs()) == 1
    if alone and {stage.lowering.expression for stage in stages} == plain:
        return "sequential"
    return "list"


def _attribute_names(graph: Graph, taken: set[str]) -> dict[NodeId, str]:
    """Return an identifier for each node; a clean drawing's own names stay as they are."""
    taken = set(taken)
    names: dict[NodeId, str] = {}
    for node in graph.nodes.values():
        names[node.id] = unique(identifier(node.name), taken)
        taken.add(names[node.id])
    return names
