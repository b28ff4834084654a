"""``layerloom replay``: a run is trained again, to see that it comes out the same."""

from typing import TYPE_CHECKING

import typer

from app.cli.arguments import JsonOption, RunArgument, find_run
from app.cli.own_code import TrustOption, settle_run
from app.cli.printing import err, out, print_object
from app.cli.words import number
from engine.training.events import RunStarted, StepEnded, TrainingEvent

if TYPE_CHECKING:
    from rich.status import Status

    from engine.training.replaying import Replay


def replay(run: RunArgument, *, trust: TrustOption = False, json: JsonOption = False) -> None:
    """Train a run again and say to which step it comes out the same, to the last bit."""
    folder = find_run(run)
    settle_run(folder, trusted=trust)
    with err().status("Loading torch") as status:
        from engine.training.replaying import train_again

        found = train_again(folder, _Follower(status).show)
    if json:
        print_object(found)
    else:
        _print(found)
    raise typer.Exit(0 if found.differs_at is None else 1)


class _Follower:
    """Says how far the new run is."""

    def __init__(self, status: "Status") -> None:
        self._status = status
        self._steps = 0

    def show(self, event: TrainingEvent) -> None:
        match event:
            case RunStarted():
                self._steps = event.steps
            case StepEnded():
                self._status.update(f"Step {number(event.step)} of {number(self._steps)}")
            case _:
                pass


def _print(found: "Replay") -> None:
    console = out()
    if found.differs_at is None:
        console.print(f"Identical to step {number(found.same_to)}", style="bold")
    else:
        console.print(f"Step {number(found.differs_at)} differs", style="bold")
        if found.recorded is not None:
            console.print(f"  loss recorded {found.recorded!r}, now {found.found!r}")
        if found.tensor:
            console.print(f"  first tensor that differs: {found.tensor}", soft_wrap=True)
    for line in found.surroundings:
        console.print(f"  {line}", style="dim", soft_wrap=True)
    console.print(f"Run folder: {found.run}", soft_wrap=True)
