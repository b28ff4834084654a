"""Analysing drawings with layers of one's own, where somebody can say what these do."""

from collections.abc import Callable
from typing import TypeAlias

from engine.analysis.report import ShapeReport
from engine.analysis.shapes import infer_shapes
from engine.graph.elements import Graph
from nodes.own_layer import Answer, Question, answer_to, remember

Find: TypeAlias = Callable[[Question], Answer]
"""Runs a layer and tells what it does."""


def settled(graph: Graph, find: Find | None) -> ShapeReport:
    """Analyse a drawing, asking until nothing is open: one layer's shape leads to the next."""
    report = infer_shapes(graph)
    while find is not None and report.questions:
        for question in report.questions:
            if answer_to(question) is None:
                remember(question, find(question))
        report = infer_shapes(graph, report)
    return report
