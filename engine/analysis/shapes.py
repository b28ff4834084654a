"""Shape inference: what flows along every wire, and the first cause of what does not fit.

The whole graph is walked in order, but a node is looked into only when it or what arrives at it
changed: its earlier result is taken over otherwise. A pass over 1,000 unchanged nodes costs a few
milliseconds, and a change stops where the types it leads to are the old ones.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from engine.analysis.advice import advise
from engine.analysis.fixes import fixes_for
from engine.analysis.report import NodeReport, Problem, ShapeReport, Totals
from engine.analysis.wires import loose_wires
from engine.graph.elements import Formula, Graph, Link, Node, NodeId
from engine.graph.topology import find_cycle, in_order
from nodes.catalogue import LAYERS, make_layer
from nodes.errors import LoomError, ParameterError, ShapeError
from nodes.layer import Layer, Port
from nodes.sizes import BATCH, Size, known, substitute
from nodes.tensors import Inputs, TensorType


def infer_shapes(graph: Graph, previous: ShapeReport | None = None) -> ShapeReport:
    """Analyse a graph; never raises on a drawing, however wrong it is.

    Args:
        previous: The report on an earlier version of the graph, to take unchanged nodes from.
    """
    walk = _Walk(graph, previous)
    walk.run()
    problems = (*walk.problems, *advise(graph, walk.reports))
    return ShapeReport(
        graph=graph,
        nodes=walk.reports,
        problems=problems,
        totals=_totals(graph, walk.reports),
    )


class _Walk:
    """One pass over a graph, in order."""

    def __init__(self, graph: Graph, previous: ShapeReport | None) -> None:
        self.graph = graph
        self.reports: dict[NodeId, NodeReport] = {}
        self.problems: list[Problem] = []
        self._previous = previous
        self._incoming: dict[NodeId, list[Link]] = defaultdict(list)
        for link in graph.links:
            self._incoming[link.target.node].append(link)

    def run(self) -> None:
        """Look at every node once."""
        cycle = set(find_cycle(self.graph))
        if cycle:
            self.problems.append(self._cycle_problem())
        for node_id in in_order(self.graph):
            node = self.graph.nodes[node_id]
            if node_id in cycle:
                self.reports[node_id] = _described(node, "error")
            else:
                self.reports[node_id] = self._look_at(node)

    def _look_at(self, node: Node) -> NodeReport:
        links = self._incoming[node.id]
        arriving = self._arriving(links)
        earlier = self._unchanged(node, arriving)
        if earlier is not None:
            return earlier
        try:
            layer = make_layer(node.kind, plain_params(node))
        except ParameterError as error:
            self._note(node, error, reason="check a parameter")
            return _described(node, "error")
        except LoomError as error:
            self._note(node, error, reason="unknown layer")
            return _described(node, "unknown", ports=links)
        report = _described(node, "ok", layer=layer)
        loose = tuple(loose_wires(report, links, self.reports))
        if loose:
            self.problems.extend(loose)
            return replace(report, state="error")
        if arriving is None:
            return replace(report, state="waiting")
        inputs = Inputs(arriving)
        # Only layers can be left out: data and losses have nothing to pass on.
        if node.bypassed and arriving and layer.info.role == "layer":
            return self._passed_through(report, inputs)
        missing = _missing(layer, arriving)
        if missing is not None:
            return self._open_input(node, report, missing)
        return self._inferred(node, report, layer, inputs)

    def _arriving(self, links: list[Link]) -> dict[str, tuple[TensorType, ...]] | None:
        """Return what arrives by port, or None while something before has no type."""
        arriving: dict[str, tuple[TensorType, ...]] = {}
        for link in links:
            before = self.reports.get(link.source.node)
            tensor = before.outputs.get(link.source.port) if before else None
            if tensor is None:
                return None
            arriving[link.target.port] = (*arriving.get(link.target.port, ()), tensor)
        return arriving

    def _unchanged(
        self, node: Node, arriving: Mapping[str, tuple[TensorType, ...]] | None
    ) -> NodeReport | None:
        """Return the earlier report if it says ``ok`` and nothing that it rests on changed."""
        if self._previous is None or arriving is None:
            return None
        earlier = self._previous.nodes.get(node.id)
        if earlier is None or earlier.state != "ok" or earlier.inputs is None:
            return None
        old = self._previous.graph.nodes[node.id]
        if old is not node and (
            not _same(old.params, node.params)
            or old.kind != node.kind
            or old.title != node.title
            or old.bypassed != node.bypassed
        ):
            return None
        return earlier if earlier.inputs.key() == tuple(arriving.items()) else None

    def _inferred(self, node: Node, report: NodeReport, layer: Layer, inputs: Inputs) -> NodeReport:
        try:
            types = layer.infer(inputs)
        except ShapeError as error:
            self._note(node, error, reason=error.reason)
            return replace(report, state="error", inputs=inputs)
        outputs = {
            port.name: tensor for port, tensor in zip(report.output_ports, types, strict=True)
        }
        return replace(
            report,
            inputs=inputs,
            outputs=outputs,
            card=layer.on_card(inputs),
            parameters=layer.parameters(inputs),
            buffers=layer.buffers(inputs),
            multiply_adds=_for_one(layer.multiply_adds(inputs, types)),
            output_numbers=sum(_numbers(tensor) for tensor in types),
        )

    def _passed_through(self, report: NodeReport, inputs: Inputs) -> NodeReport:
        first = next((tensors[0] for _, tensors in inputs.key()), None)
        outputs = {} if first is None else {port.name: first for port in report.output_ports[:1]}
        return replace(report, inputs=inputs, outputs=outputs)

    def _open_input(self, node: Node, report: NodeReport, port: Port) -> NodeReport:
        many = "a tensor" if not port.many else "its tensors"
        self.problems.append(
            Problem(
                code="LL-S010",
                severity="error",
                title=f"{report.title} has an open input",
                text=f"Nothing is connected to “{port.name}”. Connect {many}, or remove the layer.",
                reason="input is open",
                node=node.id,
                port=port.name,
                fixes=fixes_for(self.graph, node.id, "open"),
            )
        )
        return replace(report, state="open")

    def _note(self, node: Node, error: LoomError, *, reason: str) -> None:
        shape = isinstance(error, ShapeError)
        links = tuple(self._incoming[node.id])
        self.problems.append(
            Problem(
                code=error.shape_code if isinstance(error, ShapeError) else error.code,
                severity="error",
                title=error.title,
                text=self._with_origin(error, links) if shape else error.why or error.hint,
                reason=reason,
                node=node.id,
                port=error.parameter if isinstance(error, ParameterError) else "",
                links=links if shape else (),
                rows=self._rows(links) if len(links) > 1 and shape else (),
                fixes=fixes_for(self.graph, node.id, error),
            )
        )

    def _with_origin(self, error: LoomError, links: tuple[Link, ...]) -> str:
        if len(links) != 1 or not error.why:
            return error.why or error.hint
        source = self.reports[links[0].source.node].title
        return f"{error.why} It comes from {source}."

    def _rows(self, links: tuple[Link, ...]) -> tuple[tuple[str, str, str], ...]:
        return tuple(
            (
                f"Input {number}",
                str(self.reports[link.source.node].outputs[link.source.port]),
                f"from {self.reports[link.source.node].title}",
            )
            for number, link in enumerate(links, start=1)
        )

    def _cycle_problem(self) -> Problem:
        cycle = find_cycle(self.graph)
        names = [_described(self.graph.nodes[node], "error").title for node in cycle]
        return Problem(
            code="LL-S020",
            severity="error",
            title=f"{names[0]} is fed its own output",
            text=f"Models run from input to output once: {' → '.join([*names, names[0]])}.",
            reason="runs in a circle",
            node=cycle[0],
            links=tuple(
                link
                for link in self.graph.links
                if link.source.node in cycle and link.target.node in cycle
            ),
            fixes=fixes_for(self.graph, cycle[0], "cycle"),
        )


def plain_params(node: Node) -> dict[str, object]:
    """Return a node's parameters as plain values.

    Raises:
        ParameterError: One is a formula, and the drawing around it has no parameters.
    """
    for name, value in node.params.items():
        if isinstance(value, Formula):
            raise ParameterError(
                name,
                "A formula needs a composite around it",
                why=f"“{value.formula}” is computed from the parameters of a composite.",
                hint="Set a number.",
            )
    return dict(node.params)


def _described(
    node: Node, state: str, *, layer: Layer | None = None, ports: list[Link] | None = None
) -> NodeReport:
    kind = LAYERS.get(node.kind)
    title = node.title or (kind.info.title if kind else node.kind)
    if layer is None:
        inputs = (
            kind.info.inputs
            if kind
            else tuple(
                Port(name=name) for name in dict.fromkeys(link.target.port for link in ports or ())
            )
        )
        outputs = kind.info.outputs if kind else ()
        return NodeReport(state=state, title=title, input_ports=inputs, output_ports=outputs)  # type: ignore[arg-type]
    activation = getattr(layer, "activation", "none")
    return NodeReport(
        state=state,  # type: ignore[arg-type]
        title=title,
        layer=layer,
        input_ports=layer.inputs(),
        output_ports=layer.outputs(),
        card=layer.on_card(None),
        activation="" if activation == "none" else activation,
    )


def _same(old: object, new: object) -> bool:
    """Compare parameters; other than for Python, 1, 1.0 and true are three values for a layer."""
    if type(old) is not type(new):
        return False
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    return old == new


def _missing(layer: Layer, arriving: Mapping[str, tuple[TensorType, ...]]) -> Port | None:
    return next(
        (port for port in layer.inputs() if not port.optional and port.name not in arriving), None
    )


def _for_one(size: Size) -> int:
    """Return a count for one sample; a size that is still free counts as one."""
    once = substitute(size, {"N": 1})
    return known(once) or 0


def _numbers(tensor: TensorType) -> int:
    product: Size = 1
    for size in tensor.sizes:
        product = product * (1 if size == BATCH else size)
    return known(product) or 0


def _totals(graph: Graph, reports: Mapping[NodeId, NodeReport]) -> Totals:
    return Totals(
        parameters=sum(report.parameters for report in reports.values()),
        trained_parameters=sum(
            report.parameters for node, report in reports.items() if not graph.nodes[node].frozen
        ),
        buffers=sum(report.buffers for report in reports.values()),
        multiply_adds=sum(report.multiply_adds for report in reports.values()),
        output_numbers=sum(report.output_numbers for report in reports.values()),
        complete=all(report.state == "ok" for report in reports.values()),
    )
