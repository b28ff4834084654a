"""``layerloom show``: a picture of the canvas."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.arguments import ProjectArgument, open_project
from app.cli.pictures import draw_canvas
from app.cli.printing import out
from nodes.errors import UsageError


class Theme(StrEnum):
    """The colours of a picture."""

    dark = "dark"
    light = "light"


def show(
    project: ProjectArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The .png or .svg to write.")
    ],
    theme: Annotated[Theme, typer.Option(help="Its colours.")] = Theme.dark,
) -> None:
    """Draw the canvas into a picture."""
    if output.suffix.lower() not in (".png", ".svg"):
        raise UsageError(
            f"A picture is not written as “{output.suffix or output.name}”",
            hint="Let the name end with .png or .svg.",
        )
    draw_canvas(open_project(project), output, theme.value)
    out().print(str(output), soft_wrap=True)
