"""``layerloom check``: what can be said of a project without running it."""

from typing import Annotated

import msgspec
import psutil
import typer
from rich.table import Table
from rich.text import Text

from app.cli.arguments import JsonOption, ProjectArgument, open_project
from app.cli.layer_table import layer_table
from app.cli.own_code import TrustOption, analysed, settle_trust
from app.cli.printing import explained, out, print_object, table
from app.cli.words import number, size
from engine.analysis.cost import Memory, forecast
from engine.analysis.recipe_advice import advise_recipe
from engine.analysis.report import Problem, ShapeReport
from engine.analysis.summary import SummaryRow, summary
from engine.project.project import Project


class CheckedNode(msgspec.Struct, frozen=True, kw_only=True):
    """One layer as it was found."""

    name: str
    kind: str
    title: str
    state: str
    outputs: dict[str, str]
    """By port, sizes of one sample: ``16×28×28``."""

    parameters: int
    multiply_adds: int
    activation_bytes: int
    """Of its outputs for one sample."""

    training_bytes: int
    """Its part of ``memory_bytes``."""

    receptive_field: tuple[int | None, ...]
    """Along the axes of the data; null for all of an axis."""

    inside: tuple["CheckedNode", ...] = ()
    """The layers of a composite."""


class FoundProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One cause and what would mend it."""

    code: str
    severity: str
    title: str
    text: str
    node: str | None
    port: str
    fixes: tuple[str, ...]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What the check found, as one object."""

    project: str
    ok: bool
    nodes: tuple[CheckedNode, ...]
    problems: tuple[FoundProblem, ...]
    parameters: int
    trained_parameters: int
    multiply_adds: int
    memory_bytes: int
    """A forecast for training with the recipe's batch size."""

    batch_size: int


def check(
    project: ProjectArgument,
    *,
    costs: Annotated[
        bool, typer.Option("--table", help="Show what each layer costs and sees, and the sums.")
    ] = False,
    trust: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Check shapes, parameters, cost and problems; exit with 1 where training could not start."""
    opened = open_project(project)
    if trust:
        settle_trust(opened.graph, project, trusted=True)
    report = analysed(opened.graph)
    if json:
        print_object(_checked(opened, report))
    else:
        rows = summary(report, opened.recipe) if costs else None
        _print_checked(opened, report, rows)
    if report.errors:
        raise typer.Exit(1)


def _checked(project: Project, report: ShapeReport) -> Checked:
    totals = report.totals
    return Checked(
        project=project.name,
        ok=not report.errors,
        nodes=tuple(_node(row, report) for row in summary(report, project.recipe)),
        problems=tuple(_problem(project, problem) for problem in _problems(project, report)),
        parameters=totals.parameters,
        trained_parameters=totals.trained_parameters,
        multiply_adds=totals.multiply_adds,
        memory_bytes=forecast(totals, project.recipe).total,
        batch_size=project.recipe.batch_size,
    )


def _problems(project: Project, report: ShapeReport) -> tuple[Problem, ...]:
    memory = psutil.virtual_memory().total
    return (*report.problems, *advise_recipe(report, project.recipe, memory))


def _node(row: SummaryRow, report: ShapeReport) -> CheckedNode:
    around = report.inside(row.path[:-1])
    return CheckedNode(
        name=row.name,
        kind=row.kind,
        title=row.title,
        state=row.state,
        outputs={port: str(each) for port, each in around.nodes[row.path[-1]].outputs.items()},
        parameters=row.parameters,
        multiply_adds=row.multiply_adds,
        activation_bytes=row.activation_bytes,
        training_bytes=row.training_bytes,
        receptive_field=row.sees,
        inside=tuple(_node(inner, report) for inner in row.inside),
    )


def _problem(project: Project, problem: Problem) -> FoundProblem:
    return FoundProblem(
        code=problem.code,
        severity=problem.severity,
        title=problem.title,
        text=problem.text,
        node=project.graph.nodes[problem.node].name if problem.node else None,
        port=problem.port,
        fixes=tuple(fix.label for fix in problem.fixes),
    )


def _print_checked(
    project: Project, report: ShapeReport, rows: tuple[SummaryRow, ...] | None
) -> None:
    console = out()
    checked = _checked(project, report)
    console.print(Text(project.name, style="bold"))
    console.print(_shape_table(checked) if rows is None else layer_table(rows))
    console.print(_summary(checked, forecast(report.totals, project.recipe)))
    for problem in checked.problems:
        console.print()
        console.print(_problem_text(problem), soft_wrap=True)


def _shape_table(checked: Checked) -> Table:
    numbers = ("parameters", "multiply-adds")
    rows = table("layer", "kind", "output", *numbers, numbers=numbers)
    for node in checked.nodes:
        rows.add_row(
            node.name,
            node.kind,
            "  ".join(node.outputs.values()) or _STATES.get(node.state, node.state),
            number(node.parameters) if node.parameters else "",
            number(node.multiply_adds) if node.multiply_adds else "",
        )
    return rows


_STATES = {"error": "has a problem", "waiting": "waits", "open": "input is open"}


def _summary(checked: Checked, memory: Memory) -> str:
    return (
        f"{number(checked.parameters)} parameters · "
        f"{number(checked.multiply_adds)} multiply-adds a sample · "
        f"about {size(memory.total)} to train with batches of {checked.batch_size}"
    )


def _problem_text(problem: FoundProblem) -> Text:
    return explained(
        problem.title,
        ("where", ".".join(part for part in (problem.node, problem.port) if part)),
        ("why", problem.text),
        ("to fix", " · ".join(problem.fixes)),
        ("code", problem.code),
        style="red" if problem.severity == "error" else "yellow",
    )
