"""``layerloom train``: train a project in this process."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.arguments import JsonOption, open_project
from app.cli.following import follow
from app.cli.settings import with_settings
from engine.compile.plan import project_plan
from engine.project.project import Project
from engine.runs.record import new_run_folder
from engine.training.config import Device, TrainingConfig


class DeviceOption(StrEnum):
    """Where a run is computed."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


def train(
    project: Annotated[
        str,
        typer.Argument(
            metavar="PROJECT|TEMPLATE", help="A project file, or a key from “layerloom templates”."
        ),
    ],
    *,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="A setting of the recipe (epochs=5) or of a layer (conv1.kernel_size=5). "
            "Can be given several times.",
        ),
    ] = None,
    device: Annotated[DeviceOption, typer.Option(help="Where to compute.")] = DeviceOption.auto,
    run: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The run folder; one in the runs folder where not given."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Train, with a bar; Ctrl+C stops after a checkpoint."""
    chosen = with_settings(open_project(project), settings or ())
    raise typer.Exit(train_project(chosen, folder=run, device=device.value, json=json))


def train_project(
    project: Project, *, folder: Path | None = None, device: Device = "auto", json: bool = False
) -> int:
    """Train a project in a new run folder and return the exit code.

    Raises:
        LoomError: The drawing has errors, or the folder cannot be used.
    """
    # Before a run folder is made: a drawing with errors leaves nothing behind.
    project_plan(project)
    made = new_run_folder(project.name, folder)
    return follow(project, TrainingConfig(run_folder=str(made), device=device), json=json)
