"""``layerloom speed``: what other ways to compute the steps of a project gain on this machine."""

from typing import Annotated

import typer
from rich.table import Table

from app.cli.arguments import JsonOption, ProjectArgument, SettingsOption
from app.cli.own_code import TrustOption
from app.cli.printing import err, out, print_object, table
from app.cli.train import DeviceOption
from app.cli.trying import open_to_try
from app.cli.words import brief, number
from engine.training.gains import GainsMeasured
from nodes.errors import RunError


def speed(
    project: ProjectArgument,
    *,
    settings: SettingsOption = None,
    device: Annotated[DeviceOption, typer.Option(help="Where to compute.")] = DeviceOption.auto,
    trust: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Measure what threads, channels last, bf16 and torch.compile gain before a run."""
    chosen = open_to_try(project, settings, trusted=trust)
    with err().status("Trying ways to compute a step"):
        from engine.training.gaining import measure_gains

        found = measure_gains(chosen, device.value)
    if found.problem:
        raise RunError("The ways could not be tried", why=found.problem)
    if json:
        print_object(found)
    else:
        _print(chosen.name, found)


def _print(name: str, found: GainsMeasured) -> None:
    console = out()
    console.print(name, style="bold")
    console.print(_rows(found))
    console.print(
        f"On {found.device}, {number(found.samples)} samples a batch: {brief(found.step_seconds)} "
        "forward and back in single precision. Each is tried by itself.",
        soft_wrap=True,
    )
    console.print("Take what pays with --set fastest=true; threads are chosen by every run.")


def _rows(found: GainsMeasured) -> Table:
    made = table("way", "a step", "times as fast", "pays", "", numbers=("a step", "times as fast"))
    for gain in found.gains:
        seconds = "" if gain.seconds is None else brief(gain.seconds)
        times = "" if gain.times is None else f"{gain.times:.2f}"
        made.add_row(gain.title, seconds, times, "yes" if gain.pays else "", gain.note)
    return made
