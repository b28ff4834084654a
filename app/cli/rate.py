"""``layerloom rate``: finds a learning rate for a project with a range test."""

from typing import Annotated

import typer

from app.cli.arguments import JsonOption, ProjectArgument, SettingsOption
from app.cli.own_code import TrustOption
from app.cli.printing import err, out, print_object
from app.cli.train import DeviceOption
from app.cli.trying import open_to_try
from app.cli.words import figure, number
from engine.training.events import RateTested
from nodes.errors import RunError


def rate(
    project: ProjectArgument,
    *,
    settings: SettingsOption = None,
    device: Annotated[DeviceOption, typer.Option(help="Where to compute.")] = DeviceOption.auto,
    trust: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Find a learning rate: the rate grows step by step until the loss no longer falls."""
    chosen = open_to_try(project, settings, trusted=trust)
    with err().status("Trying learning rates"):
        from engine.training.rate_finder import find_rate

        found = find_rate(chosen, device.value)
    if found.problem:
        raise RunError("The learning rates could not be tried", why=found.problem)
    if json:
        print_object(found)
    else:
        _print(found)
    raise typer.Exit(0 if found.suggestion is not None else 1)


def _print(found: RateTested) -> None:
    console = out()
    lowest = min(zip(found.losses, found.rates, strict=True))
    console.print(
        f"{number(len(found.rates))} rates from {found.rates[0]:g} to {found.rates[-1]:.3g}: "
        f"loss from {figure(found.losses[0])} down to {figure(lowest[0])} at {lowest[1]:.2g}",
        soft_wrap=True,
    )
    if found.suggestion is None:
        console.print("The loss hardly falls at any rate: nothing can be suggested.", style="bold")
        return
    console.print(f"Suggested: {found.suggestion:g}, where the loss falls fastest", style="bold")
    console.print(f"Use it with --set learning_rate={found.suggestion:g}", soft_wrap=True)
