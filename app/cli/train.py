"""``layerloom train``: train a project in this process."""

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.arguments import JsonOption, MemoryOption, limit_memory, open_project
from app.cli.following import exit_code, train_project
from app.cli.own_code import TrustOption, settle_trust
from app.cli.settings import with_settings
from engine.data.memory import bytes_of
from engine.training.keeping import Keeping


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
    memory: MemoryOption = "",
    moments: Annotated[
        str,
        typer.Option(
            metavar="SIZE",
            help="What the moments that one can go back to may take on the disk, like 1GB; 0 keeps "
            "none.",
        ),
    ] = f"{Keeping().moments_megabytes}MB",
    moment_steps: Annotated[
        int,
        typer.Option(
            "--moments-every",
            metavar="STEPS",
            min=0,
            help="Steps from one moment to the next; 0 keeps them as often as it costs next to "
            "nothing.",
        ),
    ] = 0,
    trust: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Train, with a bar; Ctrl+C stops after a checkpoint."""
    limit_memory(memory)
    chosen = with_settings(open_project(project), settings or ())
    settle_trust(chosen.graph, project, trusted=trust)
    keeping = Keeping(moments_megabytes=_megabytes(moments), moment_steps=moment_steps)
    ended = train_project(chosen, folder=run, device=device.value, keeping=keeping, json=json)
    raise typer.Exit(exit_code(ended))


def _megabytes(size: str) -> int:
    """Return a size in whole megabytes; the least that is more than nothing is one."""
    return math.ceil(bytes_of(size) / 2**20)
