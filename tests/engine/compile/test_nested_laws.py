"""Whatever is put together: a problem with a name and a place, or a model that runs."""

import torch
from builders import a_chain, a_nested_cnn, a_residual_cnn
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import nested_edit_lists, valid_drawings

from engine.analysis.instances import Instance
from engine.analysis.report import ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.compile.module import compile_plan
from engine.compile.plan import make_plan
from engine.compile.stepper import run_nodes
from engine.graph.elements import EMPTY, Graph
from engine.project.codec import from_text, to_text
from engine.project.project import Project
from nodes.errors import LoomError

_starts = st.sampled_from([a_residual_cnn(), a_nested_cnn(), a_chain(12)]) | valid_drawings()


def _told(report: ShapeReport) -> tuple[dict, list]:
    nodes = {
        node: replace(found, inputs=found.inputs and found.inputs.key())
        for node, found in report.nodes.items()
    }
    inside = [
        _told(found.layer.inside(found.inputs))
        for found in report.nodes.values()
        if isinstance(found.layer, Instance)
    ]
    told = [replace(problem, fixes=(), choices=()) for problem in report.problems]
    return nodes, [*told, *inside]


def _check_problems(report: ShapeReport, graph: Graph) -> None:
    for problem in report.problems:
        assert problem.title and problem.text and problem.reason
        if problem.path:
            assert problem.path[-1] in report.inside(problem.path[:-1]).graph.nodes
        for fix in problem.fixes:
            assert isinstance(fix.edit(graph), Graph)
            assert isinstance(fix.edit(EMPTY), Graph)


@settings(max_examples=40, deadline=None)
@given(_starts, nested_edit_lists)
def test_a_nested_drawing_is_told_what_is_wrong_or_runs(start: Graph, changes: list) -> None:
    graph, report = start, infer_shapes(start)
    for change in changes:
        graph = change(graph)
        report = infer_shapes(graph, report)

    assert _told(report) == _told(infer_shapes(graph))
    saved = Project(graph=graph)
    assert from_text(to_text(saved)).project == saved
    _check_problems(report, graph)
    if report.errors:
        return
    try:
        compiled = compile_plan(make_plan(graph, report, "A test"))
    except LoomError:
        # Nothing is drawn, or nothing stands between the data and a loss.
        return
    totals = report.totals
    weights = list(compiled.module.parameters())
    assert sum(weight.numel() for weight in weights) <= totals.parameters
    batch = {
        name: torch.rand(2, *compiled.plan.types[end].sample)
        for end, name in compiled.plan.fields.items()
        if name in compiled.plan.inputs
    }
    sum(output.sum() for output in compiled.outputs(batch)).backward()  # type: ignore[union-attr]
    compiled.module.eval()
    stepped = run_nodes(compiled, batch)
    for end, tensor in zip(compiled.plan.outputs, compiled.outputs(batch), strict=True):
        assert torch.equal(stepped[end], tensor) or tensor.isnan().any()
        assert tuple(tensor.shape[1:]) == compiled.plan.types[end].sample
