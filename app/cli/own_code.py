"""Code that projects and runs carry, on the command line: run only with ``--trust``."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from engine.analysis.own_layers import settled
from engine.analysis.report import ShapeReport
from engine.compile.plan import Plan, project_plan
from engine.graph.elements import Graph
from engine.own_layers.finder import Finder
from engine.own_layers.trust import check_trusted, trust, untrusted_code
from engine.project.files import load
from engine.project.project import Project

TrustOption = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Run the layers in Python that the project carries. Remembered for exactly this code.",
    ),
]


def settle_trust(graph: Graph, where: str, *, trusted: bool) -> None:
    """Remember that the code of a drawing may run, or refuse to go on with code that may not.

    Raises:
        TrustError: It holds code that is not trusted.
    """
    if trusted:
        trust(untrusted_code(graph).values())
    check_trusted(graph, where)


def settle_run(folder: Path, *, trusted: bool) -> None:
    """Do the same for the project of a run; what is wrong with the folder is told elsewhere.

    Raises:
        TrustError: It holds code that is not trusted.
    """
    file = folder / "project.loom"
    if file.is_file():
        settle_trust(load(file).project.graph, str(file), trusted=trusted)


def planned(project: Project) -> Plan:
    """Lower a project, running its own layers in a process beside this one.

    Raises:
        LoomError: The drawing has errors.
    """
    with closing(Finder()) as finder:
        return project_plan(project, finder.find)


def analysed(graph: Graph) -> ShapeReport:
    """Analyse a drawing, running its own layers in a process beside this one."""
    with closing(Finder()) as finder:
        return settled(graph, finder.find)
