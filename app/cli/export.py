"""``layerloom export``: a trained model, taken away and proven."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn

from app.cli.arguments import JsonOption, RunArgument, find_run
from app.cli.own_code import TrustOption, settle_run
from app.cli.printing import err, out, print_object
from app.cli.words import figure, size
from engine.export.job import ExportProgress, ExportResult, Target, export_run


class TargetOption(StrEnum):
    """What a model can be taken away as."""

    onnx = "onnx"
    source = "source"
    safetensors = "safetensors"


def export(
    run: RunArgument,
    to: Annotated[TargetOption, typer.Option("--to", help="What to make of it.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="The file, or for source the folder; into the run folder where not given.",
        ),
    ] = None,
    *,
    part: Annotated[
        str,
        typer.Option(metavar="NAME", help="One network of the drawing alone, such as a generator."),
    ] = "",
    trust: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Take a trained model away, checked against the live one."""
    folder = find_run(run)
    settle_run(folder, trusted=trust)
    result = export_with_bar(folder, to.value, output, part)
    if json:
        print_object(result)
    else:
        out().print(export_line(result), soft_wrap=True)


def export_with_bar(
    run: Path, to: Target, path: Path | None = None, part: str = ""
) -> ExportResult:
    """Export while a bar on standard error says what it is at.

    Raises:
        ExportError: The model cannot be taken away so.
    """
    console = err()
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=32))
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("Exporting", total=1.0)

        def show(message: ExportProgress) -> None:
            bar.update(task, description=message.text, completed=message.share)

        return export_run(run, to, path, progress=show, part=part)


def export_line(result: ExportResult) -> str:
    """Say where the model is and how it was proven."""
    return (
        f"{result.path}  {size(result.size_bytes)} · largest difference "
        f"{figure(result.largest_difference)} on {result.samples} samples"
    )
