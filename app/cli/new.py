"""``layerloom new``: a project file from a built-in project."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.printing import out
from engine.project.files import SUFFIX, save
from engine.project.templates import open_template
from nodes.errors import ProjectError


def new(
    template: Annotated[
        str, typer.Argument(metavar="TEMPLATE", help="A key from “layerloom templates”.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The .loom file to write.")
    ],
) -> None:
    """Write a project file from a built-in project."""
    project = open_template(template)
    path = output if output.suffix else output.with_suffix(SUFFIX)
    if path.exists():
        raise ProjectError(
            "There is a file of that name",
            where=str(path),
            why="A new project does not take the place of a file.",
            hint="Choose another name with -o, or remove the file.",
        )
    save(path, project)
    out().print(f"{path}  {project.name}", soft_wrap=True)
