"""Lowering a project or an analysed drawing to a plan, and why that may not be possible."""

from engine.analysis.own_layers import Find, settled
from engine.analysis.report import Problem, ShapeReport
from engine.compile.lowering import lower
from engine.compile.steps import Plan, Step
from engine.graph.elements import Graph
from engine.project.project import Project
from nodes.errors import LoomError

__all__ = ["DrawingError", "Plan", "Step", "make_plan", "project_plan"]


class DrawingError(LoomError):
    """A drawing has problems that must be mended before it can be compiled."""

    code = "LL-C001"

    def __init__(self, problem: Problem, where: str) -> None:
        fixes = " or ".join(fix.label for fix in problem.fixes[:2])
        super().__init__(problem.title, why=problem.text, where=where, hint=fixes and f"{fixes}.")
        self.problem = problem
        self.code = problem.code  # type: ignore[misc]


def project_plan(project: Project, find: Find | None = None) -> Plan:
    """Lower a project.

    Args:
        find: Finds what layers of one's own do; without it, a drawing with some is refused.

    Raises:
        DrawingError: The drawing has errors; the first is told.
    """
    report = settled(project.graph, find)
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
    if report.questions:
        raise LoomError(
            f"{report.questions[0].name} is still being tried",
            why="Its shape is found by running it.",
            where=name,
            hint="Wait a moment.",
        )
    if not graph.nodes:
        raise LoomError(
            "The drawing is empty",
            why="There is nothing to compute.",
            where=name,
            hint="Add a data set, layers and a loss.",
        )
    plan = lower(graph, report, name)
    if not plan.outputs:
        raise LoomError(
            "Nothing to train yet",
            why="No layer stands between the data and a loss.",
            where=name,
            hint="Add layers, and connect the last one to a loss.",
        )
    return plan
