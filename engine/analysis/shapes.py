"""Shape inference: what flows along every wire, and the first cause of what does not fit.

The whole graph is walked in order, but a node is looked into only when it or what arrives at it
changed: its earlier result is taken over otherwise. A pass over 1,000 unchanged nodes costs a few
milliseconds, and a change stops where the types it leads to are the old ones.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Mapping

from msgspec.structs import replace

from engine.analysis.advice import advise, advise_inside
from engine.analysis.describing import described, title_of
from engine.analysis.figures import figures, totals
from engine.analysis.fixes import fixes_for
from engine.analysis.free_checks import check_built, has_free_sizes, is_free, needs_known
from engine.analysis.instances import (
    TOO_MANY,
    InsideError,
    Instance,
    Repeated,
    bound,
    construction,
    too_many_layers,
)
from engine.analysis.library import MOST_LAYERS, Library, Setting
from engine.analysis.lifting import lifted, warnings_inside
from engine.analysis.open_inputs import NEEDS_ANOTHER, connecting
from engine.analysis.origins import rows_of, with_origin
from engine.analysis.places import check_place
from engine.analysis.report import Fix, NodeReport, Problem, ShapeReport
from engine.analysis.sameness import has_formula, same_node
from engine.analysis.wires import loose_wires
from engine.graph.composites import COMPOSITE, INPUT
from engine.graph.elements import End, Graph, Link, Node, NodeId
from engine.graph.sharing import owner_of
from engine.graph.topology import find_cycle, in_order
from nodes.errors import (
    CodeError,
    LoomError,
    ParameterError,
    ShapeError,
    TrustError,
    UnknownLayerError,
)
from nodes.io import Data, Input, Output, Target
from nodes.layer import Layer, Port
from nodes.own_layer import OWN_LAYER, Question, UnansweredError
from nodes.tensors import Inputs, TensorType


def infer_shapes(graph: Graph, previous: ShapeReport | None = None) -> ShapeReport:
    """Analyse a graph; never raises on a drawing, however wrong it is.

    Args:
        previous: The report on an earlier version of the graph, to take unchanged nodes from.
    """
    library = _library(graph, previous)
    walk = _Walk(graph, library, previous, None)
    walk.run()
    advice = advise(graph, walk.reports)
    report = walk.report((*walk.problems, *warnings_inside(walk.reports), *advice))
    if not has_free_sizes(walk.reports):
        return report
    free = _in_letters(graph, library, previous.free if previous else None)
    # What fits at no size at all is told first, and alone.
    needing = () if walk.problems else needs_known(report, free, _in_letters)
    return dataclasses.replace(
        report,
        free=free,
        problems=(*needing, *report.problems),
        questions=tuple(dict.fromkeys((*report.questions, *free.questions))),
    )


def _in_letters(
    graph: Graph, library: Library | None = None, previous: ShapeReport | None = None
) -> ShapeReport:
    """Analyse a graph with letters for the sizes of its data that are free."""
    walk = _Walk(graph, library or _library(graph, None), previous, None, in_letters=True)
    walk.run()
    return walk.report(tuple(walk.problems))


def _library(graph: Graph, previous: ShapeReport | None) -> Library:
    before = previous.library if previous is not None else None
    if previous is None or before is None or previous.questions:
        # What waited for an answer is looked at anew, however deep inside.
        return Library(graph.definitions, _look_inside, None, graph.code)
    if before.definitions is graph.definitions and before.code is graph.code:
        return before
    return Library(graph.definitions, _look_inside, before, graph.code)


def _look_inside(
    graph: Graph, setting: Setting, library: Library, earlier: ShapeReport | None
) -> ShapeReport:
    """Analyse the inside of a composite for one set of parameters and of arriving tensors."""
    walk = _Walk(graph, library, earlier, setting)
    walk.run()
    advice = advise_inside(graph, walk.reports)
    return walk.report((*walk.problems, *warnings_inside(walk.reports), *advice))


class _Walk:
    """One pass over a graph, in order.

    Args:
        setting: What surrounds the graph, where it is the inside of a composite.
        in_letters: Take sizes of the data that are free as letters.
    """

    def __init__(
        self,
        graph: Graph,
        library: Library,
        previous: ShapeReport | None,
        setting: Setting | None,
        *,
        in_letters: bool = False,
    ) -> None:
        self.graph = graph
        self.reports: dict[NodeId, NodeReport] = {}
        self.problems: list[Problem] = []
        self.questions: list[Question] = []
        self._library = library
        self._setting = setting
        self._in_letters = in_letters or any(
            map(is_free, setting.entering.values() if setting else ())
        )
        self._values = setting.values if setting else {}
        self._layers = 0
        self._ports: set[tuple[str, str]] = set()
        self._told: dict[object, int] = {}
        self._sharers: dict[NodeId, NodeId] = {}
        self._previous = previous
        self._names_changed = previous is not None and previous.values != self._values
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
                self.reports[node_id] = described(self.graph, node, "error")
            else:
                self.reports[node_id] = self._look_at(node)

        self._compare_shared()

    def report(self, problems: tuple[Problem, ...]) -> ShapeReport:
        """Return what was found."""
        return ShapeReport(
            graph=self.graph,
            nodes=self.reports,
            problems=problems,
            totals=totals(self.reports),
            values=self._values,
            library=self._library,
            questions=tuple(dict.fromkeys(self.questions)),
        )

    def _look_at(self, node: Node) -> NodeReport:
        links = self._incoming[node.id]
        if self._layers > MOST_LAYERS and (node.kind == COMPOSITE or node.repeat != 1):
            return described(self.graph, node, "waiting", ports=links)
        arriving = self._entering(node) if node.kind == INPUT else self._arriving(links)
        earlier = self._unchanged(node, arriving)
        if earlier is not None:
            return self._counted(node, earlier)
        try:
            owner = owner_of(self.graph, node)
            layer = bound(owner, self._values, self._library)
            check_place(node, layer, inside=self._setting is not None)
            self._check_port(layer)
        except CodeError as error:
            self._note(node, error, reason="its code is wrong")
            return described(self.graph, node, "unknown", ports=links)
        except ParameterError as error:
            self._note(node, error, reason="check a parameter")
            return described(self.graph, node, "error")
        except LoomError as error:
            self._note(node, error, reason=_reason(error))
            return described(self.graph, node, "unknown", ports=links)
        report = described(self.graph, node, "ok", layer=layer)
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
            return self._open_input(node, report, missing, arriving)
        return self._counted(node, self._inferred(node, report, layer, inputs))

    def _entering(self, node: Node) -> dict[str, tuple[TensorType, ...]] | None:
        """Return what comes in by an input of the composite, as if a wire brought it."""
        port = node.params.get("port", "x")
        tensor = self._setting.entering.get(port) if self._setting and _is_text(port) else None
        return None if tensor is None else {"x": (tensor,)}

    def _check_port(self, layer: Layer) -> None:
        """Refuse a second end of the composite with the same name."""
        if not isinstance(layer, Input | Output):
            return
        port = (layer.info.role, layer.port)
        if port in self._ports:
            raise ParameterError(
                "port",
                f"Two ports are called {layer.port}",
                why=f"Each {layer.info.role} needs a name of its own.",
                hint="Give one of them another name.",
            )
        self._ports.add(port)

    def _counted(self, node: Node, report: NodeReport) -> NodeReport:
        """Add what a node unfolds into to those before it; what would be too much ends there.

        Also what is wrong is counted: it took as long to look at.
        """
        known = self._layers
        self._layers += report.layers if report.layers > 1 else 0
        if self._layers <= MOST_LAYERS or known > MOST_LAYERS or report.state != "ok":
            return report
        self._note(node, too_many_layers(self._layers), reason="too many layers")
        return replace(report, state="error", outputs={})

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
        if old is not node and not same_node(old, node):
            return None
        if node.shares is not None or not self._stands_as_before(node):
            return None
        if earlier.inputs.key() != tuple(arriving.items()):
            return None
        # Ends are looked at anew: one before it may have taken its name.
        return None if isinstance(earlier.layer, Input | Output) else earlier

    def _stands_as_before(self, node: Node) -> bool:
        """Whether what a node takes from around it, names and definitions, is as it was."""
        before = self._previous
        assert before is not None, "asked only where there is an earlier report"
        if self._names_changed and has_formula(node):
            return False
        if node.kind == OWN_LAYER:
            return before.graph.code.get(node.definition) == self.graph.code.get(node.definition)
        if node.kind != COMPOSITE or before.library is self._library:
            return True
        return before.library is not None and self._library.is_same(node.definition, before.library)

    def _inferred(self, node: Node, report: NodeReport, layer: Layer, inputs: Inputs) -> NodeReport:
        if isinstance(layer, Instance):
            layer.inside_after(inputs, self._inside_before(node))
        try:
            types = self._types(layer, inputs)
        except InsideError as error:
            self._note_inside(node, error)
            layers = error.body.totals.layers * _rounds(layer)
            return replace(report, state="error", inputs=inputs, layers=layers)
        except UnansweredError as error:
            self.questions.extend(error.questions)
            return replace(report, state="waiting", inputs=inputs)
        except ShapeError as error:
            fixes = self._second_input(node, layer, inputs, error)
            self._note(node, error, reason=error.reason, fixes=fixes)
            layers = MOST_LAYERS + 1 if error.shape_code == TOO_MANY else _rounds(layer)
            return replace(report, state="error", inputs=inputs, layers=layers)
        outputs = {
            port.name: tensor for port, tensor in zip(report.output_ports, types, strict=True)
        }
        owner = owner_of(self.graph, node)
        return replace(
            report,
            inputs=inputs,
            outputs=outputs,
            card=layer.on_card(inputs),
            **figures(
                layer, inputs, types, frozen=owner.frozen, owns_weights=self._owns(node, owner)
            ),
        )

    def _types(self, layer: Layer, inputs: Inputs) -> tuple[TensorType, ...]:
        if not self._in_letters:
            return layer.infer(inputs)
        if isinstance(layer, Data | Target):
            return layer.in_letters()
        types = layer.infer(inputs)
        check_built(layer, inputs)
        return types

    def _second_input(
        self, node: Node, layer: Layer, inputs: Inputs, error: ShapeError
    ) -> tuple[Fix, ...]:
        """Offer what could be connected to a list that has too few tensors."""
        if error.shape_code != NEEDS_ANOTHER:
            return ()
        port = layer.inputs()[0]
        arriving = dict(inputs.key())
        return connecting(self.graph, self.reports, End(node.id, port.name), layer, port, arriving)

    def _owns(self, node: Node, owner: Node) -> bool:
        """Whether weights are counted at a node: of those that share, at the first in use."""
        if node is owner:
            return True
        first = self._sharers.setdefault(owner.id, node.id)
        return owner.bypassed and first == node.id

    def _inside_before(self, node: Node) -> ShapeReport | None:
        """Return what was found inside of a composite before the last edit."""
        earlier = self._previous.nodes.get(node.id) if self._previous is not None else None
        if earlier is None or earlier.inputs is None or not isinstance(earlier.layer, Instance):
            return None
        return (
            earlier.layer.inside(earlier.inputs) if earlier.layer.key == node.definition else None
        )

    def _passed_through(self, report: NodeReport, inputs: Inputs) -> NodeReport:
        first = next((tensors[0] for _, tensors in inputs.key()), None)
        outputs = {} if first is None else {port.name: first for port in report.output_ports[:1]}
        return replace(report, inputs=inputs, outputs=outputs)

    def _open_input(
        self,
        node: Node,
        report: NodeReport,
        port: Port,
        arriving: Mapping[str, tuple[TensorType, ...]],
    ) -> NodeReport:
        assert report.layer is not None, "its ports are known"
        end = End(node.id, port.name)
        joined = connecting(self.graph, self.reports, end, report.layer, port, arriving)
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
                fixes=(*joined, *fixes_for(self.graph, node.id, "open", self.reports)),
            )
        )
        return replace(report, state="open")

    def _note_inside(self, node: Node, error: InsideError) -> None:
        """Tell the errors inside of a composite, each cause once for all of its uses."""
        for problem in error.body.errors:
            cause = (error.key, problem.path, problem.code, problem.title, problem.text)
            known = self._told.get(cause)
            if known is None:
                self._told[cause] = len(self.problems)
                self.problems.append(lifted(problem, node.id, title_of(self.graph, node)))
            else:
                told = self.problems[known]
                self.problems[known] = replace(told, also=(*told.also, node.id))

    def _compare_shared(self) -> None:
        """Tell which layers cannot share weights, once all of them are known."""
        for node in self.graph.nodes.values():
            report = self.reports[node.id]
            if node.shares is None or node.bypassed or report.state != "ok":
                continue
            owner = owner_of(self.graph, node)
            first = self.reports[self._sharers[owner.id] if owner.bypassed else owner.id]
            if first.state == "ok" and not _interchangeable(report, first):
                self._note(node, _other_sizes(first.title), reason="sizes differ")
                self.reports[node.id] = replace(report, state="error")

    def _note(
        self, node: Node, error: LoomError, *, reason: str, fixes: tuple[Fix, ...] = ()
    ) -> None:
        shape = isinstance(error, ShapeError)
        links = tuple(self._incoming[node.id])
        self.problems.append(
            Problem(
                code=error.shape_code if isinstance(error, ShapeError) else error.code,
                severity="error",
                title=error.title,
                text=with_origin(error, self.graph, links, self.reports)
                if isinstance(error, ShapeError)
                else error.why or error.hint,
                reason=reason,
                node=node.id,
                own_layer=node.definition if node.kind == OWN_LAYER else "",
                port=error.parameter if isinstance(error, ParameterError) else "",
                links=links if shape else (),
                rows=rows_of(links, self.reports) if len(links) > 1 and shape else (),
                fixes=fixes + fixes_for(self.graph, node.id, error, self.reports),
            )
        )

    def _cycle_problem(self) -> Problem:
        cycle = find_cycle(self.graph)
        names = [title_of(self.graph, self.graph.nodes[node]) for node in cycle]
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
            fixes=fixes_for(self.graph, cycle[0], "cycle", self.reports),
        )


def _rounds(layer: Layer) -> int:
    return len(layer.rounds) if isinstance(layer, Repeated) else 1


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _reason(error: LoomError) -> str:
    if isinstance(error, TrustError):
        return "not trusted yet"
    return "unknown layer" if isinstance(error, UnknownLayerError) else "cannot be used here"


def _interchangeable(report: NodeReport, owner: NodeReport) -> bool:
    assert report.layer and report.inputs and owner.layer and owner.inputs, "both are known"
    mine = construction(report.layer, report.inputs)
    return mine == construction(owner.layer, owner.inputs)


def _other_sizes(title: str) -> ShapeError:
    return ShapeError(
        "The weights do not fit here",
        why=f"{title} learns weights of another size than this place needs.",
        hint="Give it weights of its own.",
        reason="sizes differ",
        code="LL-S034",
    )


def _missing(layer: Layer, arriving: Mapping[str, tuple[TensorType, ...]]) -> Port | None:
    return next(
        (port for port in layer.inputs() if not port.optional and port.name not in arriving), None
    )
