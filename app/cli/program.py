"""The commands together, and what becomes of the errors they meet.

Exit codes: 0 where all went well, 1 where the person's project, data or model has a problem,
2 for a command that cannot be meant, 70 for a mistake in Layerloom, 130 after Ctrl+C.
"""

import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from app.cli.arguments import load_named
from app.cli.check import check
from app.cli.code import code
from app.cli.data import data
from app.cli.doctor import doctor, installed_version
from app.cli.evaluate import evaluate
from app.cli.export import export
from app.cli.new import new
from app.cli.predict import predict
from app.cli.printing import print_bug, print_error
from app.cli.profile import profile
from app.cli.rate import rate
from app.cli.replay import replay
from app.cli.report import report
from app.cli.resume import resume
from app.cli.runs import runs
from app.cli.show import show
from app.cli.speed import speed
from app.cli.templates import templates
from app.cli.train import train
from nodes.errors import LoomError, UsageError

_BUG = 70
_INTERRUPTED = 130

program = typer.Typer(
    name="layerloom",
    help=(
        "Draw a neural network, train it while looking into every layer, take it away as PyTorch "
        "or ONNX.\n\nWithout a command, [bold]layerloom \\[PROJECT][/bold] opens the window."
    ),
    rich_markup_mode="rich",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
for command in (
    templates,
    new,
    check,
    code,
    show,
    train,
    rate,
    profile,
    speed,
    resume,
    replay,
    evaluate,
    predict,
    export,
    runs,
    report,
    doctor,
):
    program.command(command.__name__)(command)
program.add_typer(data, name="data")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"Layerloom {installed_version('layerloom') or 'run from its source'}")
        raise typer.Exit


@program.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="The version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Print tracebacks, as LAYERLOOM_DEBUG=1 does.")
    ] = False,
) -> None:
    # Both are acted on before this is called; they stand here to be listed and understood.
    del version, debug


def run(words: Sequence[str]) -> int:
    """Carry out a command and return the exit code."""

    def carry_out() -> None:
        program(args=list(words), prog_name="layerloom")

    return _answering_for(carry_out, json="--json" in words)


def run_without_window(project: Path | None, reason: LoomError) -> int:
    """Train in the terminal because no window can be opened here."""

    def carry_out() -> None:
        from app.cli.starter import run_starter

        raise SystemExit(run_starter(project, reason))

    return _answering_for(carry_out, json=False)


def say_missing(project: Path) -> int:
    """Say that a project that the window should open is not there, and return the exit code."""

    def carry_out() -> None:
        load_named(project)

    return _answering_for(carry_out, json=False)


def _answering_for(carry_out: Callable[[], None], *, json: bool) -> int:
    """Turn whatever a command ends with into an exit code; every error is printed once."""
    for stream in (sys.stdout, sys.stderr):
        # Where the terminal speaks another encoding, "×" must not end the command.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        carry_out()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except LoomError as error:
        print_error(error, json=json)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as bug:  # noqa: BLE001 - the last place that can say what happened
        print_bug(bug)
        return _BUG
    return 0
