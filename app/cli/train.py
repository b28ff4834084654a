"""``layerloom train``: train a project in this process."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.arguments import JsonOption, open_project
from app.cli.following import exit_code, train_project
from app.cli.own_code import TrustOption, settle_trust
from app.cli.settings import with_settings
from engine.data.memory import VARIABLE, bytes_of


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
            help="A setting of the recipe (epochs=5), of its optimiser (optimizer.nesterov=true), "
            "of those that take turns (players=Judge,Maker; Judge.learning_rate=0.001), of a layer "
            "(conv1.kernel_size=5, conv1.rate_factor=0.1), or a step of augmentation "
            "(augment.rotate=on, augment.rotate.degrees=20). Can be given several times.",
        ),
    ] = None,
    device: Annotated[DeviceOption, typer.Option(help="Where to compute.")] = DeviceOption.auto,
    run: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The run folder; one in the runs folder where not given."),
    ] = None,
    memory: Annotated[
        str,
        typer.Option(
            metavar="SIZE",
            envvar=VARIABLE,
            help="What the samples may take in memory, like 2GB; what does not fit is read from "
            "disk while the model trains. A quarter of the free memory where not given.",
        ),
    ] = "",
    trust: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Train, with a bar; Ctrl+C stops after a checkpoint."""
    if memory:
        os.environ[VARIABLE] = str(bytes_of(memory))
    chosen = with_settings(open_project(project), settings or ())
    settle_trust(chosen.graph, project, trusted=trust)
    ended = train_project(chosen, folder=run, device=device.value, json=json)
    raise typer.Exit(exit_code(ended))
