"""Problems inside of composites, told in the drawing around them."""

from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from engine.analysis.instances import Instance
from engine.analysis.report import Fix, NodeReport, Problem
from engine.graph.composites import at, definition_of, replace_at
from engine.graph.elements import Graph, NodeId


def lifted(problem: Problem, node: NodeId, title: str) -> Problem:
    """Tell a problem of an inside as one of the composite, with fixes that edit its definition."""
    return replace(
        problem,
        node=node,
        inside=problem.path,
        text=f"{problem.text} It is inside of {title}.".strip(),
        links=(),
        fixes=tuple(_lifted_fix(fix, node) for fix in problem.fixes),
    )


def warnings_inside(reports: Mapping[NodeId, NodeReport]) -> Iterator[Problem]:
    """Yield what is unwise inside of composites, once for all uses of a definition."""
    told: set[object] = set()
    for node, report in reports.items():
        if not isinstance(report.layer, Instance) or report.state != "ok":
            continue
        for problem in report.layer.inside(report.inputs).warnings:
            cause = (report.layer.key, problem.path, problem.code)
            if cause not in told:
                told.add(cause)
                yield lifted(problem, node, report.title)


def _lifted_fix(fix: Fix, node: NodeId) -> Fix:
    return replace(fix, edit=_inside(fix.edit, node), link=None)


def _inside(edit: Callable[[Graph], Graph], node: NodeId) -> Callable[[Graph], Graph]:
    def lifted_edit(graph: Graph) -> Graph:
        use = graph.nodes.get(node)
        if use is None or definition_of(graph, use) is None:
            return graph
        return replace_at(graph, (node,), edit(at(graph, (node,))))

    return lifted_edit
