"""``layerloom check``: what can be said of a project without running it."""

import shutil
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
from app.cli.train import DeviceOption
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
    device: Annotated[
        DeviceOption, typer.Option(help="Whose memory the training must fit into.")
    ] = DeviceOption.auto,
    trust: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Check shapes, parameters, cost and problems; exit with 1 where training could not start."""
    opened = open_project(project)
    if trust:
        settle_trust(opened.graph, project, trusted=True)
    report = analysed(opened.graph)
    checked = _checked(opened, report, _memory(device))
    if json:
        print_object(checked)
    else:
        rows = summary(report, opened.recipe) if costs else None
        _print_checked(checked, forecast(report.totals, opened.recipe), rows)
    if report.errors:
        raise typer.Exit(1)


def _memory(device: DeviceOption) -> int:
    """Return the memory of the device that would train; torch is asked only where a GPU may be."""
    if device != DeviceOption.cpu and shutil.which("nvidia-smi"):
        from engine.training.devices import gpu_bytes

        return gpu_bytes() or psutil.virtual_memory().total
    return psutil.virtual_memory().total


def _checked(project: Project, report: ShapeReport, memory: int) -> Checked:
    totals = report.totals
    return Checked(
        project=project.name,
        ok=not report.errors,
        nodes=tuple(_node(row, report) for row in summary(report, project.recipe)),
        problems=tuple(
            _problem(project, problem)
            for problem in (*report.problems, *advise_recipe(report, project.recipe, memory))
        ),
        parameters=totals.parameters,
        trained_parameters=totals.trained_parameters,
        multiply_adds=totals.multiply_adds,
        memory_bytes=forecast(totals, project.recipe).total,
        batch_size=project.recipe.batch_size,
    )


def _node(row: SummaryRow, report: ShapeReport) -> CheckedNode:
    found = report.inside(row.path[:-1]).node_in_letters(row.path[-1])
    return CheckedNode(
        name=row.name,
        kind=row.kind,
        title=row.title,
        state=row.state,
        outputs={port: str(each) for port, each in found.outputs.items()} if found else {},
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


def _print_checked(checked: Checked, needed: Memory, rows: tuple[SummaryRow, ...] | None) -> None:
    console = out()
    console.print(Text(checked.project, style="bold"))
    console.print(_shape_table(checked) if rows is None else layer_table(rows))
    console.print(_summary(checked, needed))
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
